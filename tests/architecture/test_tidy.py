"""Every source file keeps the limits of docs/STYLE.md; there is no list of exceptions."""

from pathlib import Path, PurePath

import pytest

from tests.architecture.tidiness import check_text, python_functions, rust_functions

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path.relative_to(ROOT)
    for folder, pattern in [
        ("src", "*.py"),
        ("src", "*.pyi"),
        ("tests", "*.py"),
        ("native", "*.rs"),
    ]
    for path in (ROOT / folder).rglob(pattern)
)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_file_is_tidy(path: Path) -> None:
    assert check_text(path, (ROOT / path).read_text(encoding="utf-8")) == []


def test_the_listing_sees_both_languages() -> None:
    assert {path.suffix for path in FILES} == {".py", ".pyi", ".rs"}


@pytest.mark.parametrize("name", ["src/utils.py", "native/core/src/lib.rs", "tests/helpers.py"])
def test_vague_names_are_found(name: str) -> None:
    assert len(check_text(PurePath(name), "")) == 1


def test_long_files_are_found() -> None:
    assert check_text(PurePath("a.py"), "x = 1\n" * 501) == [
        "file must have at most 500 lines, found 501"
    ]


@pytest.mark.parametrize("sign", ["#", "//", "    //"])
def test_banners_are_found_in_both_languages(sign: str) -> None:
    suffix = ".py" if sign == "#" else ".rs"
    assert check_text(PurePath("a" + suffix), f"{sign} {'-' * 20}\n") == [
        "line 1: a comment is a sentence, not a banner"
    ]


def test_an_open_point_names_its_issue() -> None:
    good, bad = "TODO(#12): widen.", "TODO: widen."
    assert check_text(PurePath("a.rs"), f"// {good}\n") == []
    assert len(check_text(PurePath("a.rs"), f"// {bad}\n")) == 1


def test_paths_of_one_machine_are_found() -> None:
    folder = "/" + "work"
    assert len(check_text(PurePath("a.py"), f'F = "{folder}/x"\n')) == 1


def test_long_python_functions_are_found_and_docstrings_are_free() -> None:
    body = "    x = 1\n" * 70
    assert python_functions(f'def f():\n    """Do.\n\n    More.\n    """\n{body}') == [("f", 1, 70)]
    assert len(check_text(PurePath("a.py"), f"def f():\n{body}    return x\n")) == 1


def test_rust_functions_are_measured_through_braces_in_strings_and_comments() -> None:
    text = (
        "fn first<'a>(x: &'a str) -> char {\n"
        "    // a brace } in a comment\n"
        '    let s = "}{";\n'
        '    let r = r#"}"#;\n'
        "\n"
        "    '}'\n"
        "}\n"
        "trait T { fn without_body(&self) -> [u8; 4]; }\n"
        "fn second() {}\n"
    )
    assert rust_functions(text) == [("first", 1, 5), ("second", 9, 1)]


def test_long_rust_functions_are_found() -> None:
    text = "fn long() {\n" + "    let _ = 1;\n" * 70 + "}\n"
    assert check_text(PurePath("a.rs"), text) == [
        "line 1: function long must have at most 70 code lines, found 72"
    ]
