"""What must hold while somebody asks more of the gate than it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.scenario.trial import Invariant, Words

if TYPE_CHECKING:
    from panshi.rig.gate import Gate
    from panshi.scenario.trial import Trial

GROWTH_KIB: Final = 64 << 10
"""Memory that it may cost, the orders of the meantime included."""
OWN: Final = "RssAnon"
"""Memory that is the process's own: what it maps of the journal is the kernel's."""
MEMORY = Invariant(
    "memory_is_bounded",
    Words(
        f"网关内存增长不超过 {GROWTH_KIB >> 10} MiB",
        f"the gate's memory grows by no more than {GROWTH_KIB >> 10} MiB",
    ),
)
SERVED = Invariant(
    "sessions_are_left_alone",
    Words("已登录的客户不掉线并继续得到应答", "no session is lost and each gets its answers"),
)


def own_kib(gate: Gate) -> int:
    """Return the memory that a gate holds, once all of it that it takes at its start is there.

    Args:
        gate: It serves.

    Returns:
        KiB. Its follower takes its tables beside it, and has them when it has caught up.
    """
    gate.wait_for(lambda status: not (told := status["snapshots"])["follows"] or told["caught_up"])
    return gate.memory_kib(OWN)


def check_growth(trial: Trial, gate: Gate, before_kib: int) -> None:
    """Hold that the gate's memory has not grown beyond its bound.

    Args:
        trial: The scenario under way.
        gate: The gate as it is now.
        before_kib: Its own memory before, from `own_kib`.
    """
    grown = gate.memory_kib(OWN) - before_kib
    trial.observe(rss_before_kib=before_kib, rss_grown_kib=grown)
    trial.check(MEMORY, [] if grown < GROWTH_KIB else [f"found {grown} KiB"])
