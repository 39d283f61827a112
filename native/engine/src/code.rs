//! Refusal, warning and anomaly codes: one closed list, numbered in ranges per family, never reused.
//!
//! The numbers stay below 65,536 so that SZSE's two-byte reason field holds them, and start at 30,000 so that they
//! cannot be taken for an exchange's own code.

/// Declares the closed list of codes with number, Chinese text and English text.
macro_rules! codes {
    ($($name:ident = $number:literal, $zh:literal, $en:literal;)*) => {
        /// A coded reason.
        #[allow(clippy::doc_markdown, reason = "the texts are shown to people as they stand")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum Code { $(#[doc = $en] $name = $number,)* }

        impl Code {
            /// Every code, in numerical order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code with this number, if there is one.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> u32 { self as u32 }

            /// The name as written in the source.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$name => stringify!($name),)* } }

            /// Chinese text.
            #[must_use]
            pub const fn zh(self) -> &'static str { match self { $(Self::$name => $zh,)* } }

            /// English text.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Self::$name => $en,)* } }
        }
    };
}

codes! {
    DayNotOpen = 30001, "交易日未开启", "trading day is not open";
    StateHalted = 30002, "所属范围已暂停交易", "scope is halted (limit = scope, found = state)";
    StateCancelOnly = 30003, "所属范围只允许撤单", "scope takes cancels only";
    StateSellOnly = 30004, "所属范围只允许卖出和撤单", "scope takes sales and cancels only";
    GatewayUnknown = 30005, "未配置交易网关", "no exchange gateway for the PBU";
    GatewayNotReady = 30006, "交易网关未就绪", "exchange gateway is not ready for orders (found = its state)";
    OrdersFull = 30007, "委托表已满", "order table is full (limit = capacity)";
    EventsFull = 30008, "流速事件表已满", "rate event table is full (limit = capacity)";
    HoldingsFull = 30009, "持仓表已满", "holding table is full (limit = capacity)";
    StateScheduled = 30010, "按时间表变更交易状态", "trading state changed by the schedule (cause only; limit, found = start, end in ns of the day)";
    FillsFull = 30011, "成交表已满", "fill table is full (limit = capacity)";

    ClientUnknown = 30101, "客户端未登记", "client is not registered";
    ClientOffline = 30102, "客户端未登录", "client is not logged in";
    MarketMismatch = 30103, "委托市场与会话不符", "market of the order is not the session's";
    ClOrdIdForm = 30104, "申报编号格式错误", "ClOrdID must be exactly 10 characters of 0-9 A-Z a-z";
    ClOrdIdPrefix = 30105, "申报编号前缀不属于该客户端", "ClOrdID does not start with the client's prefix";
    ClOrdIdDuplicate = 30106, "申报编号重复", "ClOrdID was used before on this PBU today";
    PbuUnknown = 30107, "交易单元未登记", "PBU is not registered";
    PbuNotOfClient = 30108, "交易单元不属于该客户端", "PBU does not belong to the session";
    AccountUnknown = 30109, "证券账户不存在", "securities account is not known";
    AccountNotOfClient = 30110, "证券账户不属于该客户端", "account does not belong to the session";
    AccountNotOfPbu = 30111, "证券账户未指定在该交易单元", "account is designated to another PBU";
    CustomerUnknown = 30112, "客户资料缺失", "customer of the account is not loaded";
    BranchUnknown = 30113, "营业部代码未登记", "branch code is not registered or closed";
    BranchNotOfAccount = 30114, "营业部代码与账户不符", "branch code is not the account's";
    OwnerTypeWrong = 30115, "订单所有者类型与账户不符", "owner type is not the account's (limit = account's, found = sent)";
    TerminalMissing = 30116, "缺少客户交易终端信息", "terminal information is missing";
    TerminalUnknown = 30117, "客户交易终端信息未登记", "terminal number is not registered (found = number)";
    TerminalInvalid = 30118, "客户交易终端信息不合规", "terminal information lacks mandatory items (found = number)";
    BusinessUnsupported = 30119, "业务类型不支持", "business (BizID / ApplID) is not supported (found = number)";
    FieldInvalid = 30120, "字段取值非法", "a field has a value that the protocol does not define";

    CustomerFrozen = 30201, "客户已冻结", "customer is frozen";
    CustomerClosed = 30202, "客户已销户", "customer is closed";
    CustomerBuyOnly = 30203, "客户只允许买入", "customer may only buy";
    CustomerSellOnly = 30204, "客户只允许卖出", "customer may only sell";
    AccountFrozen = 30205, "证券账户已冻结", "account is frozen";
    AccountClosed = 30206, "证券账户已注销", "account is closed";
    AccountBuyOnly = 30207, "证券账户只允许买入", "account may only buy";
    AccountSellOnly = 30208, "证券账户只允许卖出", "account may only sell";
    PermissionMissing = 30209, "缺少交易权限", "permission bits are missing (limit = needed, found = granted)";
    DisclosureMissing = 30210, "未签署风险揭示书", "risk disclosures are not signed (limit = needed, found = signed)";
    RiskGradeLow = 30211, "风险承受能力与产品等级不匹配", "customer's risk grade is below the product's";
    ProgramNotReported = 30212, "程序化交易未报告或未确认", "program order without a confirmed report (found = report state)";
    ProgramRate = 30213, "超过报备的最高申报速率", "declared highest rate a second is passed";
    ProgramDay = 30214, "超过报备的单日最高申报笔数", "declared highest number a day is passed";
    HighFrequencyNotReported = 30215, "达到高频交易标准但未报备", "account reached the high-frequency numbers without being reported so";
    MarginNotAllowed = 30216, "未开通信用交易", "credit tag on an account without margin trading";
    CreditTagWrong = 30217, "信用标识与买卖方向不符", "credit tag does not fit the side or the security";

    RuleMissing = 30301, "缺少交易规则参数", "trading rule of the security is not loaded";
    PhaseMissing = 30302, "缺少交易时段参数", "session clock has no window for this time";
    SecurityUnknown = 30303, "证券代码不存在", "security is not known";
    SecurityNotListed = 30304, "证券未上市", "security is not listed, or its first day has not come (limit = trade date, found = list date)";
    SecuritySuspended = 30305, "证券停牌", "security is suspended";
    SideNotAllowed = 30306, "该证券不允许此买卖方向", "side is not allowed for the security today";
    TypeUnknown = 30307, "委托类型组合非法", "order type fields form no defined order type";
    TypeNotAllowed = 30308, "当前阶段不允许此委托类型", "order type is not allowed in this phase (found = type)";
    FixedNotAllowed = 30309, "该证券不参与盘后固定价格交易", "security does not trade at the after-hours fixed price";
    OutsideWindow = 30310, "非申报时段", "orders are not accepted in this window (found = phase)";

    PriceMissing = 30401, "价格缺失", "price or protection price must be above zero";
    PriceTick = 30402, "价格不是最小变动单位的整数倍", "price is not a multiple of the tick (limit = tick)";
    PriceAboveLimit = 30403, "价格超过涨停价", "price is above the upper limit (limit, found e5)";
    PriceBelowLimit = 30404, "价格低于跌停价", "price is below the lower limit (limit, found e5)";
    LimitMissing = 30405, "缺少涨跌停价格", "price limits of the security are missing";
    PriceAuctionRange = 30406, "超出无涨跌幅证券集合竞价有效范围", "price is outside the call-auction range of a security without limits";
    PriceCage = 30407, "超出有效申报价格范围", "price is outside the cage (limit, found e5)";
    CageReferenceMissing = 30408, "缺少有效申报价格基准", "no reference price for the cage, the collar or a short sale";
    PriceFixed = 30409, "不符合盘后固定价格", "buy below or sell above the close";
    Collar = 30410, "偏离参考价超过内部限制", "price is too far from the reference price (limit, found bp)";
    ShortSalePrice = 30411, "融券卖出价低于最新成交价", "short sale is below the last trade, or the previous close before one (limit, found e5)";
    CloseMissing = 30412, "缺少收盘价", "today's close is not known for after-hours fixed price";

    QtyInvalid = 30501, "数量必须为正整数股", "quantity must be a positive whole number of shares";
    QtyBelowMin = 30502, "低于单笔最低数量", "quantity is below the minimum (limit, found shares)";
    QtyStep = 30503, "数量不是递增单位的整数倍", "quantity is not minimum plus whole steps";
    QtyOddLot = 30504, "零股须一次性卖出", "an odd lot must be sold whole in one order";
    QtyAboveMax = 30505, "超过单笔最大数量", "quantity is above the maximum (limit, found shares)";
    RiskWarningCap = 30506, "超过风险警示股票当日买入上限", "daily buy cap of the risk-warning security is passed";
    OrderValueMax = 30507, "超过单笔金额上限", "value of the order is above the firm's cap (limit, found e5)";

    FeeMissing = 30601, "缺少费率参数", "fee row is missing";
    CashShort = 30602, "可用资金不足", "available cash is too little (limit = available, found = needed, e5)";
    HoldingMissing = 30603, "无可卖持仓", "no holding in the security";
    HoldingShort = 30604, "可卖数量不足", "sellable shares are too few (limit = sellable, found = wanted)";
    AmountOverflow = 30605, "金额超出可表示范围", "amount is outside the representable range";

    SelfMatch = 30701, "与同一控制人的反向委托可能自成交", "would match an open order of the same owner group (limit = its price)";
    IdenticalStorm = 30702, "短时间内重复相同委托", "too many identical orders (limit, found)";
    CancelTargetUnknown = 30703, "撤单目标不存在", "order to cancel is not known";
    CancelTargetForeign = 30704, "撤单目标不属于该客户端", "order to cancel belongs to another client";
    CancelTargetFinished = 30705, "撤单目标已完结", "order to cancel is finished (found = status)";
    CancelPending = 30706, "重复撤单", "a cancel of the order is already on its way";
    CancelWindow = 30707, "当前时段不接受撤单", "cancels are not accepted in this window (found = phase)";
    CancelMismatch = 30708, "撤单要素与原委托不符", "business, PBU or security differs from the original order";
    CancelTargetIsCancel = 30709, "撤单目标本身是撤单", "the target is itself a cancel";

    RateSlidingSecond = 30801, "滑动一秒申报速率超限", "orders + cancels in the sliding second (limit, found)";
    RateCalendarSecond = 30802, "自然秒申报速率超限", "orders + cancels in the clock second";
    RateMinute = 30803, "每分钟申报笔数超限", "orders + cancels in the clock minute";
    RateDay = 30804, "当日申报笔数超限", "orders + cancels of the day";
    QuickCancels = 30805, "瞬时撤单次数超限", "quick cancels of the day";
    CancelCountRatio = 30806, "撤单笔数占比超限", "cancel ratio by count (limit, found bp)";
    CancelValueRatio = 30807, "撤单金额占比超限", "cancel ratio by value (limit, found bp)";
    ThresholdMissing = 30808, "缺少阈值参数", "limit row is missing (limit = scope, found = metric)";
    HighFrequency = 30809, "达到高频交易标准", "account reached the high-frequency numbers (warning)";
    RepeatedCancels = 30810, "无效撤单过多", "too many invalid cancels (warning)";
    ParamMissing = 30811, "缺少运行参数", "a parameter of the market has no row (limit = market, found = parameter)";

    OpenValue = 30901, "未成交委托金额超限", "value of open orders (limit = scope's limit, found e5)";
    ExecutedValue = 30902, "当日成交金额超限", "traded value of the day";
    SecurityValue = 30903, "单只证券集中度超限", "firm's value in the security";
    OpenOrders = 30904, "未成交委托笔数超限", "number of open orders";

    UnknownReport = 32001, "收到未知委托的回报", "report of an unknown order";
    UnknownFill = 32002, "收到未知委托的成交", "fill of an unknown order";
    OverFill = 32003, "成交数量超过委托数量", "fill beyond the order's quantity";
    FillPrice = 32004, "成交价格异常", "fill outside the price limits or worse than the order's limit";
    StreamGap = 32005, "回报序号不连续", "gap in a report stream (limit = expected, found = got)";
    StreamDuplicate = 32006, "重复成交回报", "fill with an exec id that was booked before";
    RejectBurst = 32007, "交易所拒单突增", "burst of exchange rejects";
    AckOverdueCount = 32008, "未确认委托过多", "too many unacknowledged orders";
    AckOverdueAge = 32009, "委托确认超时", "unacknowledged order is too old";
    ReportAfterEnd = 32010, "已完结委托收到回报", "report of a finished order";
    CancelQuantity = 32011, "撤单数量不符", "cancelled quantity differs from the open quantity";
    StreamEnded = 32012, "已结束的回报流又有回报", "report in a stream that has ended (limit = its last index, found = got)";
    StreamsFull = 32013, "回报流表已满", "no room for another report stream (limit = capacity)";
    GatewaySilent = 32014, "交易网关无心跳", "nothing was heard from the gateway, not even a heartbeat (limit, found ms)";

    NotConnected = 33001, "网关未连接交易所", "no connection to the exchange gateway";
    QueueFull = 33002, "发送队列已满", "send queue is full";
    MessageInvalid = 33004, "报文非法", "message is malformed";
    TypeUnsupported = 33005, "报文类型不支持", "message type is not supported by the gate";
    LoadInvalid = 33006, "参考数据无效", "reference row is invalid or beyond the configured capacity";
}
