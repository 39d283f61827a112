"""What a running gate tells of itself, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table

from panshi.domain.clock import MS_NS, format_day_ms, format_wall_ns
from panshi.gate.engine import load_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

MARKETS: Final = {1: "上交所 SSE", 2: "深交所 SZSE"}
PLATFORM_STATES: Final = (
    "断开 down",
    "未开市 not open",
    "即将开市 pre-open",
    "开市 open",
    "暂停 break",
    "闭市 closed",
    "恢复中 held",
)
SESSIONS: Final = {
    "down": "断开 down",
    "connecting": "连接中 connecting",
    "logging on": "登录中 logging on",
    "up": "已登录 up",
    "leaving": "正在登出 leaving",
}
CENTRES: Final = {"main": "主中心 main", "backup": "备中心 backup"}
CAUSES: Final = {
    "start": "启动 start",
    "command": "人工切换 command",
    "connect": "连接失败 no connection",
    "loss": "连接中断 connection lost",
    "not_ready": "网关未就绪 not ready",
    "heartbeat": "心跳超时 no heartbeat",
    "refused": "登录被拒 refused",
    "drill": "演练 drill",
    "claim": "租约 claim",
    "gap": "缺口补报 gap",
    "unwelcome": "会话未开始 session not begun",
}
"""Why a gateway is served from the centre it is served from."""
COUNTS: Final = {
    "orders": "收到委托 orders received",
    "cancels": "收到撤单 cancels received",
    "forwarded": "已转发委托 orders sent on",
    "forwarded_cancels": "已转发撤单 cancels sent on",
    "refused": "已拒绝 refused",
    "reports": "收到回报 reports received",
    "delivered": "已送达回报 reports delivered",
    "warnings": "预警 warnings",
    "anomalies": "回报异常 anomalies",
    "recovered": "由回报重建的委托 orders made again",
    "queued": "排队待发 waiting for a window",
    "unacknowledged": "未确认委托 unacknowledged",
}
STAGES: Final = {
    "check": "收到至通过检查 received to checked",
    "forward": "收到至发出 received to sent",
    "exchange": "发出至应答 sent to answered",
    "report": "应答至送达 answered to reported",
}
SCOPES: Final = {
    "Firm": "全公司",
    "Market": "市场",
    "Pbu": "交易单元",
    "Client": "客户端",
    "Account": "证券账户",
    "Customer": "客户",
    "OwnerGroup": "实际控制人账户组",
    "Desk": "业务部门",
    "Strategy": "策略",
    "Security": "证券",
    "Gateway": "交易网关",
}
STATES: Final = {
    "SellOnly": "只许卖出 sell-only",
    "CancelOnly": "只许撤单 cancel-only",
    "Halted": "暂停 halted",
}
PROOFS: Final = {
    "None": "仅口述 only said",
    "Secret": "口令 secret",
    "Gate": "网关自身 the gate",
}
"""How a name was shown to be the person's."""
NEVER: Final = (1 << 63) - 1


def status_tables(found: dict[str, Any]) -> RenderableType:
    """Lay out a status.

    Args:
        found: The status as the gate gives it.

    Returns:
        Tables one below the other.
    """
    return Group(
        _overview(found),
        _stops(found),
        _mass_cancels(found["mass_cancels"]),
        _gateways(found),
        _clients(found),
        _refusals(found),
        _latency(found),
    )


