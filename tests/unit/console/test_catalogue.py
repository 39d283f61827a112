"""Every Chinese text that a person reads has its English beside it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3] / "src/panshi/console"
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
NAMES = {"_", "gettext", "gettext_lazy", "pgettext", "ngettext"}
TRANSLATE = re.compile(r"""{%\s*translate\s+(?:"([^"]*)"|'([^']*)')[^%]*%}""")
CHINESE = re.compile(r"[㐀-鿿]")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


def texts_of_python(text: str) -> set[str]:
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in NAMES
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def texts_of_template(text: str) -> set[str]:
    return {double or single for double, single in TRANSLATE.findall(text)}


def texts() -> set[str]:
    found = set[str]()
    for path in ROOT.rglob("*.py"):
        found |= texts_of_python(path.read_text(encoding="utf-8"))
    for path in (ROOT / "web/templates").rglob("*.html"):
        found |= texts_of_template(path.read_text(encoding="utf-8"))
    return found


def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as opened:
        catalogue = read_po(opened, abort_invalid=True)
    return {str(m.id): str(m.string) for m in catalogue if m.id and not m.fuzzy}


def test_each_text_has_its_english() -> None:
    found, told = texts(), english()
    assert len(found) > 40
    assert sorted(found - told.keys()) == [], "translate these in the catalogue"
    assert sorted(told.keys() - found) == [], "nobody says these any more"
    assert [text for text, word in told.items() if not word or CHINESE.search(word)] == []


def test_translations_keep_the_places_for_values() -> None:
    wrong = [
        text
        for text, word in english().items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(word))
    ]
    assert wrong == []


def test_templates_have_no_chinese_outside_of_translations() -> None:
    found = {}
    for path in (ROOT / "web/templates").rglob("*.html"):
        rest = TRANSLATE.sub("", path.read_text(encoding="utf-8"))
        if CHINESE.search(rest):
            found[str(path.relative_to(ROOT))] = CHINESE.findall(rest)
    assert found == {}


def test_both_kinds_of_sources_are_read() -> None:
    assert texts_of_python('x = _("变更") + gettext_lazy("事件")') == {"变更", "事件"}
    assert texts_of_template("""{% translate "变更" %} {% translate '事件' as x %}""") == {
        "变更",
        "事件",
    }
