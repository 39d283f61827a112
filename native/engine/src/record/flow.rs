//! Inputs of the running day: sessions, orders, cancels, reports, quotes, commands and time.

panshi_wire::layout! {
    /// A client logged in or out.
    little;
    pub struct ClientState = 30, "ClientState" {
        time_ns: u64 => "time_ns", "market time";
        client: u16 => "client", "client number";
        online: u8 => "online", "1 logged in, 0 gone";
        spare: [u8; 5] => "spare", "zero";
    }

    /// An order as the client sent it, protocol differences levelled.
    little;
    pub struct NewOrder = 31, "NewOrder" {
        time_ns: u64 => "time_ns", "market time of receipt";
        price_e5: i64 => "price_e5", "limit or protection price; 0: none";
        qty_e3: i64 => "qty_e3", "quantity in 1/1000 share";
        min_qty_e3: i64 => "min_qty_e3", "SZSE MinQty";
        stop_px_e5: i64 => "stop_px_e5", "SZSE StopPx";
        transact_time: u64 => "transact_time", "as sent";
        biz: u32 => "biz", "SSE BizID or SZSE ApplID as a number";
        owner_type: u16 => "owner_type", "as sent";
        client: u16 => "client", "client number";
        max_levels: u16 => "max_levels", "SZSE MaxPriceLevels";
        market: u8 => "market", "1 SSE, 2 SZSE";
        order_type: u8 => "order_type", "see OrderType; 0: not a defined combination";
        side: Char => "side", "as sent, 1 buy, 2 sell";
        ord_type: Char => "ord_type", "as sent";
        time_in_force: Char => "time_in_force", "as sent";
        cash_margin: Char => "cash_margin", "SZSE CashMargin";
        pbu: [u8; 8] => "pbu", "BizPbu or SubmittingPBUID, space padded";
        cl_ord_id: [u8; 10] => "cl_ord_id", "ClOrdID";
        security_id: [u8; 12] => "security_id", "as sent, space padded";
        account: [u8; 13] => "account", "as sent, space padded";
        credit_tag: [u8; 2] => "credit_tag", "SSE CreditTag";
        clearing_firm: [u8; 8] => "clearing_firm", "as sent, space padded";
        branch_id: [u8; 8] => "branch_id", "as sent, space padded";
        restrictions: [u8; 4] => "restrictions", "SZSE OrderRestrictions";
        user_info: [u8; 32] => "user_info", "as sent, space padded";
        recovered: u8 => "recovered", "1: lost with the end of a journal and made again from a report of the exchange; 0: as a client sent it";
        spare: [u8; 4] => "spare", "zero";
    }

    /// A cancel request as the client sent it.
    little;
    pub struct CancelOrder = 32, "CancelOrder" {
        time_ns: u64 => "time_ns", "market time of receipt";
        transact_time: u64 => "transact_time", "as sent";
        qty_e3: i64 => "qty_e3", "SZSE OrderQty, not checked";
        biz: u32 => "biz", "SSE BizID or SZSE ApplID as a number";
        owner_type: u16 => "owner_type", "as sent";
        client: u16 => "client", "client number";
        market: u8 => "market", "1 SSE, 2 SZSE";
        side: Char => "side", "as sent";
        pbu: [u8; 8] => "pbu", "space padded";
        cl_ord_id: [u8; 10] => "cl_ord_id", "new id of the cancel";
        orig_cl_ord_id: [u8; 10] => "orig_cl_ord_id", "order to cancel";
        security_id: [u8; 12] => "security_id", "as sent";
        account: [u8; 13] => "account", "as sent";
        clearing_firm: [u8; 8] => "clearing_firm", "as sent";
        branch_id: [u8; 8] => "branch_id", "as sent";
        order_id: [u8; 16] => "order_id", "SZSE OrderID";
        user_info: [u8; 32] => "user_info", "as sent";
        spare: [u8; 1] => "spare", "zero";
    }

    /// A message of the exchange about an order, protocol differences levelled.
    little;
    pub struct Report = 33, "Report" {
        time_ns: u64 => "time_ns", "market time of receipt";
        report_index: u64 => "report_index", "index in its stream; 0: outside the streams";
        price_e5: i64 => "price_e5", "order price";
        last_px_e5: i64 => "last_px_e5", "fill price";
        qty_e3: i64 => "qty_e3", "order quantity";
        last_qty_e3: i64 => "last_qty_e3", "fill quantity";
        leaves_e3: i64 => "leaves_e3", "LeavesQty as sent";
        cum_e3: i64 => "cum_e3", "CumQty as sent (SZSE)";
        cancelled_e3: i64 => "cancelled_e3", "CxlQty (SSE), or OrderQty - CumQty (SZSE)";
        amount_e5: i64 => "amount_e5", "GrossTradeAmt as sent (SSE)";
        transact_time: u64 => "transact_time", "as sent";
        entry_time: u64 => "entry_time", "OrderEntryTime as sent (SSE)";
        code: u32 => "code", "reject reason";
        set_id: u32 => "set_id", "SetID or PartitionNo of the stream";
        biz: u32 => "biz", "BizID or ApplID as a number";
        trade_date: u32 => "trade_date", "as sent (SSE)";
        gateway: u16 => "gateway", "exchange gateway number";
        owner_type: u16 => "owner_type", "as sent";
        market: u8 => "market", "1 SSE, 2 SZSE";
        kind: u8 => "kind", "see ReportKind";
        side: Char => "side", "as sent";
        ord_type: Char => "ord_type", "as sent";
        time_in_force: Char => "time_in_force", "as sent";
        ord_status: Char => "ord_status", "as sent";
        cash_margin: Char => "cash_margin", "SZSE";
        exec_type: Char => "exec_type", "as sent";
        stream_pbu: [u8; 8] => "stream_pbu", "Pbu of the stream (SSE) or ReportingPBUID (SZSE)";
        pbu: [u8; 8] => "pbu", "BizPbu or SubmittingPBUID";
        cl_ord_id: [u8; 10] => "cl_ord_id", "as sent";
        orig_cl_ord_id: [u8; 10] => "orig_cl_ord_id", "as sent";
        security_id: [u8; 12] => "security_id", "as sent";
        account: [u8; 13] => "account", "as sent";
        credit_tag: [u8; 2] => "credit_tag", "SSE";
        clearing_firm: [u8; 8] => "clearing_firm", "as sent";
        branch_id: [u8; 8] => "branch_id", "as sent";
        restrictions: [u8; 4] => "restrictions", "SZSE";
        order_id: [u8; 16] => "order_id", "OrdCnfmID or OrderID";
        exec_id: [u8; 16] => "exec_id", "TrdCnfmID or ExecID";
        user_info: [u8; 32] => "user_info", "as sent";
        text: [u8; 16] => "text", "RejectText";
        max_levels: u16 => "max_levels", "SZSE MaxPriceLevels";
        spare: [u8; 3] => "spare", "zero";
        min_qty_e3: i64 => "min_qty_e3", "SZSE MinQty";
    }

    /// Best prices of a security, for the cage and the collar.
    little;
    pub struct Quote = 34, "Quote" {
        time_ns: u64 => "time_ns", "market time";
        bid_e5: i64 => "bid_e5", "best bid; 0: none";
        ask_e5: i64 => "ask_e5", "best ask; 0: none";
        last_e5: i64 => "last_e5", "last trade; 0: none yet";
        code: [u8; 8] => "code", "security code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        spare: [u8; 7] => "spare", "zero";
    }

    /// State of one exchange gateway.
    little;
    pub struct GatewayState = 35, "GatewayState" {
        time_ns: u64 => "time_ns", "market time";
        gateway: u16 => "gateway", "exchange gateway number";
        state: u8 => "state", "0 down, 1 not open, 2 pre-open, 3 open, 4 break or halt, 5 closed, 6 held after a recovery: cancels only";
        market: u8 => "market", "1 SSE, 2 SZSE";
        silent_ms: u32 => "silent_ms", "its session was given up because nothing came for so long, ms; 0: not for that";
        silent_max_ms: u32 => "silent_max_ms", "longest silence that the session might have, ms; 0 where it was not silent";
        spare: u32 => "spare", "zero";
    }

    /// Time passes; releases queued orders and finds overdue acknowledgements.
    little;
    pub struct Timer = 36, "Timer" {
        time_ns: u64 => "time_ns", "market time";
    }

    /// A command of a person, or one that the gate gives itself; the inputs that it causes follow it.
    little;
    pub struct Command = 37, "Command" {
        time_ns: u64 => "time_ns", "market time";
        verb: [u8; 24] => "verb", "what was asked";
        who: [u8; 32] => "who", "named person";
        why: [u8; 96] => "why", "reason, UTF-8, cut at a character";
        stop: u64 => "stop", "number of the stop in the latch that it carries out or takes back; 0: none";
        proof: u8 => "proof", "see Proof: how the name was shown to be the person's";
        state: u8 => "state", "of a stop: the state that it asks for, see TradingState; 0: no stop, or not said";
        cancel_all: u8 => "cancel_all", "of a stop: 1, every open order of the scope is cancelled too";
        isolate: u8 => "isolate", "of a stop: 1, the client's sessions end and it is not let in";
        spare: [u8; 4] => "spare", "zero";
    }

    /// Sets the trading state of a scope.
    little;
    pub struct SetState = 38, "SetState" {
        time_ns: u64 => "time_ns", "market time";
        scope: u8 => "scope", "see Scope: firm, market, PBU, client, account, owner group, strategy, security";
        state: u8 => "state", "see TradingState";
        market: u8 => "market", "market of an account or security";
        spare: [u8; 5] => "spare", "zero";
        id: u32 => "id", "number within the scope where it has one";
        spare2: u32 => "spare2", "zero";
        key: [u8; 16] => "key", "account or security code where the scope has one, space padded";
    }

    /// Cancels every open order of a scope; the engine paces it over the following timers.
    little;
    pub struct CancelAll = 39, "CancelAll" {
        time_ns: u64 => "time_ns", "market time";
        scope: u8 => "scope", "see Scope";
        market: u8 => "market", "market of an account or security";
        spare: [u8; 6] => "spare", "zero";
        id: u32 => "id", "number within the scope";
        spare2: u32 => "spare2", "zero";
        key: [u8; 16] => "key", "account or security code";
        first_id: u64 => "first_id", "first of the reserved numbers for the gate's own cancel ids";
        prefix: [u8; 2] => "prefix", "first characters of those ids";
        spare3: [u8; 6] => "spare3", "zero";
    }

    /// Closes the trading day: open orders expire, totals come out.
    little;
    pub struct DayClose = 40, "DayClose" {
        time_ns: u64 => "time_ns", "market time";
    }

    /// An exchange gateway named a report stream that it carries.
    little;
    pub struct GatewayStream = 41, "GatewayStream" {
        time_ns: u64 => "time_ns", "market time";
        pbu: [u8; 8] => "pbu", "PBU of the stream (SSE); spaces on SZSE";
        set_id: u32 => "set_id", "SetID or partition of the stream";
        gateway: u16 => "gateway", "exchange gateway number";
        market: u8 => "market", "1 SSE, 2 SZSE";
        own: u8 => "own", "1: reports of what is sent over this gateway; 0: a copy of another PBU's reports";
    }
}
