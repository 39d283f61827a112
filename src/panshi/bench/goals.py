"""What of the figures is shown on the page of results, and what each has to reach.

A goal is a promise of issue 2 or 3 of this project; the number behind `#` is the issue, the one
behind `.` its point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure of the page.

    Attributes:
        path: Keys from the measurement's figures down to the number; a list counts by its length.
        zh: What it is.
        en: The same in English.
        unit: `ns`, `per_s`, `per_mille`, `times`, `bytes`, `kib`, `ms` or `count`.
        most: What it must not exceed.
        least: What it must reach.
        source: Where the goal stands.
    """

    path: str
    zh: str
    en: str
    unit: str
    most: float | None = None
    least: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement on the page: its title and what must be known to read its figures."""

    zh: str
    en: str
    note_zh: str
    note_en: str
    rows: tuple[Shown, ...]


def _relay(kind: str, zh: str, en: str) -> tuple[Shown, ...]:
    """Return the rows of one kind of loop."""
    ratio = "ns_per_mille_of_relay"
    rows = [
        Shown(f"{kind}.relay.p50_ns", f"{zh}：裸转发 p50", f"{en}: bare relay, p50", "ns"),
        Shown(f"{kind}.relay.p99_ns", f"{zh}：裸转发 p99", f"{en}: bare relay, p99", "ns"),
    ]
    for mode in "ABC":
        most = (1200, 1500) if mode == "A" else (None, None)
        source = "#2.6" if mode == "A" else ""
        for name, limit in zip(("p50", "p99"), most, strict=True):
            rows += [
                Shown(
                    f"{kind}.{mode}.{name}_ns",
                    f"{zh}：方式 {mode} {name}",
                    f"{en}: mode {mode}, {name}",
                    "ns",
                ),
                Shown(
                    f"{kind}.{mode}.{name}_{ratio}",
                    f"{zh}：方式 {mode} {name} 与裸转发之比",
                    f"{en}: mode {mode}, {name} to the bare relay's",
                    "per_mille",
                    most=limit,
                    source=source,
                ),
            ]
    rows.append(
        Shown(
            f"{kind}.A.orders_per_s",
            f"{zh}：256 笔在途的吞吐，方式 A",
            f"{en}: throughput with 256 in flight, mode A",
            "per_s",
            least=120_000,
            source="#2.6",
        )
    )
    return tuple(rows)


def _peer(name: str, title: str) -> tuple[Shown, ...]:
    parts = (
        ("check", "仅其检查", "its checks alone"),
        ("submit", "其提交全程", "its whole way of an order"),
    )
    return tuple(
        Shown(
            f"peers.{name}.{part}.panshi_is_times",
            f"每 CPU 秒委托数与 {title} 之比（{zh}）",
            f"orders per CPU second, times {title} ({en})",
            "times",
            least=20,
            source="#2.4",
        )
        for part, zh, en in parts
    )


def _fair(kind: str, zh: str, en: str, most: float | None) -> tuple[Shown, ...]:
    return (
        Shown(f"{kind}.unloaded.p99_ns", f"{zh}：单独 p99", f"{en}: alone, p99", "ns"),
        Shown(f"{kind}.loaded.p99_ns", f"{zh}：同在 p99", f"{en}: beside it, p99", "ns"),
        Shown(
            f"{kind}.loaded.p99_ns_per_mille_of_unloaded",
            f"{zh}：p99 之比",
            f"{en}: ratio of the p99",
            "per_mille",
            most=most,
            source="#3.7" if most else "",
        ),
    )


PARTS: Final[dict[str, Part]] = {
    "wire": Part(
        "报文编解码",
        "decode and encode of a new order",
        "一笔委托从字节到结构再到字节，含校验和。",
        "One order from bytes to a struct and back to bytes, checksums included.",
        tuple(
            Shown(f"{name}.median_ns", f"{zh}中位数", f"{en}, median", "ns", 100, source="#2.2")
            for name, zh, en in (("sse", "上交所", "Shanghai"), ("szse", "深交所", "Shenzhen"))
        ),
    ),
    "engine": Part(
        "委托引擎，全部检查",
        "the order engine with every check",
        "热态与冷态均为演示日的真实委托流；冷态散布到 100,000 个账户、8,000 只证券，"
        "另有 200,000 笔未成交委托。同行系统与本系统收到同一批合成委托：“仅其检查”是其风控函数，"
        "“提交全程”是委托到空网关的整条路径；本系统始终做全部检查、冻结、计数并记住委托。",
        "Hot and cold are the real flow of the demo's day; for cold it is spread over 100,000 "
        "accounts and 8,000 securities with 200,000 open orders. Peers and ours get the same "
        "synthetic orders: *its checks alone* is a peer's risk function by itself, *its whole way "
        "of an order* goes down to a gateway that does nothing; ours always runs every check, "
        "freezes, counts and remembers the order.",
        (
            Shown("hot.median_ns", "热态中位数", "hot, median", "ns", 250, source="#2.4"),
            Shown("hot.p99_ns", "热态 p99", "hot, p99", "ns"),
            Shown("cold.median_ns", "冷态中位数", "cold, median", "ns", 1_000, source="#2.4"),
            Shown("cold.p99_ns", "冷态 p99", "cold, p99", "ns", 3_000, source="#2.4"),
            Shown(
                "cold.inputs_per_s",
                "冷态每秒输入",
                "cold, inputs a second",
                "per_s",
                least=1_000_000,
                source="#2.4",
            ),
            Shown("cold.memory_bytes", "冷态内存", "cold, memory", "bytes", GIB, source="#2.4"),
            Shown(
                "synthetic.cold.memory_bytes",
                "冷态内存，合成委托流",
                "cold, memory with the synthetic flow",
                "bytes",
                GIB,
                source="#2.4",
            ),
            Shown("refused_early_ns", "早期拒绝", "refused early", "ns", 50, source="#2.4"),
            Shown("synthetic.hot.median_ns", "合成流热态中位数", "synthetic, hot, median", "ns"),
            Shown("synthetic.cold.median_ns", "合成流冷态中位数", "synthetic, cold, median", "ns"),
            *_peer("nautilus_trader", "NautilusTrader RiskEngine"),
            *_peer("vnpy_riskmanager", "vn.py riskmanager"),
        ),
    ),
    "journal": Part(
        "日志",
        "the journal",
        "每条记录 256 字节。",
        "Records of 256 bytes.",
        (
            Shown("append.median_ns", "追加中位数", "append, median", "ns", 300, source="#2.5"),
            Shown(
                "arrow_per_s",
                "读为 Arrow 表，每秒记录",
                "read as Arrow tables, records a second",
                "per_s",
                least=5_000_000,
                source="#2.5",
            ),
        ),
    ),
    "gate": Part(
        "网关全程与裸转发",
        "the whole gate beside a bare relay",
        "同一轮内轮流测量，取各轮中位数；比值逐轮计算后取中位数。"
        "方式 A 不等落盘，B 回报等落盘，C 发送等落盘。",
        "Measured by turns in the same run, medians of the rounds; a ratio is taken in each round. "
        "Mode A waits for no disk, B lets the report wait for it, C the order.",
        (*_relay("blocking", "阻塞", "blocking"), *_relay("spinning", "自旋", "spinning")),
    ),
    "fair": Part(
        "公平",
        "fairness",
        "三个守规矩的客户旁有一个客户以其会话额定速率的十倍申报，超出限额的被拒绝。"
        "“无限额”是最坏情形：所有委托通过并排在通往交易所的同一队列里。",
        "Three polite clients beside one that offers ten times what its session is rated for; what "
        "is beyond the limit is refused. *Without a limit* is the worst case: everything passes "
        "and waits in one queue to the exchange.",
        (
            *_fair("blocking", "阻塞", "blocking", 3_000),
            *_fair("spinning", "自旋", "spinning", 3_000),
            *_fair("blocking_without_limit", "阻塞，无限额", "blocking, without a limit", None),
        ),
    ),
    "recovery": Part(
        "中断后再启动",
        "a start that finds a day under way",
        "5,000,000 条日志记录。",
        "5,000,000 records in the journal.",
        (
            Shown(
                "start_ns.with_snapshot",
                "有快照",
                "from a snapshot",
                "ns",
                3_000_000_000,
                source="#3.1",
            ),
        ),
    ),
    "takeover": Part(
        "备用网关接管",
        "a standby takes over",
        "负载下杀死主网关，到备用网关的全部会话开放。",
        "From the kill of the primary under load until every session of the standby is open.",
        (
            Shown("open_median_ms", "中位数", "median", "ms", 1_000, source="#3.3"),
            Shown("open_max_ms", "最长", "longest", "ms", 1_000, source="#3.3"),
        ),
    ),
    "stop": Part(
        "满载下停止",
        "a stop under full load",
        "从写出命令之前到最后一笔委托到达对端，256 笔在途。",
        "From before the command is written to the last order at the far end, 256 in flight.",
        (
            Shown(
                "blocking.last_order_ns.p99", "阻塞 p99", "blocking, p99", "ns", 5e6, source="#3.5"
            ),
            Shown(
                "spinning.last_order_ns.p99", "自旋 p99", "spinning, p99", "ns", 5e6, source="#3.5"
            ),
        ),
    ),
    "soak": Part(
        "持续压力",
        "soak",
        "09:15 至收市的完整一天，其中一段按实际速度。首段与尾段各取全部委托的两成；"
        "自有内存不含内核映射的日志页，随委托增长的是当日每笔回报的索引与首次使用的表页。",
        "A whole day from 09:15 to its end, a piece of it at its own speed. First and last part "
        "are two tenths of the orders each; own memory is without the journal's mapped pages. What "
        "grows with the orders is the index of each report of the day, and pages of tables that "
        "are used for the first time.",
        (
            Shown("broken", "违反的不变量", "broken invariants", "count", 0, source="#3.9"),
            Shown("counts.orders", "委托", "orders", "count"),
            Shown(
                "growth.own_kib_per_1000_orders",
                "每千笔委托自有内存增长",
                "own memory, growth for 1,000 orders",
                "kib",
            ),
            Shown(
                "growth.forward_p99_per_mille",
                "收到至发出 p99，尾段与首段之比",
                "receipt to sending, p99, last part to first",
                "per_mille",
            ),
            Shown(
                "growth.report_p99_per_mille",
                "应答至回报 p99，尾段与首段之比",
                "answer to report, p99, last part to first",
                "per_mille",
            ),
        ),
    ),
}
"""The measurements in the order of the page, by the name of their command."""
