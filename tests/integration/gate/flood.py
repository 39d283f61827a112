"""Many orders fast: one message is encoded, the others differ in their ids only."""

import json
import struct
from functools import cache

from panshi.wire.codec import encode_line
from tests.integration.conformance.wire_client import sse_order

ID_AT, ID_END = 28, 38


@cache
def _template() -> bytes:
    fields = sse_order("A000000000", BranchID="00001")
    message = {"type": 58, "seq": 1, "fields": fields}
    return bytes.fromhex(encode_line("sse", json.dumps(message)))


def shanghai_order(number: str) -> bytes:
    """Return the bytes of a buy of a hundred shares under this id."""
    message = _template()[:ID_AT] + number.encode() + _template()[ID_END:-4]
    return message + struct.pack(">I", sum(message) % 256)
