"""The XML files of SZSE: one record for a security, parsed without entities or document types.

Source: SZSE data file exchange 1.42 (2025-08), chapters 2.5 and 3: UTF-8, case-sensitive names,
one `security` record for a security; elements that a reader does not know are to be ignored.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from panshi.domain.errors import BadRecordError
from panshi.domain.units import parse_scaled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE_MAX = 256 * 1024 * 1024
"""Largest file that is read: the whole market takes a few tens of MiB."""

RECORD = "security"


class DocumentTypeError(Exception):
    """The document declares a type, which is where entity bombs live."""


def iterate_records(path: Path) -> Iterator[XmlRecord]:
    """Yield the security records of a file.

    Args:
        path: File to read; all of it is parsed before the first record comes.

    Yields:
        The records in the order of the file.

    Raises:
        BadRecordError: If the file is too large, no XML, has a document type or no record.
    """
    size = path.stat().st_size
    if size > SIZE_MAX:
        raise BadRecordError(path, 0, "", f"at most {SIZE_MAX} bytes", f"{size}")
    records = [one for one in _parse(path) if one.tag == RECORD]
    if not records:
        raise BadRecordError(path, 0, "", f"at least one {RECORD} below the root", "none")
    for number, record in enumerate(records, start=1):
        yield XmlRecord(path, number, record)


def _parse(path: Path) -> Element:
    """Parse with expat itself: a document type is refused where it begins, in any encoding."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except DocumentTypeError as error:
        raise BadRecordError(
            path, parser.CurrentLineNumber, "", "XML without a document type", "a document type"
        ) from error
    except expat.ExpatError as error:
        raise BadRecordError(path, error.lineno, "", "well-formed XML", str(error)) from error
    return builder.close()


def _refuse_document_type(*_declaration: object) -> NoReturn:
    raise DocumentTypeError


class XmlRecord:
    """One security's record; each reader names the record's number and the element."""

    def __init__(self, path: Path, number: int, element: Element) -> None:
        self.path = path
        self.number = number
        self.element = element

    def parts(self, name: str) -> Iterator[XmlRecord]:
        """Yield the elements of a name at any depth, as records of the same number."""
        for element in self.element.iter(name):
            yield XmlRecord(self.path, self.number, element)

    def text(self, name: str) -> str:
        """Return the text of an element that must be filled."""
        value = (self.element.findtext(name) or "").strip()
        if not value:
            raise BadRecordError(self.path, self.number, name, "filled", "nothing")
        return value

    def scaled(self, name: str, places: int) -> int:
        """Return a number that must not be negative, times 10**places."""
        value = self.text(name)
        try:
            number = parse_scaled(value, places)
        except ValueError as error:
            expected = f"a number of at most {places} places"
            raise BadRecordError(self.path, self.number, name, expected, repr(value)) from error
        if number < 0:
            raise BadRecordError(self.path, self.number, name, ">= 0", repr(value))
        return number

    def choice(self, name: str, words: tuple[str, ...]) -> str:
        """Return the text of an element that must be one of some words."""
        value = self.text(name)
        if value not in words:
            expected = f"one of {', '.join(words)}"
            raise BadRecordError(self.path, self.number, name, expected, repr(value))
        return value

    def flag(self, name: str) -> bool:
        """Return whether an element says Y and not N."""
        return self.choice(name, ("Y", "N")) == "Y"

    def date(self, name: str) -> dt.date:
        """Return a date YYYYMMDD."""
        value = self.text(name)
        try:
            return dt.datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError as error:
            expected = "a date YYYYMMDD"
            raise BadRecordError(self.path, self.number, name, expected, repr(value)) from error
