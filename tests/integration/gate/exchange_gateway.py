"""A stand-in for one exchange gateway: the test says every word of it, also the wrong ones."""

import socket
from dataclasses import dataclass, field

from panshi.wire.codec import Protocol
from tests.integration.conformance.venue_process import TRADE_DATE, Address
from tests.integration.conformance.wire_client import OPENED, Client, Message

OPEN = 2
LISTENING: list[socket.socket] = []
"""Every listening socket of the running test, closed at its end."""


@dataclass
class Exchange:
    """A listening socket; the gate connects to it as to TDGW or TGW."""

    protocol: Protocol = "sse"
    pbus: tuple[str, ...] = ("20001",)
    sets: tuple[int, ...] = (1, 2)
    platform: int = 0
    window: int = 0
    listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """Listen; `window` bounds what the kernel takes for a session that is not read."""
        self.listener = socket.socket()
        LISTENING.append(self.listener)
        if self.window:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(10)

    @property
    def address(self) -> Address:
        return ("127.0.0.1", int(self.listener.getsockname()[1]))

    def accept(self) -> Client:
        """Wait for the gate's next connection."""
        peer, _ = self.listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = Client(self.protocol, peer)
        OPENED.append(session)
        return session

    def expect_logon(self) -> tuple[Client, Message]:
        """Wait for a connection and its logon."""
        session = self.accept()
        return session, session.expect(40 if self.protocol == "sse" else 1)

    def logged_on(self, state: int = OPEN) -> Client:
        """Take a logon, tell state and streams, and take the request for reports."""
        session, logon = self.expect_logon()
        self.welcome(session, logon, state)
        self.expect_sync(session)
        return session

    def welcome(self, session: Client, logon: Message, state: int = OPEN) -> None:
        """Answer a logon as the gateways do: the logon, the state, the streams."""
        if self.protocol == "szse":
            names = {
                "SenderCompID": logon["TargetCompID"],
                "TargetCompID": logon["SenderCompID"],
            }
            session.send(1, **{**logon, **names, "Password": ""})
            session.send(6, PlatformID=self.platform, PlatformState=state)
            session.send(9, PlatformID=self.platform, PartitionNo=list(self.sets))
            return
        session.send(
            40,
            SenderCompID="TDGW",
            TargetCompID=logon["SenderCompID"],
            HeartBtInt=logon["HeartBtInt"],
            PrtclVersion="0.50",
            TradeDate=TRADE_DATE,
        )
        session.send(209, PlatformID=0, PlatformState=state)
        session.send(208, PlatformID=0, Pbu=list(self.pbus), SetID=list(self.sets))

    def expect_sync(self, session: Client) -> dict[tuple[str, int], int]:
        """Take the request for reports; the index asked for by stream."""
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
    """Return the fields of a 32 that takes a Shanghai order."""
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
    """Return the fields of a 32 that confirms a Shanghai cancel."""
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
    """Return the fields of a 103 that fills a Shanghai order whole at its own price."""
    shown = echo(order)
    for name in ("OrdType", "TimeInForce", "Price"):
        del shown[name]
    return {
        **shown,
        "Pbu": order["BizPbu"],
        "SetID": 1,
        "ReportIndex": index,
        "ExecType": "F",
        "OrderEntryTime": 1000000000000,
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
    """Return what a report repeats of a Shanghai order."""
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
        "TransactTime": 1000000000000,
    }