def _overview(found: dict[str, Any]) -> Table:
    table = _table("网关 gate", "项目 item", "数值 value")
    journal = found["journal"]
    lines = [
        ("状态 state", _state(found)),
        ("交易日 trade date", str(found["trade_date"])),
        ("市场时间 market time", format_day_ms(found["ns_of_day"] // MS_NS)),
        *((COUNTS[name], str(found["counts"][name])) for name in found["counts"]),
        *((COUNTS[name], str(found["pending"][name])) for name in found["pending"]),
        ("受限范围 restricted scopes", str(found["restricted"])),
        (
            "日志 journal",
            f"{journal['appended']} 已写 appended, {journal['durable']} 已落盘 synced",
        ),
        ("落盘方式 durability", journal["durability"]),
    ]
    snapshots = found["snapshots"]
    if snapshots["snapshot"]:
        size = f"{snapshots['snapshot']['bytes']:,}"
        lines.append(
            ("最近快照 last snapshot", f"{snapshots['snapshot']['sequence']}, {size} 字节 bytes")
        )
    if snapshots["trouble"]:
        lines.append(("快照故障 snapshot trouble", str(snapshots["trouble"])))
    if journal["full"]:
        lines.append(("磁盘已满 disk full", f"{journal['full']}"))
    for line in lines:
        table.add_row(*line)
    return table


def _state(found: dict[str, Any]) -> str:
    if found["failure"]:
        return f"已停止 halted: {found['failure']}"
    if found["stopping"]:
        return "正在停止 stopping"
    return "已收市 day closed" if found["closed"] else "运行中 serving"


def _stops(found: dict[str, Any]) -> Table:
    table = _table(
        "停止 stops",
        "编号 stop",
        "范围 scope",
        "状态 state",
        "自 since",
        "操作人 who",
        "姓名证明 proof",
        "原因 why",
        "日志序号 sequence",
    )
    for row in found["stops"]:
        extra = "，已隔离 isolated" if row["isolate"] else ""
        taken = "拒绝 refused" if row["refused"] else str(row["taken"] or "未执行 not yet")
        table.add_row(
            str(row["stop"]),
            _part(row),
            STATES.get(row["state"], row["state"]) + extra,
            format_wall_ns(row["wall_ns"]),
            row["who"],
            PROOFS.get(row["proof"], row["proof"]),
            row["why"],
            taken,
        )
    return table


def _gateways(found: dict[str, Any]) -> Table:
    table = _table(
        "交易网关 exchange gateways",
        "编号 number",
        "市场 market",
        "会话 session",
        "平台状态 platform",
        "数据中心 centre",
        "自 since",
        "原因 why",
        "地址 address",
        "待发 bytes waiting",
        "等待 waits for",
    )
    for row in found["gateways"]:
        table.add_row(
            str(row["gateway"]),
            MARKETS[row["market"]],
            SESSIONS[row["session"]],
            PLATFORM_STATES[row["state"]],
            CENTRES[row["centre"]],
            format_wall_ns(row["centre_since_ns"]),
            CAUSES[row["centre_why"]],
            row["address"],
            str(row["backlog_bytes"]),
            row["waits"] or "",
        )
    return table


def _clients(found: dict[str, Any]) -> Table:
    table = _table(
        "客户端 clients",
        "编号 number",
        "CompID",
        "市场 market",
        "在线 online",
        "待发 bytes waiting",
    )
    for row in found["clients"]:
        online = "是 yes" if row["online"] else "否 no"
        cells = (str(row["client"]), row["comp_id"], MARKETS[row["market"]], online)
        table.add_row(*cells, str(row["backlog_bytes"]))
    return table


def _refusals(found: dict[str, Any]) -> Table:
    table = _table("拒绝代码 refusals", "代码 code", "笔数 count", "中文", "English")
    reasons = {reason.code: reason for reason in load_reasons()}
    for code, count in found["refused_by_code"].items():
        reason = reasons[int(code)]
        table.add_row(code, str(count), reason.zh, reason.en)
    return table


def _latency(found: dict[str, Any]) -> Table:
    table = _table("时延 latency, µs", "阶段 stage", "笔数 count", "p50", "p99", "p99.9")
    for name, row in found["latency"].items():
        figures = (f"{row[f'{part}_ns'] / 1000:.1f}" for part in ("p50", "p99", "p99_9"))
        table.add_row(STAGES[name], str(row["count"]), *figures)
    return table


def states_table(rows: Iterable[dict[str, Any]]) -> Table:
    """Lay out the scopes that are not normal.

    Args:
        rows: Rows as the gate gives them.

    Returns:
        One row a scope.
    """
    table = _table("受限范围 restricted scopes", "范围 scope", "编号 number", "状态 state")
    for row in rows:
        table.add_row(_scope(row), row["key"] or str(row["id"]), STATES[row["state"]])
    return table


def mass_cancel_tables(rows: Sequence[dict[str, Any]]) -> RenderableType:
    """Lay out mass cancels and what they could not cancel.

    Args:
        rows: Rows as the gate gives them.

    Returns:
        One row a mass cancel, then one for each order that was not cancelled.
    """
    table = _table(
        "未能撤销 not cancelled",
        "全撤 mass cancel",
        "委托号 ClOrdID",
        "客户端 client",
        "网关 gateway",
        "原因 why",
    )
    for row in rows:
        for one in row["not_cancelled"]:
            why = f"{one['code']} {one['zh']} · {one['en']}"
            if one["by"] == "exchange":
                why = f"{one['code']} 交易所拒绝 · refused by the exchange"
            who = (str(one["client"]), str(one["gateway"]))
            table.add_row(str(row["sequence"]), one["cl_ord_id"], *who, why)
    return Group(_mass_cancels(rows), table)


def _mass_cancels(rows: Iterable[dict[str, Any]]) -> Table:
    table = _table(
        "全撤 mass cancels",
        "日志序号 sequence",
        "范围 scope",
        "应撤 asked",
        "已发 sent",
        "已确认 confirmed",
        "被拒 failed",
        "不能撤 missed",
        "剩余 left",
    )
    for row in rows:
        asked = f"{row['asked']}" if row["counted"] else f"{row['asked']}+"
        table.add_row(
            str(row["sequence"]),
            _part(row),
            asked,
            *(str(row[name]) for name in ("sent", "confirmed", "failed", "missed")),
            "完成 done" if row["done"] else str(row["left"]),
        )
    return table


def unknown_table(rows: Iterable[dict[str, Any]]) -> Table:
    """Lay out the orders that are unconfirmed.

    Args:
        rows: Rows as the gate gives them.

    Returns:
        One row an order; its funds or shares are frozen.
    """
    table = _table(
        "未确认 unconfirmed",
        "委托号 ClOrdID",
        "账户 account",
        "证券 security",
        "未成交 open",
        "未确认的 what",
    )
    for row in rows:
        side = "买 buy" if row["buy"] else "卖 sell"
        still = f"{side} {row['open_qty']} @ {row['price_e5'] / 100_000:.3f}"
        what = "委托 order" if row["unconfirmed"] == "order" else "撤单 cancel"
        table.add_row(row["cl_ord_id"], row["account"], row["security"], still, what)
    return table


def limits_table(rows: Iterable[dict[str, Any]]) -> Table:
    """Lay out the limits in force.

    Args:
        rows: Rows as the gate gives them.

    Returns:
        One row a limit; number 0 is the default of the scope, market 0 is both.
    """
    headings = (
        "范围 scope",
        "编号 number",
        "市场 market",
        "指标 metric",
        "预警 warn",
        "阻断 block",
    )
    table = _table("阈值 limits", *headings)
    for row in rows:
        levels = ("-" if row[name] == NEVER else str(row[name]) for name in ("warn", "block"))
        table.add_row(_scope(row), str(row["id"]), str(row["market"]), row["metric"], *levels)
    return table


def _part(row: dict[str, Any]) -> str:
    """Return the part of the market that a row is about."""
    return f"{_scope(row)} {row['key'] or row['id'] or ''}".strip()


def _scope(row: dict[str, Any]) -> str:
    return f"{SCOPES.get(row['scope'], '?')} {row['scope']}"


def _table(title: str, *headings: str) -> Table:
    return Table(*headings, title=title, title_justify="left")
