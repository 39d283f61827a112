"""A stand-in for one exchange gateway: the trial says every word of it, also the wrong ones."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panshi.rig.peer import OPENED, PATIENCE_S, Peer
from panshi.rig.ports import reserve_ports
from panshi.rig.small_day import PBUS, SSE
from panshi.rig.small_day import TRADE_DAY as TRADE_DATE

if TYPE_CHECKING:
    from panshi.rig.peer import Address, Message
    from panshi.wire.codec import Protocol

OPEN: Final = 2
"""Platform state of a day under way, in the gateways' numbers."""
ENTRY_TIME: Final = 1_000_000_000_000
"""10:00:00 as Shanghai writes it."""


@dataclass
class Exchange:
    """A listening socket; the gate connects to it as to TDGW or TGW.

    Attributes:
        protocol: What is spoken.
        pbus: PBUs of a Shanghai gateway, its login PBU first.
        sets: Sets or partitions that it carries.
        platform: Its platform number.
        window: Bytes that the kernel takes for a session that is not read; 0 leaves the usual.
        host: Address of this machine, or of the network namespace of the one who makes it.
    """

    protocol: Protocol = "sse"
    pbus: tuple[str, ...] = (PBUS[SSE],)
    sets: tuple[int, ...] = (1, 2)
    platform: int = 0
    window: int = 0
    host: str = "127.0.0.1"
    listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """Listen on a port that nobody else has when it listens no more."""
        self.listener = socket.socket()
        OPENED.append(self.listener)
        if self.window:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
        (port,) = reserve_ports(1)
        self.listener.bind((self.host, port))
        self.listener.listen()
        self.listener.settimeout(PATIENCE_S)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return (self.host, int(self.listener.getsockname()[1]))

    def accept(self) -> Peer:
        """Wait for the gate's next connection."""
        peer, _ = self.listener.accept()
        OPENED.append(peer)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Peer(self.protocol, peer)

    def expect_logon(self) -> tuple[Peer, Message]:
        """Wait for a connection and its logon.

        Returns:
            The session and the fields of the logon.
        """
        session = self.accept()
        return session, session.expect(40 if self.protocol == "sse" else 1)

    def logged_on(self, state: int = OPEN) -> Peer:
        """Take a logon, tell state and streams, and take the request for reports.

        Args:
            state: Platform state that is told.

        Returns:
            The session.
        """
        session, logon = self.expect_logon()
        self.welcome(session, logon, state)
        self.expect_sync(session)
        return session

    def welcome(
        self, session: Peer, logon: Message, state: int = OPEN, *, without: int | None = None
    ) -> None:
        """Answer a logon as the gateways do: the logon, the state, the streams.

        Args:
            session: The session.
            logon: Fields of its logon.
            state: Platform state that is told.
            without: Type of the message that is left out.
        """
        if self.protocol == "szse":
            names = {
                "SenderCompID": logon["TargetCompID"],
                "TargetCompID": logon["SenderCompID"],
            }
            session.send(1, **{**logon, **names, "Password": ""})
            told: dict[int, dict[str, object]] = {
                6: {"PlatformState": state},
                9: {"PartitionNo": list(self.sets)},
            }
        else:
            self._take_sse_logon(session, logon)
            told = {
                209: {"PlatformState": state},
                208: {"Pbu": list(self.pbus), "SetID": list(self.sets)},
            }
        for kind, fields in told.items():
            if kind != without:
                session.send(kind, PlatformID=self.platform, **fields)

    @staticmethod
    def _take_sse_logon(session: Peer, logon: Message) -> None:
        session.send(
            40,
            SenderCompID="TDGW",
            TargetCompID=logon["SenderCompID"],
            HeartBtInt=logon["HeartBtInt"],
            PrtclVersion="0.50",
            TradeDate=TRADE_DATE,
        )

    def answer_goodbye(self, session: Peer) -> None:
        """Take the gate's goodbye, say it too, and see the session end.

        Args:
            session: The session.
        """
        if self.protocol == "szse":
            session.expect(2)
            session.send(2, SessionStatus=0, Text="")
        else:
            session.expect(41)
            session.send(41, SessionStatus=0, Text="")
        session.expect_end()

    def expect_sync(self, session: Peer) -> dict[tuple[str, int], int]:
        """Take the request for reports.

        Args:
            session: The session.

        Returns:
            The index asked for, by PBU and set.
        """
        if self.protocol == "szse":
            rows = session.expect(5)["NoPartitions"]
            return {("", row["PartitionNo"]): row["ReportIndex"] for row in rows}
        rows = session.expect(206)["NoGroups"]
        answers = [
            {**row, "EndReportIndex": row["BeginReportIndex"] - 1, "RejReason": 0} for row in rows
        ]
        session.send(207, NoGroups=answers)
        return {(row["Pbu"], row["SetID"]): row["BeginReportIndex"] for row in rows}


def accepted(order: Message, index: int, **changes: object) -> Message:
    """Return the fields of a 32 that takes a Shanghai order.

    Args:
        order: Fields of the order.
        index: Its report index.
        **changes: Fields that differ.

    Returns:
        The fields.
    """
    return {
        **echo(order),
        "Pbu": order["BizPbu"],
        "SetID": 1,
        "ReportIndex": index,
        "ExecType": "0",
        "OrdStatus": "0",
        "OrdCnfmID": f"{index:016}",
        **changes,
    }


def cancelled(cancel: Message, order: Message, index: int, **changes: object) -> Message:
    """Return the fields of a 32 that confirms a Shanghai cancel.

    Args:
        cancel: Fields of the cancel.
        order: Fields of the order.
        index: Its report index.
        **changes: Fields that differ.

    Returns:
        The fields.
    """
    return {
        **echo(order),
        "Pbu": order["BizPbu"],
        "SetID": 1,
        "ReportIndex": index,
        "ExecType": "4",
        "OrdStatus": "4",
        "ClOrdID": cancel["ClOrdID"],
        "OrigClOrdID": cancel["OrigClOrdID"],
        "CxlQty": order["OrderQty"],
        "UserInfo": cancel["UserInfo"],
        **changes,
    }


def filled(order: Message, index: int, **changes: object) -> Message:
    """Return the fields of a 103 that fills a Shanghai order whole at its own price.

    Args:
        order: Fields of the order.
        index: Its report index.
        **changes: Fields that differ.

    Returns:
        The fields.
    """
    shown = echo(order)
    for name in ("OrdType", "TimeInForce", "Price"):
        del shown[name]
    return {
        **shown,
        "Pbu": order["BizPbu"],
        "SetID": 1,
        "ReportIndex": index,
        "ExecType": "F",
        "OrderEntryTime": ENTRY_TIME,
        "LastPx": order["Price"],
        "LastQty": order["OrderQty"],
        "GrossTradeAmt": order["Price"] * order["OrderQty"] // 1000,
        "LeavesQty": 0,
        "OrdStatus": "2",
        "TrdCnfmID": f"{index:016}",
        "OrdCnfmID": f"{index:016}",
        **changes,
    }


def echo(order: Message) -> Message:
    """Return what a report repeats of a Shanghai order.

    Args:
        order: Fields of the order.

    Returns:
        The fields.
    """
    names = [
        "BizID",
        "BizPbu",
        "ClOrdID",
        "SecurityID",
        "Account",
        "Side",
        "Price",
        "OrderQty",
        "OrdType",
        "TimeInForce",
        "CreditTag",
        "ClearingFirm",
        "BranchID",
        "UserInfo",
    ]
    return {name: order[name] for name in names} | {
        "TradeDate": TRADE_DATE,
        "TransactTime": ENTRY_TIME,
    }
