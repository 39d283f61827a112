"""Chinese names of the fields, and their numbers in yuan and shares, for people who read a table.

The tables of the native code say what a field is called and where it lies; this says how it is
read aloud. A field without a name here is a test that fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.domain.units import format_scaled

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

FIELD_NAMES: Final = {
    "Account": "证券账户", "AccountID": "证券账户", "ApplID": "应用标识",
    "BeginReportIndex": "起始回报序号", "BidExecInstType": "竞买成交方式",
    "BidTransType": "竞买业务类别", "BizID": "业务代码", "BizPbu": "业务交易单元",
    "BranchID": "营业部代码", "BusinessRejectReason": "拒绝原因代码",
    "BusinessRejectRefID": "被拒消息编号", "BusinessRejectText": "拒绝原因说明",
    "CashMargin": "信用标识", "CashOrderQty": "申购金额", "ClOrdID": "会员内部订单编号",
    "ClearingFirm": "结算机构代码", "ConfirmID": "约定号", "ContractAccountCode": "合约账户标识码",
    "CounterpartyInvestorID": "对手方交易主体代码", "CounterpartyInvestorName": "对手方客户名称",
    "CounterpartyInvestorType": "对手方交易主体类型", "CounterpartyMemberID": "对手方交易商代码",
    "CounterpartyTraderCode": "对手方交易员代码", "CoveredOrUncovered": "备兑标签",
    "CreditTag": "信用标签", "CumQty": "累计执行数量", "CxlQty": "撤销数量",
    "CxlRejReason": "撤单拒绝原因代码", "DeductionAccountID": "扣划证券账户",
    "DeductionPBU": "扣划交易单元", "DefaultApplVerID": "通信版本", "DeliveryQty": "交付数量",
    "DisposalAccountID": "划入证券账户", "DisposalPBU": "划入交易单元",
    "EndReportIndex": "最大回报序号", "ExecID": "执行编号", "ExecType": "执行类型",
    "ExpirationDays": "期限", "ExpirationType": "期限类型", "GrossTradeAmt": "成交金额",
    "HeartBtInt": "心跳间隔", "HighLimitPrice": "价格上限", "IMCRejectText": "联交所拒绝原因说明",
    "InsufficientSecurityID": "不足证券代码", "InvestorID": "交易主体代码",
    "InvestorName": "客户名称", "InvestorType": "交易主体类型", "LastPx": "成交价",
    "LastQty": "成交数量", "LeavesQty": "剩余数量", "LenderAccountID": "出借证券账户",
    "LenderPBU": "出借交易单元", "LotType": "订单数量类型", "LowLimitPrice": "价格下限",
    "MarketID": "市场代码", "MarketSegmentID": "市场板块代码", "MaturityDate": "到期日",
    "MaxPriceLevels": "最多成交价位数", "MemberID": "交易商代码", "Memo": "备注",
    "MinQty": "最低成交数量", "NoAccounts": "其他市场账户", "NoGroups": "分组",
    "NoPartitions": "分区", "NoSecurity": "成份证券", "OrdCnfmID": "交易所订单编号",
    "OrdRejReason": "订单拒绝原因代码", "OrdStatus": "订单状态", "OrdType": "订单类型",
    "OrderEntryTime": "订单申报时间", "OrderID": "交易所订单编号", "OrderQty": "订单数量",
    "OrderRestrictions": "订单限定", "OrigClOrdID": "原会员内部订单编号",
    "OrigOrdCnfmID": "原交易所订单编号", "OwnerType": "订单所有者类型", "PBUID": "交易单元",
    "PartitionNo": "平台分区号", "Password": "密码", "Pbu": "登录或订阅交易单元",
    "PlatformID": "平台代码", "PlatformState": "平台状态", "PositionEffect": "开平仓标识",
    "PreTradeAnonymity": "是否匿名", "Price": "价格", "PrtclVersion": "协议版本",
    "QSize": "队列长度（预留）", "RefMsgType": "被拒消息类型", "RefSeqNum": "被拒消息序号",
    "RejReason": "拒绝原因代码", "RejectText": "拒绝原因说明", "ReportIndex": "回报序号",
    "ReportingPBUID": "回报交易单元", "SecondaryOrderID": "第二交易所订单编号",
    "SecurityID": "证券代码", "SecurityIDSource": "证券代码源", "SenderCompID": "发送方代码",
    "SessionStatus": "会话状态", "SetID": "平台分区号", "SettlPeriod": "结算周期",
    "SettlType": "结算方式", "ShareProperty": "股份性质", "Side": "买卖方向", "StopPx": "止损价",
    "SubmittingPBUID": "申报交易单元", "SubstCash": "现金替代金额", "TargetCompID": "接收方代码",
    "Tenderer": "收购人编码", "Text": "说明", "TimeInForce": "订单有效时间类型",
    "TradSesEndTime": "时段结束时间", "TradSesStartTime": "时段开始时间",
    "TradSesStatus": "时段状态", "TradeDate": "交易日期", "TraderCode": "交易员代码",
    "TradingSessionID": "交易时段", "TradingSessionSubID": "交易时段子编号",
    "TransactTime": "时间", "TrdCnfmID": "成交编号", "UnderlyingSecurityID": "成份证券代码",
    "UnderlyingSecurityIDSource": "成份证券代码源", "UserInfo": "用户私有信息",
}  # fmt: skip
"""Chinese name of every field and group, by its name in the specification."""

PRICES: Final = frozenset({"Price", "LastPx", "StopPx", "LowLimitPrice", "HighLimitPrice"})
AMOUNTS: Final = frozenset({"GrossTradeAmt", "CashOrderQty", "SubstCash"})
QUANTITIES: Final = frozenset(
    {"OrderQty", "LeavesQty", "CumQty", "CxlQty", "LastQty", "MinQty", "DeliveryQty"}
)

PLACES: Final[dict[Protocol, tuple[int, int]]] = {"sse": (5, 3), "szse": (4, 2)}
"""Decimal places of prices and amounts, and of quantities.

Source: SSE IS122 TDGW Binary v0.57, 4.1.3; SZSE Binary trading interface v1.32, 6.1.
"""


def describe_number(protocol: Protocol, name: str, value: object) -> str:
    """Return what an unscaled number says in yuan or shares.

    >>> describe_number("sse", "Price", 1234000), describe_number("szse", "OrderQty", 10000)
    ('12.34 元', '100')

    Args:
        protocol: The gateway that speaks the message.
        name: Name of the field.
        value: Its value as decoded.

    Returns:
        The number in its unit; empty for a field that is no price, amount or quantity, and for -1,
        which stands for an amount that does not fit.
    """
    if not isinstance(value, int) or value < 0:
        return ""
    money_places, share_places = PLACES[protocol]
    if name in PRICES or name in AMOUNTS:
        return f"{format_scaled(value, money_places, digits_min=2)} 元"
    return format_scaled(value, share_places) if name in QUANTITIES else ""
