"""The native part of Panshi, built from native/python."""

def version() -> str:
    """Return the version of the native code, which is the version of the package."""

def wire_decode_line(protocol: str, line: str, /) -> str:
    """Show one message given as hex digits as a JSON object; a bad one as `{"error": ...}`."""

def wire_encode_line(protocol: str, line: str, /) -> str:
    """Turn a message's JSON object back into hex digits.

    Raises:
        BadInputError: If the object is no message of the protocol; the text says where.
    """

def wire_markdown(protocol: str, /) -> str:
    """Describe every message of a protocol as Markdown tables.

    Raises:
        BadInputError: If there is no such protocol.
    """

def wire_bench(orders: int, /) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Measure decode and encode of a new order: Shanghai, Shenzhen.

    Returns:
        For each the median and the 99th percentile in picoseconds per order, and the orders.
    """
