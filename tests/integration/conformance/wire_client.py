"""A small order system for the cards: one socket, messages as JSON objects through the codec."""

import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from panshi.wire.codec import Protocol, decode_line, encode_line

Message = dict[str, Any]

OPENED: list["Client"] = []
"""Every client of the running test, closed at its end."""
HEADER = {"sse": struct.Struct(">IQI"), "szse": struct.Struct(">II")}


@dataclass
class Client:
    """One connection; `read` waits for the next message, `None` is the end of the connection."""

    protocol: Protocol
    socket: socket.socket
    seq: int = 0
    buffer: bytes = b""
    seqs: list[int] = field(default_factory=list)

    def send(self, kind: int, **fields: object) -> None:
        self.seq += 1
        message = {"type": kind, "seq": self.seq, "fields": fields}
        if self.protocol == "szse":
            del message["seq"]
        self.send_bytes(bytes.fromhex(encode_line(self.protocol, json.dumps(message))))

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, timeout: float = 10) -> Message | None:
        header = HEADER[self.protocol]
        if not self._fill(header.size, timeout):
            return None
        length = header.unpack(self.buffer[: header.size])[-1] + header.size + 4
        if not self._fill(length, timeout):
            return None
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        message: Message = json.loads(decode_line(self.protocol, data.hex()))
        assert "error" not in message, message
        self.seqs.append(int(message.get("seq", 0)))
        return message

    def _fill(self, size: int, timeout: float) -> bool:
        self.socket.settimeout(timeout)
        while len(self.buffer) < size:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return False
            self.buffer += data
        return True

    def expect(self, kind: int, timeout: float = 10) -> Message:
        """Return the fields of the next message, heartbeats left out; it must be of this type."""
        while True:
            message = self.read(timeout)
            assert message is not None, f"expected message {kind}, the connection ended"
            if message["type"] in {33, 3} and kind not in {33, 3}:
                continue
            assert message["type"] == kind, message
            fields: Message = message["fields"]
            return fields

    def expect_end(self, timeout: float = 10) -> None:
        assert self.read(timeout) is None

    def expect_silence(self, seconds: float = 0.3) -> None:
        try:
            message = self.read(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"expected nothing, found {message}")

    def close(self) -> None:
        self.socket.close()


def connect(protocol: Protocol, address: tuple[str, int], window: int = 0) -> Client:
    """Connect; a window bounds the bytes that the kernel takes for a client that does not read."""
    peer = socket.socket()
    client = Client(protocol, peer)
    OPENED.append(client)
    if window:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.settimeout(10)
    peer.connect(address)
    return client


def sse_logon(client: Client, **changes: object) -> None:
    wanted: Message = {
        "SenderCompID": "OMS01",
        "TargetCompID": "TDGW",
        "HeartBtInt": 30,
        "PrtclVersion": "0.57",
        "TradeDate": 20230711,
    }
    client.send(40, **{**wanted, **changes})


def szse_logon(client: Client, **changes: object) -> None:
    wanted: Message = {
        "SenderCompID": "OMS01",
        "TargetCompID": "TGW01",
        "HeartBtInt": 30,
        "Password": "",
        "DefaultApplVerID": "1.18",
    }
    client.send(1, **{**wanted, **changes})


def sse_order(number: str, **changes: object) -> Message:
    wanted: Message = {
        "BizID": 100010,
        "BizPbu": "20001",
        "ClOrdID": number,
        "SecurityID": "600000",
        "Account": "A000000001",
        "Side": "1",
        "Price": 1_000_000,
        "OrderQty": 100_000,
        "OrdType": "2",
        "TimeInForce": "0",
        "TransactTime": 1000000000000,
        "UserInfo": "desk1",
    }
    return {**wanted, **changes}


def sse_cancel(number: str, original: str, **changes: object) -> Message:
    wanted: Message = {
        "BizID": 100010,
        "BizPbu": "20001",
        "ClOrdID": number,
        "SecurityID": "600000",
        "OrigClOrdID": original,
        "TransactTime": 1000000000000,
        "UserInfo": "desk2",
    }
    return {**wanted, **changes}


def szse_order(number: str, **changes: object) -> Message:
    wanted: Message = {
        "ApplID": "010",
        "SubmittingPBUID": "100100",
        "SecurityID": "000001",
        "SecurityIDSource": "102",
        "OwnerType": 1,
        "ClearingFirm": "00",
        "TransactTime": 20230711100000000,
        "UserInfo": "desk1",
        "ClOrdID": number,
        "AccountID": "0000000001",
        "Side": "1",
        "OrdType": "2",
        "OrderQty": 10_000,
        "Price": 100_000,
        "TimeInForce": "0",
        "CashMargin": "1",
    }
    return {**wanted, **changes}


def szse_cancel(number: str, original: str, **changes: object) -> Message:
    wanted: Message = {
        "ApplID": "010",
        "SubmittingPBUID": "100100",
        "SecurityID": "000001",
        "SecurityIDSource": "102",
        "OwnerType": 1,
        "ClearingFirm": "00",
        "TransactTime": 20230711100000000,
        "UserInfo": "desk2",
        "ClOrdID": number,
        "OrigClOrdID": original,
        "Side": "1",
    }
    return {**wanted, **changes}
