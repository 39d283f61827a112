"""Everything the product is built from has a licence that lets a firm use it."""

from pathlib import Path

import pytest

from tests.architecture.licences import (
    REPLACEABLE,
    frontend_licences,
    is_allowed,
    python_licences,
    rust_licences,
)

ROOT = Path(__file__).resolve().parents[2]


def test_every_crate_has_an_allowed_licence() -> None:
    found = rust_licences(ROOT)
    assert any(name.startswith("pyo3 ") for name in found)
    assert {name: stated for name, stated in found.items() if not is_allowed(stated)} == {}


def test_every_python_package_has_an_allowed_licence() -> None:
    found = python_licences()
    assert any(name.startswith("pydantic ") for name in found)
    refused = {
        name: stated for name, stated in found.items() if not is_allowed(stated, REPLACEABLE)
    }
    assert refused == {}


def test_every_frontend_package_has_an_allowed_licence() -> None:
    found = frontend_licences(ROOT)
    assert any(name.startswith("htmx.org ") for name in found)
    assert {name: stated for name, stated in found.items() if not is_allowed(stated)} == {}


def test_a_licence_for_replaceable_packages_is_allowed_for_them_only() -> None:
    assert is_allowed("LGPL-3.0-only", REPLACEABLE)
    assert not is_allowed("LGPL-3.0-only")
    assert not is_allowed("GPL-3.0-only", REPLACEABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR Apache-2.0",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
    ],
)
def test_allowed(expression: str) -> None:
    assert is_allowed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND LGPL-3.0-only",
        "none declared",
        "",
        "MIT OR",
        "(MIT",
        "MIT MIT",
    ],
)
def test_not_allowed(expression: str) -> None:
    assert not is_allowed(expression)
