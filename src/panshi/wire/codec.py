"""Messages of the exchanges' gateways as JSON objects, from the tables of the native code."""

from __future__ import annotations

import json
from typing import Any, Literal, TypeAlias, cast, get_args

from panshi import _native

Protocol: TypeAlias = Literal["sse", "szse"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)

PAGE_HEAD = """# Messages on the wire

This page is made from the code by `make docs`.

The native code describes each message once; its reader, its writer, the command `panshi wire` and
this page follow from that table. Integers are big-endian; text is padded with spaces on the right.

Text form, one object a line:
`{"type": 58, "message": "NewOrderSingle", "fields": {...}, "seq": 3}`.

- Integers are unscaled; text is without the spaces on its right; text that is not UTF-8 is
  `{"hex": "..."}`.
- `seq` is the sequence number of a Shanghai header; Shenzhen headers have none. Left out, `panshi
  wire encode` gives the number behind the line before, and 1 to the first.
- `message` is the name in the specification. Kinds with several types share a name: both Shanghai
  execution reports (32, 103) are `ExecutionReport`; in Shenzhen every `1xxx01` is `NewOrder`, every
  `2xxx02` is `Confirm`, every `2xxx15` is `Fill`. The type tells them apart and is needed to
  encode them.
- A group is a list of objects under the name of its count field; where an entry has one column, a
  list of values under that column's name. The count itself is not repeated.
- `extra` holds, in hex digits, bytes behind the known fields, and the body of a type that has no
  table here: `message` is then `Unknown`, and `note` says whether the specification names the type
  (quotes, votes and others are known by number only) or nobody does. Receivers ignore both and log
  them; encoding takes `extra` as it is and ignores `note`.
- Encoding gives a field that is left out its default, as the specifications do for fields that are
  not used: 0 or spaces; a group that is left out has no entries, one that may be absent is absent.
  A name, key or value that the message does not have is refused.

On the command line, `panshi wire decode` and `encode` read a file, or the standard input for `-`,
line by line: white space and letter case in hex digits do not matter, lines without text are passed
over, and a line holds exactly one message. A bad line does not stop the others; the error names
line, field and what must hold, as `{"error": "line 3: ..."}` with `--json`, and the command ends
with status 1. It ends with 0 when every line was good, also when there was none, and with 2 for
wrong usage or a file that cannot be read. A line above 1 MiB is a bad line.
"""

TITLES: dict[Protocol, str] = {
    "sse": "Shanghai gateway (SSE TDGW Binary, auction platform)",
    "szse": "Shenzhen gateway (SZSE Binary)",
}
FRAMES: dict[Protocol, str] = {
    "sse": """Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28); the draft v0.58
(2026-01-22) keeps all messages.

Frame: MsgType uint32, MsgSeqNum uint64, MsgBodyLen uint32, body, Checksum uint32 (sum of all bytes
before it, modulo 256). At most 4096 bytes in all.""",
    "szse": """Source: SZSE Binary trading interface v1.32 (2025-02).

Frame: MsgType uint32, BodyLength uint32, body, Checksum uint32 (sum of all bytes before it, modulo
256). The specification states no maximum; 64 KiB is our choice.""",
}


def decode_line(protocol: Protocol, line: str) -> str:
    """Show one message as a JSON object.

    Args:
        protocol: The gateway that speaks it.
        line: Hex digits of one whole message; white space is ignored.

    Returns:
        The JSON object on one line; `{"error": ...}` when the line is no message.
    """
    return _native.wire_decode_line(protocol, line)


def decode(protocol: Protocol, message: bytes) -> dict[str, Any]:
    """Return one message as plain values.

    Args:
        protocol: The gateway that speaks it.
        message: One whole message.

    Returns:
        The object described on the page of messages, or one with the key `error`.
    """
    return cast("dict[str, Any]", json.loads(decode_line(protocol, message.hex())))


def encode_line(protocol: Protocol, line: str, seq: int = 1) -> str:
    """Turn a message's JSON object back into hex digits.

    Args:
        protocol: The gateway that speaks it.
        line: The JSON object as `decode_line` gives it; fields may be left out.
        seq: Sequence number for a Shanghai header when the object gives none.

    Returns:
        The hex digits of the whole message.

    Raises:
        BadInputError: If the object is no message; the text says where it is wrong.
    """
    return _native.wire_encode_line(protocol, line, seq)


def next_sequence(protocol: Protocol, digits: str) -> int:
    """Return the sequence number of the message behind this one, from its header.

    Args:
        protocol: The gateway that speaks it.
        digits: Hex digits of a whole message.

    Returns:
        One more than the header's number, beginning again at 0 after the largest; 1 in Shenzhen,
        where headers have none.
    """
    return (int(digits[8:24], 16) + 1) % (1 << 64) if protocol == "sse" else 1


def encode(protocol: Protocol, message: dict[str, Any]) -> bytes:
    """Return the bytes of a message given as plain values.

    Args:
        protocol: The gateway that speaks it.
        message: The object described on the page of messages.

    Returns:
        The whole message.

    Raises:
        BadInputError: If the object is no message; the text says where it is wrong.
    """
    return bytes.fromhex(encode_line(protocol, json.dumps(message)))


def messages_page() -> str:
    """Return the page that describes every message of both gateways."""
    parts = [PAGE_HEAD]
    for protocol in PROTOCOLS:
        tables = _native.wire_markdown(protocol).rstrip()
        parts.append(f"## {TITLES[protocol]}\n\n{FRAMES[protocol]}\n\n{tables}\n")
    return "\n".join(parts)
