"""What the documents promise exists: linked files, targets, commands, dependencies."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from panshi.cli.docs import pages
from panshi.gate.engine import load_reasons

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
)
READMES = ["README.md", "README.zh-CN.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MAKE = re.compile(r"`?make ([a-z-]+)")
PANSHI = re.compile(r"`(?:bin/x )?panshi ([a-z]+)")


def _text(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(_text(document)) if "://" not in link]
    missing = [t for t in targets if t and not (ROOT / document.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("readme", READMES)
def test_make_targets_of_the_readme_exist(readme: str) -> None:
    named = set(MAKE.findall(_text(readme)))
    assert {"demo", "test"} <= named
    assert named <= set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))


def test_pages_that_are_made_from_the_code_say_what_it_says() -> None:
    made = pages()
    assert [str(path) for path, text in made.items() if _text(path) != text] == [], "run make docs"
    assert len(made) >= 4


def test_commands_of_the_documents_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "panshi.cli.main", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    offered = set(re.findall(r"^  ([a-z]+) ", done.stdout, re.MULTILINE))
    named = {command for document in DOCUMENTS for command in PANSHI.findall(_text(document))}
    assert named
    assert named <= offered


def test_both_readmes_name_the_same_commands() -> None:
    english, chinese = (set(MAKE.findall(_text(readme))) for readme in READMES)
    assert english == chinese


def test_each_direct_dependency_has_its_line() -> None:
    page = _text("docs/decisions/dependencies.md")
    listed = set(re.findall(r"^\| ([\w@/.-]+) \|", page, re.MULTILINE))
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    declared = [*project["dependencies"]]
    declared += [
        line
        for name in ("locks/dev.in", "locks/uv.in")
        for line in _text(name).splitlines()
        if line and not line.startswith("#")
    ]
    python = {re.split(r"[^\w-]", line)[0] for line in declared}
    crates = {
        name
        for manifest in [ROOT / "Cargo.toml", *(ROOT / "native").glob("*/Cargo.toml")]
        for name in _crates(tomllib.loads(manifest.read_text(encoding="utf-8")))
    }
    assert {"pyo3"} <= crates
    npm = set(json.loads(_text("locks/npm/package.json"))["dependencies"])
    needed = {name for name in python | crates | npm if not name.startswith("panshi-")}
    assert listed - {"package", "crate", "---"} == needed


def _crates(manifest: dict[str, dict[str, object]]) -> set[str]:
    tables = ("dependencies", "dev-dependencies", "build-dependencies")
    return {name for table in tables for name in manifest.get(table, {})}


def test_the_glossary_has_a_chinese_term_for_each_word() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", _text("docs/GLOSSARY.md"), re.MULTILINE)
    words = [row for row in rows if row[0] not in {"word", "---"}]
    names = [word for word, _, _ in words]
    assert len(words) >= 80
    assert sorted(names) == sorted(set(names))
    assert [word for word, term, _ in words if not re.search(r"[一-鿿]|T\+1", term)] == []


SOURCES = ROOT / "native" / "gate" / "src"
CONSTANT = re.compile(r"^pub const ([A-Z_]+): \w+ = (\d+);", re.MULTILINE)


def _codes(protocol: str) -> dict[str, str]:
    return dict(CONSTANT.findall(_text(f"native/wire/src/{protocol}/code.rs")))


def _given(protocol: str) -> set[str]:
    """Return the codes of a protocol that the gate's sources use."""
    named = re.compile(rf"(?<![a-z]){protocol}::code::([A-Z_]+)")
    own = re.compile(r"(?<!::)\bcode::([A-Z_]+)")
    names = {
        name
        for path in SOURCES.glob("*.rs")
        for name in named.findall(path.read_text(encoding="utf-8"))
    }
    client = (SOURCES / f"client_{protocol}.rs").read_text(encoding="utf-8")
    return {_codes(protocol)[name] for name in names | set(own.findall(client))}


@pytest.mark.parametrize(("protocol", "prefix"), [("sse", ""), ("szse", "SZSE ")])
def test_the_runbook_has_every_session_code_that_the_gate_gives(protocol: str, prefix: str) -> None:
    section = _text("docs/operations/gate.md").split("\n## 6. ")[1].split("\n### ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    given = _given(protocol)
    assert len(given) >= 6
    told = {
        code
        for cell in cells
        if (prefix in cell if prefix else "SZSE" not in cell)
        for code in re.findall(r"\d+", cell)
    }
    assert given - told == set()


def test_the_runbook_has_every_code_of_the_gate_itself() -> None:
    section = _text("docs/operations/gate.md").split("\n## 6. ")[1].split("\n### ")[0]
    own = {str(reason.code) for reason in load_reasons() if reason.code >= 33_001}
    assert {code for code in own if code not in section} == set()
