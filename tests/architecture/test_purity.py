"""The pure crates can do nothing but compute: the compiler and this page see to it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = ["wire", "engine"]
# The text form of a message is JSON; nothing else is needed to compute.
LIBRARIES = {"wire": {"serde_json"}, "engine": set[str]()}
DENIED = ["unwrap_used", "expect_used", "panic", "indexing_slicing", "float_arithmetic"]
# Files, sockets, clocks, threads, chance, and maps whose order differs from run to run.
IMPURE = re.compile(
    r"\bstd::(?:env|fs|io|net|process|thread|time)\b|\b(?:Instant|SystemTime|HashMap|HashSet)\b"
)


def _sources(crate: str) -> list[Path]:
    return sorted((ROOT / "native" / crate / "src").rglob("*.rs"))


def _without_tests(text: str) -> str:
    code = re.sub(r"//[^\n]*", "", text)
    return code.split("#[cfg(test)]\nmod ", maxsplit=1)[0]


def impure_words(text: str) -> list[str]:
    """Return the words in a Rust text, its tests and comments left out, that reach outside."""
    return IMPURE.findall(_without_tests(text))


@pytest.mark.parametrize("crate", PURE)
def test_a_pure_crate_forbids_unsafe_and_denies_what_panics(crate: str) -> None:
    text = (ROOT / "native" / crate / "src/lib.rs").read_text(encoding="utf-8")
    assert "#![forbid(unsafe_code)]" in text
    denied = re.search(r"^#!\[deny\(([^)]*)\)", text, re.MULTILINE)
    assert denied is not None
    assert [lint for lint in DENIED if f"clippy::{lint}" not in denied.group(1)] == []


@pytest.mark.parametrize("crate", PURE)
def test_a_pure_crate_reaches_nothing_outside(crate: str) -> None:
    sources = _sources(crate)
    assert sources
    found = {
        str(path.relative_to(ROOT)): words
        for path in sources
        # A crate's own measurement reads the clock; nothing else in the crate calls it.
        if "bench" not in (path.stem, path.parent.name)
        and "tests" not in path.relative_to(ROOT).parts
        and (words := impure_words(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("crate", PURE)
def test_a_pure_crate_depends_on_no_library_that_acts(crate: str) -> None:
    manifest = (ROOT / "native" / crate / "Cargo.toml").read_text(encoding="utf-8")
    section = manifest.split("[dependencies]")[1].split("\n[")[0]
    names = set(re.findall(r"^([\w-]+)", section, re.MULTILINE))
    assert {name for name in names if not name.startswith("panshi-")} == LIBRARIES[crate]


def test_impure_words_are_found_outside_tests_and_comments() -> None:
    assert impure_words("use std::time::Instant;\n") == ["std::time", "Instant"]
    assert impure_words("// std::fs is not used.\nfn f() {}\n") == []
    assert impure_words("fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }\n") == []
