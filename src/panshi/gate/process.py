"""Serving a gate and asking one: the native call, and the control socket of a running gate."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panshi import _native
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panshi.gate.config import GateConfig

ANSWER_BYTES_MAX = 4 << 20
SOCKET_PATIENCE_S = 5.0
"""Longest wait for the socket that takes stops; its thread answers within two seconds."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay of a journal found; `difference` is None when every output was equal."""

    inputs: int
    outputs: int
    hashes: int
    state_hash: int
    difference: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot beside a journal; `trouble` says why a start would pass it over."""

    sequence: int
    size: int
    trouble: str | None


def serve(config: GateConfig, day: bytes) -> tuple[int, int]:
    """Serve a gate until it is told to stop by a signal or a command; no Python runs meanwhile.

    Args:
        config: How it runs.
        day: Reference records of the day.

    Returns:
        Orders received and the last sequence of the journal.

    Raises:
        BadInputError: If the gate cannot start.
        HaltedError: If it had to end because of its journal.
    """
    return _native.gate_serve(config.model_dump_json(exclude_none=True), day)


def replay(journal: Path, capacity: Mapping[str, int] | None = None) -> Replay:
    """Apply a journal to a fresh engine and compare every output.

    Args:
        journal: Directory of the journal.
        capacity: Table sizes that differ from the default, as the gate had them.

    Returns:
        What was found.

    Raises:
        BadInputError: If the journal cannot be read.
    """
    return Replay(*_native.gate_replay(journal, json.dumps(dict(capacity or {}))))


def list_snapshots(journal: Path, capacity: Mapping[str, int] | None = None) -> list[Snapshot]:
    """Read every snapshot beside a journal and hold it against the journal.

    Args:
        journal: Directory of the journal.
        capacity: Table sizes that differ from the default, as the gate had them.

    Returns:
        The snapshots, newest first.

    Raises:
        BadInputError: If the capacity names a table that does not exist.
    """
    found = _native.gate_snapshots(journal, json.dumps(dict(capacity or {})))
    return [Snapshot(*row) for row in found]


def stop(config: GateConfig, request: Mapping[str, object]) -> tuple[dict[str, Any], bool]:
    """Stop a part of the market, by the gate's own socket or, without an answer, by its latch.

    Args:
        config: How the gate runs.
        request: `set-state` or `isolate` with what it needs.

    Returns:
        The answer, and whether the latch was written because the socket did not answer.

    Raises:
        BadInputError: If the request is no stop, or the gate does not know what is to be stopped.
    """
    if config.stop.socket is not None:
        with contextlib.suppress(OSError):
            return ask(Path(config.stop.socket), request, SOCKET_PATIENCE_S), False
    return json.loads(_native.gate_stop(config.latch, json.dumps(dict(request)))), True


def ask(path: Path, request: Mapping[str, object], timeout_s: float = 10) -> Any:  # noqa: ANN401 - the answer's shape depends on the verb
    """Send one request to a running gate's control socket and return the result.

    Args:
        path: The control socket.
        request: Verb and what it needs; changing verbs need `who` and `why`.
        timeout_s: Longest wait for the answer, in seconds.

    Returns:
        The result as JSON values.

    Raises:
        BadInputError: If the gate refuses the request.
        OSError: If no gate serves the socket.
    """
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(timeout_s)
        try:
            peer.connect(str(path))
        except OSError as error:
            raise OSError(error.errno, f"control {path}: no gate serves it: {error}") from error
        peer.sendall(json.dumps(dict(request)).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n") and len(answer) < ANSWER_BYTES_MAX:
            part = peer.recv(65_536)
            if not part:
                break
            answer += part
    if not answer:
        raise BadInputError(f"control {path}: the gate closed the connection without an answer")
    parsed = json.loads(answer)
    if not parsed.get("ok"):
        raise BadInputError(f"control {path}: {parsed.get('error')}")
    return parsed["result"]
