"""The session clock (交易时段): phases of the day and what is accepted in each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.clock import DAY_MS
from panshi.domain.words import Acceptance, OrderKind, Phase

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce
    from panshi.rulebook.values import Window

SEGMENTS = (
    ("opening_call", Phase.OPENING_CALL),
    ("opening_call_no_cancel", Phase.OPENING_CALL_NO_CANCEL),
    ("opening_pause", Phase.OPENING_PAUSE),
    ("morning", Phase.CONTINUOUS),
    ("noon", Phase.NOON),
    ("afternoon", Phase.CONTINUOUS),
    ("closing_call", Phase.CLOSING_CALL),
)
"""Segments of the auction platform's day in order: name in the rule ids, phase."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of the day in which one phase holds; the end is not part of it.

    `order` and `cancel` say what happens to orders and cancels of the auction platform,
    `fixed_order` and `fixed_cancel` to those of after-hours fixed-price trading (盘后固定价格).
    """

    start_ms: int
    end_ms: int
    phase: Phase
    order: Acceptance
    cancel: Acceptance
    fixed_order: Acceptance
    fixed_cancel: Acceptance


def compute_session_clock(rules: RulesInForce, scope: Scope) -> tuple[Segment, ...]:
    """Return the whole day of a scope as segments without gap, from midnight to midnight.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.

    Returns:
        Segments in order; the first starts at 0, the last ends at 24:00.

    Raises:
        RuleMissingError: If a row is not in force.

    Source:
        docs/rules/sessions.md: session.*, after_hours.*.
    """
    fixed = rules.flag("after_hours.enabled", scope)
    fixed_order = rules.windows("after_hours.order", scope) if fixed else ()
    fixed_cancel = rules.windows("after_hours.cancel", scope) if fixed else ()
    fixed_match = rules.windows("after_hours.match", scope) if fixed else ()
    auction = _auction_segments(rules, scope)
    windows = [window for window, *_ in auction] + [*fixed_order, *fixed_cancel, *fixed_match]
    edges = sorted({0, DAY_MS} | {edge for one in windows for edge in (one.start_ms, one.end_ms)})
    segments: list[Segment] = []
    for start_ms, end_ms in itertools.pairwise(edges):
        phase, order, cancel = _auction_at(auction, start_ms)
        if phase is Phase.CLOSED and _within(fixed_match, start_ms):
            phase = Phase.FIXED_PRICE
        elif phase is Phase.CLOSED and _within(fixed_order, start_ms):
            phase = Phase.FIXED_PRICE_PAUSE
        segment = Segment(
            start_ms,
            end_ms,
            phase,
            order,
            cancel,
            Acceptance.ACCEPT if _within(fixed_order, start_ms) else Acceptance.REJECT,
            Acceptance.ACCEPT if _within(fixed_cancel, start_ms) else Acceptance.REJECT,
        )
        segments.append(segment)
    return tuple(segments)


_AuctionSegment = tuple["Window", Phase, Acceptance, Acceptance]
"""Window, phase, what happens to an order, what happens to a cancel."""


def _auction_segments(rules: RulesInForce, scope: Scope) -> list[_AuctionSegment]:
    segments: list[_AuctionSegment] = []
    for name, phase in SEGMENTS:
        order = Acceptance(rules.word(f"session.{name}.order", scope))
        cancel = Acceptance(rules.word(f"session.{name}.cancel", scope))
        windows = rules.windows(f"session.{name}.window", scope)
        segments.extend((window, phase, order, cancel) for window in windows)
    return segments


def _auction_at(
    segments: list[_AuctionSegment], day_ms: int
) -> tuple[Phase, Acceptance, Acceptance]:
    for window, phase, order, cancel in segments:
        if day_ms in window:
            return phase, order, cancel
    return Phase.CLOSED, Acceptance.REJECT, Acceptance.REJECT


def _within(windows: tuple[Window, ...], day_ms: int) -> bool:
    return any(day_ms in window for window in windows)


def segment_at(segments: tuple[Segment, ...], day_ms: int) -> Segment:
    """Return the segment of a moment.

    Args:
        segments: Session clock of a scope.
        day_ms: Milliseconds since midnight, 0 to 86399999.

    Returns:
        The segment that holds then.

    Raises:
        ValueError: If the moment is not within a day.
    """
    for segment in segments:
        if segment.start_ms <= day_ms < segment.end_ms:
            return segment
    raise ValueError(f"must be within 0 to {DAY_MS - 1} ms, found {day_ms}")


def allowed_order_kinds(rules: RulesInForce, scope: Scope) -> dict[OrderKind, frozenset[Phase]]:
    """Return in which phases each kind of order is allowed.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.

    Returns:
        Phases for every kind; an empty set where the market does not know the kind.

    Raises:
        RuleMissingError: If a row is not in force.

    Source:
        docs/rules/order_types.md: order_type.*.
    """
    kinds: dict[OrderKind, frozenset[Phase]] = {}
    for kind in OrderKind:
        phases = rules.words(f"order_type.{kind}", scope)
        kinds[kind] = frozenset(Phase(phase) for phase in phases)
    if not rules.flag("after_hours.enabled", scope):
        kinds[OrderKind.FIXED_PRICE] = frozenset()
    return kinds
