"""A bundle for whoever helps with a gate: what it is, what it did, what it says of itself.

No secret goes in: the configuration is written anew from its checked values, which name files and
hold no secret themselves, and nothing is packed in which the content of such a file is found.
"""

from __future__ import annotations

import io
import json
import platform
import sys
import tarfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.errors import BadInputError
from panshi.gate import journal
from panshi.gate.process import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.gate.config import GateConfig

QUESTIONS: Final = ("status", "states", "limits", "unknown", "day-end")
LOG_BYTES_MAX: Final = 64 << 20
RECORDS_MAX: Final = 100_000
"""Records that are packed when nobody names a range."""


def write_bundle(
    config: GateConfig, out: Path, from_sequence: int | None, to_sequence: int | None
) -> list[str]:
    """Pack versions, configuration, status, log and a range of the journal.

    Args:
        config: The gate's configuration; the gate may serve or not.
        out: The file to write.
        from_sequence: First record of the journal; None: the last hundred thousand.
        to_sequence: Last record; None: to the end.

    Returns:
        Names of what was packed.

    Raises:
        BadInputError: If a secret was about to be packed, or the journal cannot be read.
        OSError: If a file cannot be read or written.
    """
    secrets = list(_secrets(config))
    with tarfile.open(out, "x:gz") as archive:
        names = []
        for name, content in _members(config, from_sequence, to_sequence):
            if any(secret in content for secret in secrets):
                archive.close()
                out.unlink()
                raise BadInputError(f"{name}: must hold no secret of the gate, found one")
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
            names.append(name)
    out.chmod(0o600)
    return names


def _members(
    config: GateConfig, first: int | None, last: int | None
) -> Iterator[tuple[str, bytes]]:
    folder = Path(config.journal.dir)
    yield "versions.json", _json(_versions())
    yield "config.json", _json(config.model_dump(exclude_none=True))
    for verb in QUESTIONS:
        yield f"{verb}.json", _json(_answer(config, verb))
    if config.log is not None and Path(config.log).exists():
        yield "log.jsonl", Path(config.log).read_bytes()[-LOG_BYTES_MAX:]
    if folder.is_dir():
        checked = journal.verify(folder)
        found = {
            "records": checked.records,
            "live": checked.live,
            "findings": [str(finding) for finding in checked.findings],
            "segments": [asdict(row) for row in checked.segments],
        }
        yield "journal.json", _json(found)
        begin = first if first is not None else max(1, checked.records - RECORDS_MAX + 1)
        yield "journal.jsonl", _records(folder, begin, last)


def _versions() -> dict[str, str]:
    return {
        "panshi": version("panshi"),
        "python": sys.version,
        "machine": platform.platform(),
        "processor": platform.machine(),
    }


def _answer(config: GateConfig, verb: str) -> Any:  # noqa: ANN401 - the answer's shape depends on the verb
    """Return what a serving gate answers, or why it does not."""
    if config.control is None:
        return {"error": "the configuration names no control socket"}
    try:
        return ask(Path(config.control), {"verb": verb})
    except (OSError, BadInputError) as error:
        return {"error": str(error)}


def _records(folder: Path, first: int, last: int | None) -> bytes:
    """Return records in the journal's order, one JSON object a line."""
    rows = [
        (row["journal_sequence"], {"kind": name} | row)
        for name, table in journal.read(folder, from_sequence=first).items()
        for row in table.to_pylist()
        if last is None or row["journal_sequence"] <= last
    ]
    rows.sort(key=lambda row: row[0])
    return b"".join(_json(row) for _, row in rows)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_text).encode() + b"\n"


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _secrets(config: GateConfig) -> Iterator[bytes]:
    """Yield what stands in the files of secrets that a configuration names."""
    whole = [gateway.password_file for gateway in config.gateways]
    if config.claim.lease is not None:
        whole.append(config.claim.lease.password_file)
    whole.append(config.standby.secret)
    for name in whole:
        yield from (line.strip() for line in _lines(name) if line.strip())
    for listen in config.listen:
        for line in _lines(listen.passwords):
            # A client's name, its salt and its hash.
            yield from line.split()[1:]
    tls = [*(listen.tls for listen in config.listen), config.standby.publish_tls]
    for part in tls:
        for line in _lines(part.key if part else None):
            if line.strip() and not line.startswith(b"-----"):
                yield line.strip()


def _lines(name: str | None) -> list[bytes]:
    return Path(name).read_bytes().splitlines() if name and Path(name).exists() else []
