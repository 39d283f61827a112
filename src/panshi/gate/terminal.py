"""Client terminal information (客户交易终端信息): parsed, judged, and kept encrypted.

The text names a person's devices and addresses. It stays in one store, each row sealed with a key
that lies in a file of its own; the engine learns number, kind and validity only, and every order
in the journal names the number.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panshi import _native
from panshi.domain.errors import BadInputError, BadRecordError
from panshi.domain.words import SCOPES
from panshi.gate.private_file import read_private

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from panshi.rulebook.book import RulesInForce

KINDS: Final = {"PC": 1, "MA": 2, "MI": 3, "TO": 4, "OH": 5}
"""Kind of terminal as the engine numbers it: PC, Android, iOS, telephone, other host."""

UNREADABLE: Final = "NA"
"""What stands for an item that the terminal could not read; its key stays."""

FORMS: Final = {
    "IIP": (re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}"), "an IPv4 address"),
    "LIP": (re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}"), "an IPv4 address"),
    "IPORT": (re.compile(r"[0-9]{1,5}"), "a port"),
    "MAC": (re.compile(r"[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}"), "a MAC address"),
    "TEL": (re.compile(r"\+?[0-9]{3,20}"), "a telephone number"),
}
"""Forms of items that have one; others must not be one of the placeholders seen in practice."""

_NOT_DIRTY: Final = re.compile(r"(?!(?i:unknown)$|\[\*\]$).+")
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class TerminalRules:
    """What a text must hold on a trade date: keys by kind, and its longest length."""

    mandatory: dict[str, tuple[str, ...]]
    length_max: int


def load_terminal_rules(rules: RulesInForce) -> TerminalRules:
    """Return what a terminal's text must hold.

    Args:
        rules: Rules of the trade date.

    Returns:
        The rules, which are the same for every market and product.

    Raises:
        RuleMissingError: If a row is not in force.

    Source:
        docs/rules/permissions.md: terminal.*.mandatory, terminal.length_max.
    """
    scope = SCOPES[0]
    return TerminalRules(
        {kind: rules.words(f"terminal.{kind.lower()}.mandatory", scope) for kind in KINDS},
        rules.integer("terminal.length_max", scope),
    )


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal's text in parts; `faults` say what keeps it from being valid."""

    kind: str
    items: dict[str, str]
    extension: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether every mandatory item is there and well formed."""
        return not self.faults


def parse_terminal(text: str, rules: TerminalRules) -> Terminal:
    """Parse and judge a terminal's text.

    >>> rules = TerminalRules({"TO": ("TEL",)}, 256)
    >>> parse_terminal("TO;TEL=02112345678@a;b", rules).extension
    ('a', 'b')

    Args:
        text: Kind, then `KEY=value` items between semicolons, then `@` and extensions.
        rules: What the text must hold on the trade date.

    Returns:
        The parts; an unknown kind or a part without `=` is a fault, not an error.

    Source:
        证保发〔2020〕9号 and T/SZSSA 0003-2023 as seen in broker interfaces.
    """
    body, _, extension = text.strip().partition("@")
    kind, *parts = body.split(";")
    faults = [] if kind in KINDS else [f"kind must be one of {', '.join(KINDS)}, found {kind!r}"]
    items: dict[str, str] = {}
    for part in parts:
        key, sign, value = part.partition("=")
        if not sign or not key.isalnum():
            faults.append("an item must be KEY=value")
        elif key in items:
            faults.append(f"{key} must be named once")
        else:
            items[key] = value.strip()
    faults += [
        f"{key} must be named, {UNREADABLE} where it cannot be read"
        for key in rules.mandatory.get(kind, ())
        if not items.get(key)
    ]
    faults += [fault for key, value in items.items() if (fault := _judge(key, value))]
    if len(text.strip()) > rules.length_max:
        faults.append(f"the text must have at most {rules.length_max} characters")
    return Terminal(kind, items, tuple(extension.split(";")) if extension else (), tuple(faults))


def _judge(key: str, value: str) -> str | None:
    if value in {"", UNREADABLE}:
        return None
    form, words = FORMS.get(key, (_NOT_DIRTY, "its value"))
    fits = form.fullmatch(value) is not None
    if key in {"IIP", "LIP"}:
        fits = fits and all(int(part) < 1 << 8 for part in value.split("."))
    if key == "IPORT":
        fits = fits and 0 < int(value) < 1 << 16
    return None if fits else f"{key} must be {words} or {UNREADABLE}"


def load_key(path: Path) -> bytes:
    """Load the key of the store.

    Args:
        path: File of 64 hexadecimal digits that only its owner may read.

    Returns:
        The key.

    Raises:
        BadInputError: If others may read the file or it holds no key.
        OSError: If the file cannot be read.
    """
    text = read_private(path)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadInputError(f"{path}: must hold {2 * _KEY_BYTES} hexadecimal digits")
    return key


def write_key(path: Path) -> None:
    """Write a fresh key to a new file that only its owner may read.

    Args:
        path: The file; it must not exist.

    Raises:
        OSError: If it exists or cannot be written.
    """
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(secrets.token_hex(_KEY_BYTES) + "\n", encoding="ascii")


def seal_rows(path: Path, key: bytes, rules: TerminalRules) -> Iterator[tuple[int, Terminal, str]]:
    """Read terminals and seal their texts.

    Args:
        path: One terminal a line: its number, a tab, its text.
        key: Key of the store.
        rules: What a text must hold on the trade date.

    Yields:
        Number, parts, and the line for the store.

    Raises:
        BadRecordError: If a line names no number or one that came before.
    """
    seen: set[int] = set()
    for line, content in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        number_text, tab, text = content.partition("\t")
        number = int(number_text) if number_text.isdecimal() else 0
        if not tab or not 0 < number < 1 << 32:
            raise BadRecordError(path, line, "number", "a number from 1, a tab, the text", "none")
        if number in seen:
            raise BadRecordError(path, line, "number", "a number named once", number_text)
        seen.add(number)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _native.gate_seal(key, nonce, str(number).encode(), text.encode())
        row = {"terminal": number, "nonce": nonce.hex(), "sealed": sealed.hex()}
        yield number, parse_terminal(text, rules), json.dumps(row)


def open_store(lines: Iterable[str], key: bytes) -> dict[int, str]:
    """Decrypt a store, for an inspection that a person has to justify.

    Args:
        lines: Lines of the store.
        key: Its key.

    Returns:
        Texts by terminal number.

    Raises:
        BadInputError: If a row was changed or sealed with another key.
    """
    texts = {}
    for line in lines:
        row = json.loads(line)
        number = int(row["terminal"])
        nonce, sealed = bytes.fromhex(row["nonce"]), bytes.fromhex(row["sealed"])
        text = _native.gate_unseal(key, nonce, str(number).encode(), sealed)
        texts[number] = text.decode()
    return texts
