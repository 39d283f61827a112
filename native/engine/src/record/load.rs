//! Inputs that describe the day: rules, reference data, limits and switches.
//!
//! They are journaled like every other input. A row that arrives again replaces the earlier one, which is how a
//! reload works while the gate serves.

panshi_wire::layout! {
    /// Opens the trading day; nothing is accepted before it.
    little;
    pub struct DayOpen = 1, "DayOpen" {
        time_ns: u64 => "time_ns", "market time of the input, ns since the Unix epoch";
        day_start_ns: u64 => "day_start_ns", "00:00 Asia/Shanghai of the trade date, ns since the Unix epoch";
        trade_date: u32 => "trade_date", "YYYYMMDD";
        epoch: u32 => "epoch", "run number of the gate within the day, from 1";
    }

    /// The trading rule of one class of securities, as in force on the trade date.
    little;
    pub struct LoadRule = 2, "LoadRule" {
        rule: u16 => "rule", "rule class number, from 1";
        market: u8 => "market", "1 SSE, 2 SZSE";
        same_day: u8 => "same_day", "1: bought today may be sold today";
        protection: u8 => "protection", "1: market orders must carry a protection price";
        market_no_limit: u8 => "market_no_limit", "1: market orders may be sent for a security without price limit";
        short_floor: u8 => "short_floor", "1: a short sale may not lie below the last trade, or the previous close before one";
        spare: [u8; 1] => "spare", "zero";
        tick_e5: i64 => "tick_e5", "price tick";
        buy_min_qty: i64 => "buy_min_qty", "smallest buy, shares";
        buy_step_qty: i64 => "buy_step_qty", "buy quantity = min + k * step";
        sell_min_qty: i64 => "sell_min_qty", "smallest sale unless the whole odd lot is sold";
        sell_step_qty: i64 => "sell_step_qty", "sell quantity = min + k * step unless an odd lot is included";
        odd_lot_qty: i64 => "odd_lot_qty", "a sellable remainder below this may, and must at once, be sold; 0: none";
        max_limit_qty: i64 => "max_limit_qty", "largest limit order";
        max_market_qty: i64 => "max_market_qty", "largest market order";
        max_fixed_qty: i64 => "max_fixed_qty", "largest after-hours fixed-price order";
        day_buy_cap_qty: i64 => "day_buy_cap_qty", "open and executed buys per customer, risk-warning security and day; 0: none";
        cage_bp: u32 => "cage_bp", "price cage in basis points off the reference; 0: no cage";
        cage_ticks: u32 => "cage_ticks", "price cage at least this many ticks wide; 0: ratio only";
        no_limit_low_bp: u32 => "no_limit_low_bp", "no-limit security in the opening call auction: lowest price, bp of the previous close; 0: unbounded";
        no_limit_high_bp: u32 => "no_limit_high_bp", "the same, highest price; 0: unbounded";
        types_call: u32 => "types_call", "order types allowed in call auctions, bit = OrderType number";
        types_continuous: u32 => "types_continuous", "order types allowed in continuous trading";
        types_fixed: u32 => "types_fixed", "order types allowed for after-hours fixed price";
        permissions: u32 => "permissions", "permission bits that customer and account both need to buy";
        disclosures: u32 => "disclosures", "disclosure bits that the customer must have signed to buy";
        risk_grade: u32 => "risk_grade", "product grade R1..R5; the customer's grade must not be lower to buy";
    }

    /// One window of the session clock. Windows of a rule class take precedence over those of its whole market.
    little;
    pub struct LoadPhase = 3, "LoadPhase" {
        market: u8 => "market", "1 SSE, 2 SZSE";
        phase: u8 => "phase", "see Phase";
        order_policy: u8 => "order_policy", "auction orders: 0 reject, 1 accept, 2 queue until the next accepting window";
        cancel_policy: u8 => "cancel_policy", "auction cancels: 0 reject, 1 accept, 2 queue";
        fixed_policy: u8 => "fixed_policy", "after-hours fixed-price orders: 0 reject, 1 accept, 2 queue";
        fixed_cancel: u8 => "fixed_cancel", "their cancels: 0 reject, 1 accept, 2 queue";
        rule: u16 => "rule", "rule class, 0: the whole market";
        start_ns: u64 => "start_ns", "first ns of the day in the window";
        end_ns: u64 => "end_ns", "first ns of the day after the window";
    }

    /// Fees of one rule class for one fee group; every rate in 1e-8 of the traded value.
    little;
    pub struct LoadFee = 4, "LoadFee" {
        rule: u16 => "rule", "rule class";
        fee_group: u16 => "fee_group", "fee group of the customer";
        spare: u32 => "spare", "zero";
        commission_e8: i64 => "commission_e8", "commission";
        commission_min_e5: i64 => "commission_min_e5", "least commission of an order that trades";
        stamp_buy_e8: i64 => "stamp_buy_e8", "stamp duty of the buyer";
        stamp_sell_e8: i64 => "stamp_sell_e8", "stamp duty of the seller";
        transfer_e8: i64 => "transfer_e8", "transfer fee, both sides";
        handling_e8: i64 => "handling_e8", "exchange handling fee, both sides";
        regulatory_e8: i64 => "regulatory_e8", "regulatory fee, both sides";
    }

    /// One security.
    little;
    pub struct LoadSecurity = 5, "LoadSecurity" {
        code: [u8; 8] => "code", "security code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        state: u8 => "state", "0 not listed, 1 trading, 2 halted within the day, 3 suspended";
        rule: u16 => "rule", "rule class";
        flags: u32 => "flags", "see SecurityFlag";
        set_id: u32 => "set_id", "SSE SetID or SZSE partition that carries its reports";
        list_date: u32 => "list_date", "YYYYMMDD";
        prev_close_e5: i64 => "prev_close_e5", "previous close, ex-right adjusted";
        upper_e5: i64 => "upper_e5", "highest limit price; 0 only with the no-limit flag";
        lower_e5: i64 => "lower_e5", "lowest limit price; 0 only with the no-limit flag";
        close_e5: i64 => "close_e5", "today's close for after-hours fixed price; 0 until known";
    }

    /// One customer: the owner of one cash account and of any number of securities accounts.
    little;
    pub struct LoadCustomer = 6, "LoadCustomer" {
        customer: u32 => "customer", "customer number, from 1";
        owner_group: u32 => "owner_group", "customers under one controller share a number, from 1";
        permissions: u32 => "permissions", "granted permission bits";
        disclosures: u32 => "disclosures", "signed disclosure bits";
        program_rate: u32 => "program_rate", "declared highest orders + cancels a second";
        program_day: u32 => "program_day", "declared highest orders + cancels a day";
        group: u16 => "group", "parameter group, from 1";
        fee_group: u16 => "fee_group", "fee group, from 1";
        desk: u16 => "desk", "desk, from 1";
        state: u8 => "state", "1 normal, 2 buy only, 3 sell only, 4 frozen, 5 closed";
        risk_grade: u8 => "risk_grade", "C1..C5 as 1..5; 0: not assessed";
        program_state: u8 => "program_state", "program-trading report, see ProgramState";
        program_confirm: u8 => "program_confirm", "1: the broker's confirmation suffices, 2: needs the exchange's";
        high_frequency: u8 => "high_frequency", "1: reported as a high-frequency trader";
        margin: u8 => "margin", "1: margin account, credit tags allowed";
        spare: u32 => "spare", "zero";
        cash_e5: i64 => "cash_e5", "available cash at the open; a reload leaves the running balance untouched";
    }

    /// One securities account.
    little;
    pub struct LoadAccount = 7, "LoadAccount" {
        account: [u8; 13] => "account", "securities account code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        state: u8 => "state", "1 normal, 2 buy only, 3 sell only, 4 frozen, 5 closed";
        access: u8 => "access", "access class 0..63; a client may use it when its mask has the bit";
        branch: [u8; 8] => "branch", "branch code (营业部代码), space padded";
        pbu: [u8; 8] => "pbu", "designated PBU; all spaces: any PBU of the client";
        customer: u32 => "customer", "owner";
        permissions: u32 => "permissions", "granted permission bits";
        owner_type: u16 => "owner_type", "1 individual, 103 institution, 104 proprietary";
        strategy: u16 => "strategy", "declared strategy of the account; 0: from the session or the order";
        program: u8 => "program", "1: every order of the account is a program order";
        spare: [u8; 3] => "spare", "zero";
    }

    /// Opening holding of one account in one security.
    little;
    pub struct LoadHolding = 8, "LoadHolding" {
        account: [u8; 13] => "account", "securities account code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        code: [u8; 8] => "code", "security code, space padded";
        spare: [u8; 2] => "spare", "zero";
        total_qty: i64 => "total_qty", "shares held at the open";
        sellable_qty: i64 => "sellable_qty", "shares of them that may be sold today";
    }

    /// One client order system (session).
    little;
    pub struct LoadClient = 9, "LoadClient" {
        comp_id: [u8; 32] => "comp_id", "SenderCompID, space padded";
        prefix: [u8; 4] => "prefix", "ClOrdIDs of the client start with these characters";
        prefix_len: u8 => "prefix_len", "characters of the prefix in use, 0..4";
        market: u8 => "market", "1 SSE, 2 SZSE";
        client: u16 => "client", "client number, from 1";
        access_mask: u64 => "access_mask", "access classes of accounts it may use";
        pbu_mask: u64 => "pbu_mask", "PBU numbers it may use";
        terminal: u32 => "terminal", "terminal number of the session; 0: none";
        strategy: u16 => "strategy", "strategy of orders that name none; 0: none";
        program: u8 => "program", "1: every order of the session is a program order";
        terminal_required: u8 => "terminal_required", "1: an order without terminal information is refused";
        terminal_at: u8 => "terminal_at", "UserInfo: first character of the terminal number";
        terminal_len: u8 => "terminal_len", "UserInfo: its decimal digits; 0: not carried";
        strategy_at: u8 => "strategy_at", "UserInfo: first character of the strategy number";
        strategy_len: u8 => "strategy_len", "UserInfo: its decimal digits; 0: not carried";
        program_at: u8 => "program_at", "UserInfo: the character that is P for a program order";
        program_len: u8 => "program_len", "1: carried, 0: not carried";
        spare: [u8; 2] => "spare", "zero";
    }

    /// One PBU (交易单元) and the exchange gateway that carries it.
    little;
    pub struct LoadPbu = 10, "LoadPbu" {
        pbu: [u8; 8] => "pbu", "PBU code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        pbu_no: u8 => "pbu_no", "0..63, bit of the clients' PBU masks";
        gateway: u16 => "gateway", "exchange gateway number, from 1";
        fixed_gateway: u16 => "fixed_gateway", "exchange gateway number of after-hours fixed-price orders; 0: gateway takes them too";
        spare: u16 => "spare", "zero";
    }

    /// One branch (营业部).
    little;
    pub struct LoadBranch = 11, "LoadBranch" {
        branch: [u8; 8] => "branch", "branch code, space padded";
        state: u8 => "state", "1 open, 0 closed";
        spare: [u8; 7] => "spare", "zero";
    }

    /// One registered client terminal (客户交易终端信息); the text itself is kept encrypted outside the engine.
    little;
    pub struct LoadTerminal = 12, "LoadTerminal" {
        terminal: u32 => "terminal", "terminal number, from 1";
        kind: u8 => "kind", "1 PC, 2 Android, 3 iOS, 4 phone, 5 other host";
        valid: u8 => "valid", "1: every mandatory item present and well formed";
        spare: u16 => "spare", "zero";
    }

    /// One limit: warn and block level of one metric in one scope. Scope number 0 is the default of the scope; a row of
    /// a market stands before one for both.
    little;
    pub struct LoadLimit = 13, "LoadLimit" {
        scope: u8 => "scope", "see Scope";
        metric: u8 => "metric", "see Metric";
        market: u8 => "market", "market of the orders it judges: 1 SSE, 2 SZSE, 0: both";
        spare: u8 => "spare", "zero";
        id: u32 => "id", "number within the scope, see Scope; 0: every one that has no row of its own";
        warn: i64 => "warn", "warn at or above; i64::MAX: never";
        block: i64 => "block", "refuse above; i64::MAX: never";
    }

    /// Switches one check on, off, or to warning only.
    little;
    pub struct LoadSwitch = 14, "LoadSwitch" {
        code: u32 => "code", "refusal code";
        group: u16 => "group", "parameter group of the customer; 0: all groups";
        market: u8 => "market", "1 SSE, 2 SZSE, 0: both";
        mode: u8 => "mode", "0 off, 1 on (default), 2 warn only";
    }

    /// One scalar parameter. A row of a group stands before one for all, then a row of a market before one for both.
    little;
    pub struct LoadParam = 15, "LoadParam" {
        param: u16 => "param", "see Param";
        market: u8 => "market", "1 SSE, 2 SZSE, 0: both";
        spare: u8 => "spare", "zero";
        group: u16 => "group", "parameter group of the customer; 0: all groups; others only where the parameter judges customers";
        spare2: u16 => "spare2", "zero";
        value: i64 => "value", "in the unit of the parameter";
    }

    /// A trading state by the time of the day: it holds as long as one of its rows covers the time.
    little;
    pub struct LoadSchedule = 16, "LoadSchedule" {
        scope: u8 => "scope", "see Scope: firm, market, PBU, client, account, owner group, strategy, security";
        state: u8 => "state", "see TradingState; Normal takes an earlier row with the same start out of force";
        market: u8 => "market", "market of an account or security";
        spare: [u8; 5] => "spare", "zero";
        id: u32 => "id", "number within the scope where it has one";
        spare2: u32 => "spare2", "zero";
        key: [u8; 16] => "key", "account or security code where the scope has one, space padded";
        from_ns: u64 => "from_ns", "first ns of the day in which it holds";
        to_ns: u64 => "to_ns", "first ns of the day after it, at most 24 hours";
    }
}
