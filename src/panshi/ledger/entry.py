"""One record of the ledger, and the SM3 digest that binds it to all records before it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import astuple, dataclass, fields, replace
from typing import Final

from panshi.domain.errors import BadInputError

FORMAT: Final = "panshi-ledger-1"
"""Begins what is hashed, so that a later form of the record cannot pass for this one."""
GENESIS: Final = "0" * 64
"""What the first record names as the digest before it."""
UNKEEPABLE: Final = re.compile(r"[\x00-\x1f\ud800-\udfff]")
TABLE: Final = "event"
"""Name of the database table that keeps the ledger; its columns are the fields of `Entry`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, who did it, and its place in the chain.

    Two times, because a late record is allowed and must be seen to be late.

    Args:
        sequence: Place in the chain, from 1, without a hole.
        happened_ns: When it happened, nanoseconds since the Unix epoch.
        recorded_ns: When it was written down, nanoseconds since the Unix epoch.
        actor: Login name of the person, or the name of the process.
        organisation: Whose matter it is; blank for the whole installation.
        action: What was done, a dotted word such as `login.refused`.
        subject: What it was done to, as `kind:id`.
        data: More about it: the canonical JSON text of an object.
        previous: Digest of the record before, 64 hex digits.
        digest: SM3 over all fields above, 64 hex digits.
    """

    sequence: int
    happened_ns: int
    recorded_ns: int
    actor: str
    organisation: str
    action: str
    subject: str
    data: str
    previous: str
    digest: str


FIELDS: Final = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class Deed:
    """What an entry tells before it has its place in the chain; fields as in `Entry`."""

    happened_ns: int
    actor: str
    organisation: str
    action: str
    subject: str
    data: str


def write_data(values: dict[str, object]) -> str:
    """Return the one text that says these values: sorted keys, no blanks, no fractions.

    >>> write_data({"b": [1, None], "a": "中"})
    '{"a":"中","b":[1,null]}'

    Args:
        values: Strings, integers, booleans, None, and lists and objects of them.

    Returns:
        Canonical JSON.

    Raises:
        BadInputError: If a value is something else; a fraction has no one text.
    """
    _refuse_fractions(values, "data")
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _require_text("data", text)


def _require_text(name: str, text: str) -> str:
    """Refuse what a database or a file of lines would not give back as it was.

    A lone surrogate has no UTF-8, and PostgreSQL keeps no NUL.
    """
    if UNKEEPABLE.search(text):
        raise BadInputError(
            f"{name}: must be text without control characters and surrogates, found {text!r}"
        )
    return text


def _refuse_fractions(value: object, where: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise BadInputError(f"{where}: a key must be a string, found {key!r}")
            _refuse_fractions(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            _refuse_fractions(inner, f"{where}[{place}]")
    elif not (value is None or isinstance(value, str | int)):
        raise BadInputError(
            f"{where}: must be a string, an integer, true, false, null or a list or object of "
            f"them, found {value!r}"
        )


def chain(deed: Deed, previous: Entry | None, recorded_ns: int) -> Entry:
    """Give a deed its place behind the last record.

    Args:
        deed: What happened.
        previous: The last record; None when there is none yet.
        recorded_ns: Now, nanoseconds since the Unix epoch.

    Returns:
        The record to be written.

    Raises:
        BadInputError: If a text holds what cannot be kept as it is.
    """
    for name in ("actor", "organisation", "action", "subject", "data"):
        _require_text(name, getattr(deed, name))
    place = (1, GENESIS) if previous is None else (previous.sequence + 1, previous.digest)
    open_entry = Entry(
        sequence=place[0],
        happened_ns=deed.happened_ns,
        recorded_ns=recorded_ns,
        actor=deed.actor,
        organisation=deed.organisation,
        action=deed.action,
        subject=deed.subject,
        data=deed.data,
        previous=place[1],
        digest="",
    )
    return replace(open_entry, digest=compute_digest(open_entry))


def compute_digest(entry: Entry) -> str:
    """Return the SM3 digest of everything that a record says.

    Args:
        entry: The record; its own digest is not looked at.

    Returns:
        64 hex digits.

    Source:
        GM/T 0004-2012 (SM3), by the cryptographic library of the interpreter.
    """
    content = json.dumps([FORMAT, *astuple(entry)[:-1]], ensure_ascii=False, separators=(",", ":"))
    return hashlib.new("sm3", content.encode()).hexdigest()
