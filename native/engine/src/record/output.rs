//! Outputs: what the gate must do, say or write down because of an input.

panshi_wire::layout! {
    /// Send this order to its exchange gateway.
    little;
    pub struct Forward = 100, "Forward" {
        time_ns: u64 => "time_ns", "market time of the input that caused it";
        input_seq: u64 => "input_seq", "journal sequence of the NewOrder";
        order: u32 => "order", "order number in the engine";
        gateway: u16 => "gateway", "exchange gateway number";
        client: u16 => "client", "client number";
        terminal: u32 => "terminal", "number of the client terminal the order came from (客户交易终端信息); 0: none";
        strategy: u16 => "strategy", "strategy the order counts for; 0: none";
        program: u8 => "program", "1: a program order";
        spare: u8 => "spare", "zero";
    }

    /// Send this cancel to its exchange gateway.
    little;
    pub struct ForwardCancel = 101, "ForwardCancel" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the CancelOrder; 0: the gate's own cancel";
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder of the order";
        order: u32 => "order", "order number in the engine";
        gateway: u16 => "gateway", "exchange gateway number";
        client: u16 => "client", "client number of the order";
        cl_ord_id: [u8; 10] => "cl_ord_id", "id of the cancel";
        spare: [u8; 6] => "spare", "zero";
    }

    /// Tell the client that its order or cancel is refused.
    little;
    pub struct Refuse = 102, "Refuse" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the refused input";
        limit: i64 => "limit", "what must hold (unit per code)";
        found: i64 => "found", "what was found";
        code: u32 => "code", "refusal code";
        order: u32 => "order", "order number of the target of a refused cancel; u32::MAX: none";
        client: u16 => "client", "client number";
        cancel: u8 => "cancel", "1: a cancel was refused";
        spare: u8 => "spare", "zero";
        cl_ord_id: [u8; 10] => "cl_ord_id", "ClOrdID of the refused message";
        spare2: [u8; 2] => "spare2", "zero";
    }

    /// Pass an exchange report on to the client, in the client's own numbered stream.
    little;
    pub struct Deliver = 103, "Deliver" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the Report";
        report_index: u64 => "report_index", "index in the client's stream; 0: outside the streams";
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder; 0: unknown order";
        set_id: u32 => "set_id", "stream: SetID or partition";
        order: u32 => "order", "order number in the engine; u32::MAX: none";
        pbu: [u8; 8] => "pbu", "stream: PBU (SSE); spaces on SZSE";
        client: u16 => "client", "client number";
        kind: u8 => "kind", "see ReportKind";
        spare: [u8; 5] => "spare", "zero";
    }

    /// A warn level was reached or a check in warn-only mode failed.
    little;
    pub struct Warning = 104, "Warning" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the input";
        limit: i64 => "limit", "warn level";
        found: i64 => "found", "value found";
        code: u32 => "code", "code of the check or of the metric";
        id: u32 => "id", "number within the scope";
        scope: u8 => "scope", "see Scope";
        metric: u8 => "metric", "see Metric; 0: a check, not a metric";
        client: u16 => "client", "client number; 0: none";
        spare: u32 => "spare", "zero";
    }

    /// The trading state of a scope changed.
    little;
    pub struct StateChanged = 105, "StateChanged" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the input";
        limit: i64 => "limit", "parameter that was passed, or start of the schedule row; 0 for a command";
        found: i64 => "found", "value found, or end of the schedule row; 0 for a command";
        cause: u32 => "cause", "code of the anomaly, or StateScheduled; 0: a command";
        id: u32 => "id", "number within the scope";
        scope: u8 => "scope", "see Scope";
        from: u8 => "from", "see TradingState";
        to: u8 => "to", "see TradingState";
        market: u8 => "market", "market of an account or security";
        spare: u32 => "spare", "zero";
        key: [u8; 16] => "key", "account or security code";
    }

    /// Something came back from the exchange that must not happen.
    little;
    pub struct Anomaly = 106, "Anomaly" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the input";
        limit: i64 => "limit", "what must hold";
        found: i64 => "found", "what was found";
        code: u32 => "code", "anomaly code";
        order: u32 => "order", "order number; u32::MAX: none";
        set_id: u32 => "set_id", "stream";
        gateway: u16 => "gateway", "exchange gateway number";
        spare: u16 => "spare", "zero";
        pbu: [u8; 8] => "pbu", "stream";
        cl_ord_id: [u8; 10] => "cl_ord_id", "as reported";
        spare2: [u8; 6] => "spare2", "zero";
    }

    /// The order or cancel waits for the next accepting window.
    little;
    pub struct Queued = 107, "Queued" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the input";
        order: u32 => "order", "order number in the engine";
        client: u16 => "client", "client number";
        cancel: u8 => "cancel", "1: a cancel waits";
        spare: u8 => "spare", "zero";
    }

    /// An order ended without a message of the exchange: expired at the close, or cancelled while queued.
    little;
    pub struct Ended = 108, "Ended" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the input that ended it";
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder";
        rest_qty: i64 => "rest_qty", "shares that were still open";
        order: u32 => "order", "order number in the engine";
        client: u16 => "client", "client number";
        status: u8 => "status", "see OrderStatus";
        spare: u8 => "spare", "zero";
    }

    /// An order that the exchange has and the journal had lost is there again; nothing is sent.
    little;
    pub struct Recovered = 109, "Recovered" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the NewOrder that was made again";
        frozen_e5: i64 => "frozen_e5", "cash that it freezes; 0 for a sale";
        order: u32 => "order", "order number in the engine";
        terminal: u32 => "terminal", "number of the client terminal, where the report carries it or the client has only one; 0: not known";
        gateway: u16 => "gateway", "exchange gateway number";
        client: u16 => "client", "client number, found by the prefix of the ClOrdID";
        strategy: u16 => "strategy", "strategy the order counts for, where it is known; 0: none";
        program: u8 => "program", "1: a program order as far as is known";
        spare: u8 => "spare", "zero";
    }

    /// Cash of one customer at the close.
    little;
    pub struct CashTotal = 110, "CashTotal" {
        time_ns: u64 => "time_ns", "market time";
        opening_e5: i64 => "opening_e5", "at the open";
        available_e5: i64 => "available_e5", "now";
        frozen_e5: i64 => "frozen_e5", "for open buys; zero after the close";
        bought_e5: i64 => "bought_e5", "traded value of buys";
        sold_e5: i64 => "sold_e5", "traded value of sales";
        fees_e5: i64 => "fees_e5", "all fees charged";
        customer: u32 => "customer", "customer number";
        spare: u32 => "spare", "zero";
    }

    /// Holding of one account in one security at the close.
    little;
    pub struct HoldingTotal = 111, "HoldingTotal" {
        time_ns: u64 => "time_ns", "market time";
        opening_qty: i64 => "opening_qty", "at the open";
        total_qty: i64 => "total_qty", "now";
        sellable_qty: i64 => "sellable_qty", "sellable today, not frozen";
        frozen_qty: i64 => "frozen_qty", "for open sales; zero after the close";
        bought_qty: i64 => "bought_qty", "bought today";
        sold_qty: i64 => "sold_qty", "sold today";
        account: [u8; 13] => "account", "securities account code";
        market: u8 => "market", "1 SSE, 2 SZSE";
        code: [u8; 8] => "code", "security code";
        spare: [u8; 2] => "spare", "zero";
    }

    /// Counts of the day.
    little;
    pub struct DayTotal = 112, "DayTotal" {
        time_ns: u64 => "time_ns", "market time";
        orders: u64 => "orders", "new orders received";
        cancels: u64 => "cancels", "cancels received";
        forwarded: u64 => "forwarded", "orders sent on";
        refused: u64 => "refused", "orders and cancels refused";
        reports: u64 => "reports", "reports applied";
        duplicates: u64 => "duplicates", "repeated reports ignored";
        fills: u64 => "fills", "fills applied";
        expired: u64 => "expired", "orders open at the close";
        state_hash: u64 => "state_hash", "hash of the whole engine state";
    }

    /// A CancelAll came to its end.
    little;
    pub struct CancelAllDone = 113, "CancelAllDone" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the CancelAll";
        asked: u32 => "asked", "open orders of the scope when it was asked for; what is neither sent nor missed ended by itself";
        sent: u32 => "sent", "orders ended in the gate and cancels sent";
        missed: u32 => "missed", "open orders whose cancel was not possible, a CancelMissed each";
        spare: u32 => "spare", "zero";
    }

    /// A reference row was not taken; the earlier row, if any, stays in force.
    little;
    pub struct LoadRefused = 114, "LoadRefused" {
        input_seq: u64 => "input_seq", "journal sequence of the row";
        limit: i64 => "limit", "what must hold";
        found: i64 => "found", "what was found";
        code: u32 => "code", "LoadInvalid, or the code of what is missing";
        input_type: u32 => "input_type", "record type of the row";
    }

    /// A mass cancel could not cancel an open order.
    little;
    pub struct CancelMissed = 115, "CancelMissed" {
        time_ns: u64 => "time_ns", "market time";
        input_seq: u64 => "input_seq", "journal sequence of the CancelAll";
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder";
        limit: i64 => "limit", "what must hold (unit per code)";
        found: i64 => "found", "what was found";
        code: u32 => "code", "why: the code that a client's cancel would be refused with";
        order: u32 => "order", "order number in the engine";
        gateway: u16 => "gateway", "exchange gateway number of the order";
        client: u16 => "client", "client number of the order";
        spare: u32 => "spare", "zero";
    }
}
