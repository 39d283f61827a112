"""Which licences the product's dependencies may have, and a reader of what they declare."""

import json
import re
import subprocess
from importlib import metadata
from pathlib import Path

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Python-2.0",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    }
)

# A Python package stays files of its own that whoever runs the product can replace, which is what
# these licences ask for. What is linked into the extension may not have them.
REPLACEABLE = frozenset({"LGPL-3.0-only"})

# Older packages state a licence in words instead of an SPDX expression.
WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}

TOKEN = re.compile(r"\(|\)|[^\s()]+(?:\s+WITH\s+[^\s()]+)?")


def is_allowed(expression: str, also: frozenset[str] = frozenset()) -> bool:
    """Return whether an SPDX expression leaves a choice that is allowed throughout.

    `also` names licences that are allowed for this sort of package beside the list.

    `A OR B` holds when one side does, `A AND B` when both do; AND binds closer. A slash is how
    old crates write OR.
    """
    tokens = TOKEN.findall(expression.replace("/", " OR "))
    try:
        held = _either(tokens, ALLOWED | also)
    except IndexError:
        return False
    return held and not tokens


def _either(tokens: list[str], allowed: frozenset[str]) -> bool:
    held = _both(tokens, allowed)
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        held = _both(tokens, allowed) or held
    return held


def _both(tokens: list[str], allowed: frozenset[str]) -> bool:
    held = _one(tokens, allowed)
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        held = _one(tokens, allowed) and held
    return held


def _one(tokens: list[str], allowed: frozenset[str]) -> bool:
    word = tokens.pop(0)
    if word != "(":
        return word in allowed
    held = _either(tokens, allowed)
    tokens.pop(0)
    return held


def rust_licences(root: Path) -> dict[str, str]:
    """Return the declared licence of each crate that is built for this platform."""
    done = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    described = json.loads(done.stdout)
    return {
        f"{package['name']} {package['version']}": package["license"] or "none declared"
        for package in described["packages"]
    }


def python_licences() -> dict[str, str]:
    """Return the declared licence of each package that is installed beside this one."""
    found = {}
    for package in metadata.distributions():
        about = package.metadata.json
        stated = str(
            about.get("license_expression")
            or _from_classifiers(about.get("classifier", []))
            or about.get("license")
            or "none declared"
        )
        found[f"{package.name} {package.version}"] = WORDS.get(stated.strip().lower(), stated)
    return found


def frontend_licences(root: Path) -> dict[str, str]:
    """Return the declared licence of each package of npm's lock."""
    lock = json.loads((root / "locks/npm/package-lock.json").read_text(encoding="utf-8"))
    return {
        f"{path.removeprefix('node_modules/')} {package['version']}": package.get(
            "license", "none declared"
        )
        for path, package in lock["packages"].items()
        if path
    }


def _from_classifiers(classifiers: str | list[str]) -> str:
    names = [
        classifier.rsplit(" :: ", 1)[1]
        for classifier in classifiers
        if classifier.startswith("License :: OSI Approved :: ")
    ]
    return " OR ".join(WORDS.get(name.lower(), name) for name in names)
