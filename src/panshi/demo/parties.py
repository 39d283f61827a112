"""The customers of the demo: who owns which account, and over which session it trades.

All of them are made up. The recorded flow holds no account, so a seeded rule gives each order to
one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SSE, SZSE = 1, 2
MARKETS: Final = {"sse": SSE, "szse": SZSE}

TRADERS: Final = range(1, 801)
"""Customers who share the recorded flow."""
ODD_LOT_SELLERS: Final = range(TRADERS.stop, TRADERS.stop + 600)
"""Customers who each sell one odd lot of a security and nothing else of it."""
GROUP_NORMAL, GROUP_WATCHED = 1, 2
"""Parameter groups: the watched one has the tight rate limit that the order storm must meet."""

PROGRAM_UNREPORTED, STORM, SHORT_SELLER, CANCELLER, WRONG_BRANCH = range(
    ODD_LOT_SELLERS.stop, ODD_LOT_SELLERS.stop + 5
)
"""Customers of the named misbehaviours; they trade nothing else."""
NAMED: Final = (PROGRAM_UNREPORTED, STORM, SHORT_SELLER, CANCELLER, WRONG_BRANCH)
CUSTOMERS: Final = (*TRADERS, *ODD_LOT_SELLERS, *NAMED)


@dataclass(frozen=True, slots=True)
class ClientSession:
    """One client order system: its number in the gate is its place + 1."""

    place: int
    market: int
    comp_id: str
    prefix: str
    pbu: str

    @property
    def client(self) -> int:
        """Number of the client in the gate's records."""
        return self.place + 1


SESSIONS: Final = (
    ClientSession(0, SSE, "OMSA01", "A", "20001"),
    ClientSession(1, SSE, "OMSB01", "B", "20002"),
    ClientSession(2, SZSE, "OMSC01", "C", "100100"),
    ClientSession(3, SZSE, "OMSD01", "D", "100200"),
)


@dataclass(frozen=True, slots=True)
class ExchangeGateway:
    """One gateway of the exchange and the PBUs that it carries, the login PBU first."""

    number: int
    market: int
    pbus: tuple[str, ...]


GATEWAYS: Final = (
    ExchangeGateway(1, SSE, ("20001", "20002")),
    ExchangeGateway(2, SZSE, ("100100", "100200")),
)

BRANCHES: Final = {SSE: ("00101", "00102", "00103"), SZSE: ("1001", "1002", "1003")}
"""Branch codes that the gate knows; a customer's accounts belong to one branch."""


@dataclass(frozen=True, slots=True)
class Account:
    """One securities account."""

    market: int
    code: str
    customer: int
    session: ClientSession
    branch: str
    program: bool = False


def build_account(market: int, customer: int) -> Account:
    """Return the account of a customer on a market.

    Args:
        market: 1 SSE, 2 SZSE.
        customer: Number of the customer, from 1.

    Returns:
        The account; the same for the same arguments.
    """
    session = [one for one in SESSIONS if one.market == market][customer % 2]
    branches = BRANCHES[market]
    first = "A" if market == SSE else "0"
    return Account(
        market=market,
        code=f"{first}{customer:09d}",
        customer=customer,
        session=session,
        branch=branches[customer % len(branches)],
        program=customer == PROGRAM_UNREPORTED,
    )


def build_accounts() -> dict[tuple[int, int], Account]:
    """Return every account by market and customer."""
    return {
        (market, customer): build_account(market, customer)
        for customer in CUSTOMERS
        for market in (SSE, SZSE)
    }
