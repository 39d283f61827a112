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
`{"type": 58, "seq": 3, "message": "NewOrderSingle", "fields": {...}}`.

- Integers are unscaled; text is without the spaces on its right; text that is not UTF-8 is
  `{"hex": "..."}`.
- `seq` is the sequence number of a Shanghai header; Shenzhen headers have none. Left out, it is 1.
- `message` is the name in the specification. Kinds with several types share a name: both Shanghai
  execution reports (32, 103) are `ExecutionReport`; in Shenzhen every `1xxx01` is `NewOrder`, every
  `2xxx02` is `Confirm`, every `2xxx15` is `Fill`. The type tells them apart and is needed to
  encode them.
- A group is a list of objects under the name of its count field; where an entry has one column, a
  list of values under that column's name. The count itself is not repeated.
- `extra` holds, in hex digits, bytes behind the known fields, and the body of an unknown type
  (`message` is then `Unknown`). Receivers ignore both and log them.
- Encoding gives a field that is left out its default: 0 or spaces.
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


def encode_line(protocol: Protocol, line: str) -> str:
    """Turn a message's JSON object back into hex digits.

    Args:
        protocol: The gateway that speaks it.
        line: The JSON object as `decode_line` gives it; fields may be left out.

    Returns:
        The hex digits of the whole message.

    Raises:
        BadInputError: If the object is no message; the text says where it is wrong.
    """
    return _native.wire_encode_line(protocol, line)


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
