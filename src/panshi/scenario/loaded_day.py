"""A day under load on the real processes, in the middle of which something happens.

Order systems of both markets trade through the gate with the venue, over relays that keep what went
over the wires. Whatever was done to them, at its end the day is reconciled from all sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panshi.rig.evidence import read_journal
from panshi.rig.flow import trading_flow, trading_rows
from panshi.rig.gate import Gate, gateway
from panshi.rig.order_system import OrderSystem
from panshi.rig.relay import Relay
from panshi.rig.small_day import PROTOCOLS, SSE, SZSE
from panshi.rig.venue import Venue, from_now
from panshi.scenario.invariants import (
    ANSWERED_OR_UNKNOWN,
    BOOKS_BALANCE,
    FILLS_AGREE,
    NOTHING_LOST,
    VENUE_AGREES,
    check_journal,
    compare_clients,
    compare_day_books,
    compare_fates,
    compare_sent,
    compare_streams,
    compare_told,
    read_wires,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panshi.opening.rules import Row
    from panshi.rig.evidence import JournalEvidence
    from panshi.scenario.trial import Invariant, Trial

BEGIN: Final = "10:00:00"
RATE: Final = 400
"""Messages a second of each order system."""
ADDRESSES: Final = {SSE: 0, SZSE: 2}
"""Places of the gateways' main addresses among those of the venue."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a loaded day has that the usual one has not.

    Attributes:
        markets: Markets that are traded.
        rows: Records of the day.
        venue: Keys of the venue's configuration.
        gate: Keys of the gate's configuration.
        link: Keys of its exchange gateways.
        rate: Messages a second of each order system.
        clock: The market clock; None plays from 10:00 on.
    """

    markets: Sequence[int] = (SSE, SZSE)
    rows: Sequence[Row] = ()
    venue: dict[str, Any] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)
    link: dict[str, Any] = field(default_factory=dict)
    rate: int = RATE
    clock: dict[str, Any] | None = None


class LoadedDay:
    """Venue, relays, gate and order systems of one scenario."""

    def __init__(self, trial: Trial, setup: Setup | None = None) -> None:
        """Build everything; `start` starts it.

        Args:
            trial: The scenario under way; what is opened ends with it.
            setup: What differs from the usual; None: nothing.
        """
        wanted = setup or Setup()
        self.trial = trial
        self.venue = Venue(trial.folder, wanted.clock or from_now(BEGIN), wanted.venue)
        trial.opened.callback(self.venue.stop)
        self.venue.start()
        self.relays = {
            market: Relay(self.venue.addresses[place])
            for market, place in ADDRESSES.items()
            if market in wanted.markets
        }
        for relay in self.relays.values():
            trial.opened.callback(relay.stop)
            relay.start()
        links = [
            gateway(market, relay.address, **wanted.link) for market, relay in self.relays.items()
        ]
        self.gate = Gate(
            trial.folder / "gate",
            links,
            self.venue.clock,
            [*trading_rows(), *wanted.rows],
            wanted.gate,
        )
        self.clients = {
            market: OrderSystem(
                market,
                ("127.0.0.1", self.gate.ports[market - 1]),
                trading_flow(market),
                rate=wanted.rate,
            )
            for market in wanted.markets
        }

    def start(self) -> None:
        """Start gate and order systems and wait until orders flow."""
        self.trial.opened.callback(self._end_gate)
        self.gate.start()
        self.start_clients()

    def start_clients(self) -> None:
        """Start the order systems of a gate that serves, and wait until orders flow."""
        for client in self.clients.values():
            self.trial.opened.callback(client.stop)
            client.start()
        self.run()

    def _end_gate(self) -> None:
        if self.gate.child is not None:
            self.gate.stop()

    def run(self, answers: int | None = None) -> None:
        """Let orders flow.

        Args:
            answers: Answers that each order system gets meanwhile; None: a usual number.
        """
        usual = 100 if self.trial.short else 500
        for client in self.clients.values():
            client.wait_answers(answers or usual)

    def settle(self) -> None:
        """Let nothing more flow and wait until every order system knows what was told before."""
        self.gate.wait_open()
        for client in self.clients.values():
            client.settle()

    def finish(self, *, leave_out: Sequence[Invariant] = ()) -> JournalEvidence:
        """Close the day, end everything in order and reconcile.

        Args:
            leave_out: Invariants that the scenario's fault breaks at the exchange itself.

        Returns:
            What the journal says.
        """
        self.settle()
        unknown = self.gate.status()["pending"]["unacknowledged"]
        self.gate.command("day-close")
        status = self.gate.status()
        for client in self.clients.values():
            client.stop()
        self.trial.observe(gate_exit=self.gate.stop(), counts=status["counts"])
        return self.reconcile(unknown, leave_out=leave_out)

    def reconcile(self, unknown: int, *, leave_out: Sequence[Invariant] = ()) -> JournalEvidence:
        """Compare all sides of a day that was closed and whose gate has ended.

        Args:
            unknown: Orders that the gate had sent without an answer, before the close.
            leave_out: Invariants that the scenario's fault breaks at the exchange itself.

        Returns:
            What the journal says.
        """
        self.trial.observe(unknown=unknown)
        served = self.venue.stop()
        journal = read_journal(self.gate.journal)
        found = self._compare(journal)
        told = [client.told for client in self.clients.values()]
        found[ANSWERED_OR_UNKNOWN] = compare_fates(journal, told, unknown)
        reports = served.get("reports")
        found[VENUE_AGREES] = (
            []
            if reports == journal.stream_reports
            else [f"exchange {reports} reports, journal {journal.stream_reports}"]
        )
        for invariant, differences in found.items():
            if invariant not in leave_out:
                self.trial.check(invariant, differences)
        self._observe(journal)
        return journal

    def _compare(self, journal: JournalEvidence) -> dict[Invariant, list[str]]:
        found = check_journal(self.gate.journal)
        wires = {
            market: read_wires(
                market, PROTOCOLS[market], [(line.forth, line.back) for line in relay.lines]
            )
            for market, relay in self.relays.items()
        }
        for market, client in self.clients.items():
            parts = (
                compare_sent(wires[market], client.told, journal),
                compare_told(client.told, {*client.sent, *journal.own_cancels}),
            )
            for part in parts:
                for invariant, differences in part.items():
                    found.setdefault(invariant, []).extend(differences)
        found[NOTHING_LOST] = compare_streams(wires.values(), journal)
        told = [client.told for client in self.clients.values()]
        found[FILLS_AGREE] = compare_clients(journal, told)
        found[BOOKS_BALANCE] = compare_day_books(journal)
        return found

    def _observe(self, journal: JournalEvidence) -> None:
        clients = list(self.clients.values())
        self.trial.observe(
            requests_sent=sum(len(client.sent) for client in clients),
            requests_answered=sum(len(client.told.answered) for client in clients),
            never_arrived=sum(len(client.unanswered()) for client in clients),
            reports_told_again=sum(client.told.repeats for client in clients),
            client_logons=sum(client.logons for client in clients),
            fills=len(journal.fills),
            refused={str(code): count for code, count in sorted(journal.refused.items())},
            anomalies={str(code): count for code, count in sorted(journal.anomalies.items())},
            exchange_sessions=sum(len(relay.lines) for relay in self.relays.values()),
        )
