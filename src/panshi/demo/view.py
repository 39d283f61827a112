"""What a person sees of a run: a live view, plain lines, and the summary."""

from __future__ import annotations

import itertools
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
GATEWAY_STATES: Final = {
    0: "断开 down",
    1: "未开市 not open",
    2: "即将开市 pre-open",
    3: "开市 open",
    4: "休市 break",
    5: "闭市 closed",
}
MARKETS: Final = {1: "上交所 SSE", 2: "深交所 SZSE"}
COUNTED: Final = (
    ("委托 orders", "orders"), ("撤单 cancels", "cancels"), ("委托/秒 in/s", "in"),
    ("转发 forwarded", "forwarded"), ("拒绝 refused", "refused"), ("回报/秒 out/s", "out"),
    ("回报 reports", "reports"), ("排队 queued", "queued"), ("未确认 unacked", "unacknowledged"),
)  # fmt: skip
COUNTS_IN_A_LINE: Final = 3


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
        """Return the picture of one status; it fits a terminal of 80 columns and 24 lines.

        Args:
            status: The gate's status.

        Returns:
            What rich draws.
        """
        counts = status["counts"]
        self._seen.append(
            (time.monotonic(), counts["orders"] + counts["cancels"], counts["reports"])
        )
        words = ("磐石 Panshi", _moment(status), self._stage)
        head = Text(
            f"{' · '.join(words)} · 客户在线 clients {status['clients_online']}", "bold reverse"
        )
        upper = Group(head, self._flow(status), _latencies(status), _gateways(status))
        console = self._live.console
        used = len(console.render_lines(upper, pad=False))
        return Group(upper, self._refusals(status, console.height - used - 1))

    def _flow(self, status: dict[str, Any]) -> Table:
        (first_s, first_in, first_out), (last_s, last_in, last_out) = self._seen[0], self._seen[-1]
        span_s = max(last_s - first_s, 0.001)
        rates = {"in": (last_in - first_in) / span_s, "out": (last_out - first_out) / span_s}
        figures: dict[str, float] = {**status["counts"], **status["pending"], **rates}
        table = _plain_table()
        for _ in range(COUNTS_IN_A_LINE):
            table.add_column(style="dim", no_wrap=True)
            table.add_column(justify="right", min_width=9, no_wrap=True)
        cells = [(title, f"{figures[key]:,.0f}") for title, key in COUNTED]
        for start in range(0, len(cells), COUNTS_IN_A_LINE):
            table.add_row(*itertools.chain(*cells[start : start + COUNTS_IN_A_LINE]))
        return table

    def _refusals(self, status: dict[str, Any], lines: int) -> Table:
        """Return refusals, the most frequent first, as many whole ones as there is room for."""
        counted = sorted(status["refused_by_code"].items(), key=lambda row: -row[1])[:lines]
        while True:
            table = _plain_table("按代码统计的拒绝 refusals by code")
            table.add_column(no_wrap=True)
            table.add_column(justify="right", no_wrap=True)
            table.add_column(overflow="fold")
            for code, count in counted:
                zh, en = self._reasons.get(int(code), ("", ""))
                # What limit and found mean belongs to one refusal and not to the number of them.
                table.add_row(str(code), f"{count:,}", f"{zh} · {en.partition(' (')[0]}")
            if not counted or len(self._live.console.render_lines(table, pad=False)) <= lines:
                return table
            counted.pop()


def _plain_table(title: str | None = None) -> Table:
    """Return a table without frame: every column of a narrow terminal is for the figures."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        show_header=False,
        padding=(0, 1, 0, 0),
    )


def _moment(status: dict[str, Any]) -> str:
    return format_day_ms(int(status["ns_of_day"]) // 1_000_000_000 * 1000)


def _latencies(status: dict[str, Any]) -> Table:
    names = {"count": "次数 count", "p50": "p50", "p99": "p99", "p99_9": "p99.9", "max": "max"}
    table = _plain_table()
    table.show_header = True
    table.header_style = "bold"
    table.add_column("时延 latency µs", no_wrap=True)
    for title in names.values():
        table.add_column(title, justify="right", min_width=10, no_wrap=True)
    for name, row in gate_latency_us(status).items():
        figures = (f"{row[key]:,.{0 if key == 'count' else 1}f}" for key in names)
        table.add_row(name, *figures)
    return table


def _gateways(status: dict[str, Any]) -> Table:
    table = _plain_table("交易网关 gateways")
    for row in status["gateways"]:
        state = GATEWAY_STATES.get(row["state"], "?")
        joined = "已连接 connected" if row["connected"] else "未连接 NOT CONNECTED"
        market = MARKETS.get(row["market"], "?")
        table.add_row(str(row["gateway"]), market, joined, state)
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
    table = _plain_table("结果 summary")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
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
        table.add_row("同真实成交 trades as real", f"{share:.2%} (SSE)")
    table.add_row("客户时延 latency µs", _line(found["latency_us"]))
    for code, count in found["refused"].items():
        zh, en = reasons.get(code, ("", ""))
        table.add_row(f"拒绝 refused {code}", f"{count:,}  {zh} · {en}")
    for name, one in found["misbehaviours"].items():
        words = name.replace("_", " ")
        caught = "已拦截 caught" if one["caught"] else "未拦截 MISSED"
        table.add_row(f"违规 misconduct {one['code']}", f"{caught}  {one['zh']} · {words}")
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
