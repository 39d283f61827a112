"""What a person sees of a run: a live view, plain lines, and the summary."""

from __future__ import annotations

import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from panshi.domain.clock import format_day_ms
from panshi.gate.engine import load_reasons
from panshi.rig.latency import gate_latency_us

if TYPE_CHECKING:
    from rich.console import RenderableType

PLAIN_EVERY_S: Final = 5.0
RATE_WINDOW: Final = 6
REFUSALS_SHOWN: Final = 14
GATEWAY_STATES: Final = {
    0: "断开 down",
    1: "未开市 not open",
    2: "即将开市 pre-open",
    3: "开市 open",
    4: "休市 break",
    5: "闭市 closed",
}
MARKETS: Final = {1: "上交所 SSE", 2: "深交所 SZSE"}


class PlainView:
    """Plain lines on standard error, a few a minute."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said_s = 0.0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def tell(self, word: str, what: Any) -> None:  # noqa: ANN401 - a text or the gate's status
        """Say what happens.

        Args:
            word: stage or status.
            what: Text of the stage, or the gate's status.
        """
        if word == "stage":
            sys.stderr.write(f"{what}\n")
        elif time.monotonic() - self._said_s > PLAIN_EVERY_S:
            self._said_s = time.monotonic()
            counts = what["counts"]
            sys.stderr.write(
                f"{_moment(what)} 委托 orders {counts['orders']} 撤单 cancels {counts['cancels']} "
                f"拒绝 refused {counts['refused']} 回报 reports {counts['reports']}\n"
            )
        sys.stderr.flush()


class LiveView:
    """A live view in a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        """Keep where the view is drawn.

        Args:
            console: Terminal; None for standard output.
        """
        self._live = Live(console=console or Console(), auto_refresh=False)
        self._stage = ""
        self._seen: deque[tuple[float, int, int]] = deque(maxlen=RATE_WINDOW)
        self._reasons = {reason.code: (reason.zh, reason.en) for reason in load_reasons()}

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last picture."""
        self._live.stop()

    def tell(self, word: str, what: Any) -> None:  # noqa: ANN401 - a text or the gate's status
        """Draw what happens.

        Args:
            word: stage or status.
            what: Text of the stage, or the gate's status.
        """
        if word == "stage":
            self._stage = what
            self._live.update(Text(f"磐石 Panshi · {what}", style="bold"), refresh=True)
        else:
            self._live.update(self.draw(what), refresh=True)

    def draw(self, status: dict[str, Any]) -> RenderableType:
        """Return the picture of one status.

        Args:
            status: The gate's status.

        Returns:
            What rich draws.
        """
        counts = status["counts"]
        self._seen.append(
            (time.monotonic(), counts["orders"] + counts["cancels"], counts["reports"])
        )
        head = Text(f"磐石 Panshi · {self._stage} · 市场时间 market time {_moment(status)}", "bold")
        return Group(
            head, self._flow(status), _latencies(status), _gateways(status), self._refusals(status)
        )

    def _flow(self, status: dict[str, Any]) -> Table:
        counts, pending = status["counts"], status["pending"]
        (first_s, first_in, first_out), (last_s, last_in, last_out) = self._seen[0], self._seen[-1]
        span_s = max(last_s - first_s, 0.001)
        table = Table(title="流量 flow", title_justify="left")
        for title in (
            "委托 orders", "撤单 cancels", "转发 forwarded", "拒绝 refused", "回报 reports",
            "委托/秒 in/s", "回报/秒 out/s", "排队 queued", "未确认 unacked", "在线 online",
        ):  # fmt: skip
            table.add_column(title, justify="right")
        table.add_row(
            *(
                f"{number:,.0f}"
                for number in (
                    counts["orders"],
                    counts["cancels"],
                    counts["forwarded"],
                    counts["refused"],
                    counts["reports"],
                    (last_in - first_in) / span_s,
                    (last_out - first_out) / span_s,
                    pending["queued"],
                    pending["unacknowledged"],
                    status["clients_online"],
                )
            )
        )
        return table

    def _refusals(self, status: dict[str, Any]) -> Table:
        table = Table(title="按代码统计的拒绝 refusals by code", title_justify="left")
        table.add_column("代码 code")
        table.add_column("笔数 count", justify="right")
        table.add_column("原因 reason")
        counted = status["refused_by_code"].items()
        for code, count in sorted(counted, key=lambda row: -row[1])[:REFUSALS_SHOWN]:
            zh, en = self._reasons.get(int(code), ("", ""))
            table.add_row(str(code), f"{count:,}", f"{zh} · {en}")
        return table


def _moment(status: dict[str, Any]) -> str:
    return format_day_ms(int(status["ns_of_day"]) // 1_000_000_000 * 1000)


def _latencies(status: dict[str, Any]) -> Table:
    table = Table(title="时延 latency (µs)", title_justify="left")
    table.add_column("环节 stage")
    names = {
        "count": "次数 count",
        "p50": "p50",
        "p99": "p99",
        "p99_9": "p99.9",
        "max": "max",
    }
    for title in names.values():
        table.add_column(title, justify="right")
    for name, row in gate_latency_us(status).items():
        table.add_row(name, *(f"{row[key]:,.1f}" for key in names))
    return table


def _gateways(status: dict[str, Any]) -> Table:
    table = Table(title="交易网关 gateways", title_justify="left")
    for title in ("编号 number", "市场 market", "连接 connected", "状态 state"):
        table.add_column(title)
    for row in status["gateways"]:
        table.add_row(
            str(row["gateway"]),
            MARKETS.get(row["market"], "?"),
            "是 yes" if row["connected"] else "否 no",
            GATEWAY_STATES.get(row["state"], "?"),
        )
    return table


def show_summary(found: dict[str, Any], *, stderr: bool) -> None:
    """Print the summary of a run.

    Args:
        found: The summary.
        stderr: Print it on standard error, because standard output is for a program.
    """
    console = Console(stderr=stderr)
    reasons = {str(reason.code): (reason.zh, reason.en) for reason in load_reasons()}
    played = found["played"]
    table = Table(title="结果 summary", title_justify="left", show_header=False)
    table.add_row(
        "播放 played",
        f"{played['from']}–{played['to']}，{played['wall_s']} s，{found['speed']} 倍速 × real time",
    )
    for key, title in (
        ("orders", "委托 orders"), ("accepted", "转发 forwarded"), ("cancels", "撤单 cancels"),
        ("fills", "成交回报 fills"), ("expired", "收市失效 expired"),
    ):  # fmt: skip
        table.add_row(title, f"{found[key]:,}")
    share = found["trades_as_in_reality"]
    if share is not None:
        table.add_row("与真实成交一致 trades as in reality (SSE)", f"{share:.2%}")
    table.add_row("客户时延 client latency µs", _line(found["latency_us"]))
    for code, count in found["refused"].items():
        zh, en = reasons.get(code, ("", ""))
        table.add_row(f"拒绝 refused {code}", f"{count:,}  {zh} · {en}")
    for name, one in found["misbehaviours"].items():
        caught = "已拦截 caught" if one["caught"] else "未拦截 MISSED"
        table.add_row(f"违规 {name}", f"{one['code']} {caught}")
    for key, title in (
        ("reconciled", "对账一致 reconciled"), ("journal_verified", "日志完整 journal intact"),
        ("replay_equal", "重放一致 replay equal"),
    ):  # fmt: skip
        table.add_row(title, "是 yes" if found[key] else "否 NO")
    console.print(table)
    for difference in found["differences"]:
        console.print(f"差异 difference: {difference}", style="red", markup=False)


def _line(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {figure:,.1f}" for name, figure in figures.items())
