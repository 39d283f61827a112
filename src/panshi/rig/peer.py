"""One connection that speaks the exchanges' messages: an order system, or an exchange gateway.

Messages are tables of fields, written and read by the codec. A peer says exactly what it is told
to, also what no sound system would say.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from panshi.domain.errors import TrialError
from panshi.wire.codec import decode_line, encode_line

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

Message = dict[str, Any]
Address = tuple[str, int]

HEADER: Final = {"sse": struct.Struct(">IQI"), "szse": struct.Struct(">II")}
HEARTBEATS: Final = {33, 3}
TRAILER_BYTES: Final = 4
RESET: Final = struct.pack("ii", 1, 0)
"""Value of SO_LINGER with which a closed connection is reset, as by a machine that lost it."""
PATIENCE_S: Final = 10.0
"""Seconds that a peer waits for a message that must come; only a trial that fails waits so long."""

OPENED: list[socket.socket] = []
"""Every socket that was opened and must be closed when the trial is over, also when it failed."""


def close_opened() -> None:
    """Close every socket that the trial has opened."""
    while OPENED:
        OPENED.pop().close()


@dataclass
class Peer:
    """One connection."""

    protocol: Protocol
    socket: socket.socket
    seq: int = 0
    buffer: bytes = b""
    seqs: list[int] = field(default_factory=list)

    def send(self, kind: int, **fields: object) -> None:
        """Send one message.

        Args:
            kind: Its type.
            **fields: Its fields; those left out are blank.

        Raises:
            OSError: If the connection is gone.
        """
        self.seq += 1
        message = {"type": kind, "seq": self.seq, "fields": fields}
        if self.protocol == "szse":
            del message["seq"]
        self.send_bytes(bytes.fromhex(encode_line(self.protocol, json.dumps(message))))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are.

        Args:
            data: The bytes.

        Raises:
            OSError: If the connection is gone.
        """
        self.socket.sendall(data)

    def receive(self, timeout: float = PATIENCE_S) -> bytes | None:
        """Return the bytes of the next whole message.

        Args:
            timeout: Longest wait in seconds.

        Returns:
            The bytes; None at the end of the connection.

        Raises:
            TimeoutError: If nothing came.
        """
        header = HEADER[self.protocol]
        if not self._fill(header.size, timeout):
            return None
        length = header.unpack(self.buffer[: header.size])[-1] + header.size + TRAILER_BYTES
        if not self._fill(length, timeout):
            return None
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def read(self, timeout: float = PATIENCE_S) -> Message | None:
        """Return the next message as the codec reads it: `type`, `seq`, `fields`.

        Args:
            timeout: Longest wait in seconds.

        Returns:
            The message; None at the end of the connection.

        Raises:
            TimeoutError: If nothing came.
            TrialError: If what came is no message.
        """
        data = self.receive(timeout)
        if data is None:
            return None
        message: Message = json.loads(decode_line(self.protocol, data.hex()))
        if "error" in message:
            raise TrialError(f"must be a message, found {message}")
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

    def expect(self, kind: int, timeout: float = PATIENCE_S) -> Message:
        """Return the fields of the next message, heartbeats left out.

        Args:
            kind: The type that it must have.
            timeout: Longest wait in seconds.

        Returns:
            Its fields.

        Raises:
            TimeoutError: If nothing came.
            TrialError: If another message came, or the connection ended.
        """
        while True:
            message = self.read(timeout)
            if message is None:
                raise TrialError(f"must get message {kind}, found the end of the connection")
            if message["type"] in HEARTBEATS and kind not in HEARTBEATS:
                continue
            if message["type"] != kind:
                raise TrialError(f"must get message {kind}, found {message}")
            fields: Message = message["fields"]
            return fields

    def expect_end(self, timeout: float = PATIENCE_S) -> None:
        """Wait for the end of the connection.

        Args:
            timeout: Longest wait in seconds.

        Raises:
            TimeoutError: If it stays.
            TrialError: If a message came.
        """
        message = self.read(timeout)
        if message is not None:
            raise TrialError(f"must get the end of the connection, found {message}")

    def expect_silence(self, seconds: float = 0.3) -> None:
        """Check that nothing comes.

        Args:
            seconds: How long.

        Raises:
            TrialError: If a message came or the connection ended.
        """
        try:
            message = self.read(seconds)
        except TimeoutError:
            return
        raise TrialError(f"must get nothing, found {message}")

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def __enter__(self) -> Self:
        """Use it until it is closed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def connect(protocol: Protocol, address: Address, window: int = 0) -> Peer:
    """Connect to a gateway or a gate.

    Args:
        protocol: What is spoken.
        address: Host and port.
        window: Bytes that the kernel takes for a peer that does not read; 0 leaves the usual.

    Returns:
        The connection.

    Raises:
        OSError: If nobody listens.
    """
    plain = socket.socket()
    OPENED.append(plain)
    if window:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    plain.settimeout(PATIENCE_S)
    plain.connect(address)
    return Peer(protocol, plain)
