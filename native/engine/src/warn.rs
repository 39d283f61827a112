//! Warnings of metrics that reach their warn level with an order or cancel that passed.

use crate::code::Code;
use crate::conduct::Conduct;
use crate::emit::{Emit, Reached};
use crate::kind::{Metric, Param, Scope};
use crate::rate::{Counted, Places, RATE_SCOPES};
use crate::record::output::Warning;
use crate::table::limit::LimitSet;
use crate::table::order::{NONE, OrderRow};
use crate::table::party::{AccountRow, ValueRow};
use crate::table::tables::Tables;

const RATES: [Metric; 4] = [
    Metric::SlidingSecond,
    Metric::CalendarSecond,
    Metric::Minute,
    Metric::Day,
];

/// One scope number with its levels, on the way to its warnings.
struct Watch<'a> {
    set: &'a LimitSet,
    scope: Scope,
    id: u32,
    client: u16,
}

impl Watch<'_> {
    /// Warn when a value went from below its warn level to it or above it.
    #[inline]
    fn value(&self, metric: Metric, before: i64, after: i64, emit: &mut Emit<'_>) {
        if let Some(level) = self.set.level(metric)
            && before < level.warn
            && level.warn <= after
        {
            let reached = Reached {
                scope: self.scope,
                id: self.id,
                metric,
                warn: level.warn,
                found: after,
            };
            emit.reached(reached, self.client);
        }
    }

    /// Warn when open or traded value reached its level with an order of this value that is already open.
    fn order_value_of(&self, row: ValueRow, value: i64, emit: &mut Emit<'_>) {
        let before = row.open_e5.saturating_sub(value);
        self.value(Metric::OpenValue, before, row.open_e5, emit);
        let after = row.traded_e5.saturating_add(value);
        self.value(Metric::ExecutedValue, row.traded_e5, after, emit);
    }
}

impl Tables {
    /// Whose counters an order moves.
    pub(crate) fn places_of(&self, order: &OrderRow) -> Places {
        self.rates.places(&Counted {
            account: order.account,
            client: order.client,
            gateway: order.gateway,
            strategy: order.strategy,
            pbu: order.pbu,
        })
    }

    /// Levels and shown numbers of the rate scopes of an order, in the order of its places.
    fn rate_watches(&self, order: &OrderRow, group: u16) -> [Watch<'_>; RATE_SCOPES] {
        let pbu_no = self
            .pbus
            .get(usize::from(order.pbu))
            .map_or(0, |pbu| u32::from(pbu.pbu_no));
        let market = self.market_of(order);
        let watch = |scope, limit_id, id| Watch {
            set: self.limits.set(scope, market, limit_id),
            scope,
            id,
            client: order.client,
        };
        let same = |scope, id| watch(scope, id, id);
        [
            watch(Scope::Account, u32::from(group), order.account),
            same(Scope::Client, u32::from(order.client)),
            same(Scope::Pbu, pbu_no),
            same(Scope::Gateway, u32::from(order.gateway)),
            same(Scope::Strategy, u32::from(order.strategy)),
        ]
    }

    /// Rates of the scopes of an order, right after it or its cancel was counted.
    pub(crate) fn warn_rates(&self, number: u32, group: u16, emit: &mut Emit<'_>) {
        let order = self.order(number);
        let places = self.places_of(order).of;
        for (watch, place) in self.rate_watches(order, group).iter().zip(places) {
            if place == NONE {
                continue;
            }
            let counts = self.rates.present(place).of;
            if !watch.set.warns_of_rates(counts) {
                continue;
            }
            for (metric, count) in RATES.into_iter().zip(counts) {
                let count = i64::from(count);
                watch.value(metric, count - 1, count, emit);
            }
        }
    }

    /// Conduct of a place of an order.
    fn conduct_at(&self, order: &OrderRow, place: u32) -> Conduct {
        let account = || {
            let row = self.accounts.get(order.account as usize);
            row.map_or(Conduct::default(), AccountRow::conduct)
        };
        self.rates.conduct(place).copied().unwrap_or_else(account)
    }

    /// Change the conduct of every scope of an order.
    pub(crate) fn change_conduct(&mut self, number: u32, change: impl Fn(&mut Conduct)) {
        let order = self.order(number);
        let (account, places) = (order.account, self.places_of(order));
        for place in places.of {
            if let Some(conduct) = self.rates.conduct_mut(place) {
                change(conduct);
            }
        }
        if let Some(account) = self.accounts.get_mut(account as usize) {
            let mut conduct = account.conduct();
            change(&mut conduct);
            account.set_conduct(conduct);
        }
    }

    /// Every other metric of a new order that is already counted.
    pub(crate) fn warn_order(
        &self,
        number: u32,
        group: u16,
        value: i64,
        identical: i64,
        emit: &mut Emit<'_>,
    ) {
        let order = self.order(number);
        let client = order.client;
        let market = self.market_of(order);
        let watch = |scope, limit_id, id| Watch {
            set: self.limits.set(scope, market, limit_id),
            scope,
            id,
            client,
        };
        let account = watch(Scope::Account, u32::from(group), order.account);
        account.value(Metric::IdenticalOrders, identical - 1, identical, emit);
        watch(Scope::Firm, 0, 0).value(Metric::OrderValue, 0, value, emit);
        account.value(Metric::OrderValue, 0, value, emit);
        let open = self
            .accounts
            .get(order.account as usize)
            .map_or(0, |row| i64::from(row.open_orders));
        account.value(Metric::OpenOrders, open - 1, open, emit);
        let Some(customer) = self.customers.get(order.customer as usize) else {
            return;
        };
        let group_value = self.owner_groups.get(customer.owner_group as usize);
        let desk_value = self.desks.get(usize::from(customer.desk));
        let account_value = self.accounts.get(order.account as usize);
        let account_value = account_value.map_or(ValueRow::default(), |row| row.value);
        account.order_value_of(account_value, value, emit);
        for (scope, id, row) in [
            (Scope::Customer, order.customer, customer.value),
            (
                Scope::OwnerGroup,
                customer.owner_group,
                group_value.copied().unwrap_or_default(),
            ),
            (
                Scope::Desk,
                u32::from(customer.desk),
                desk_value.copied().unwrap_or_default(),
            ),
            (Scope::Firm, 0, self.firm),
        ] {
            watch(scope, id, id).order_value_of(row, value, emit);
        }
        if order.buy
            && let Some(security) = self.securities.get(order.security as usize)
        {
            let watch = watch(Scope::Security, u32::from(security.rule), order.security);
            let after = security.open_buy_e5.saturating_add(security.traded_buy_e5);
            let before = after.saturating_sub(value);
            watch.value(Metric::SecurityValue, before, after, emit);
        }
    }

    /// Quick cancels of the scopes of an order after one more.
    pub(crate) fn warn_quick_cancels(&self, number: u32, group: u16, emit: &mut Emit<'_>) {
        let order = self.order(number);
        let places = self.places_of(order).of;
        for (watch, place) in self.rate_watches(order, group).iter().zip(places) {
            if place != NONE {
                let count = i64::from(self.conduct_at(order, place).quick_cancels);
                watch.value(Metric::QuickCancels, count - 1, count, emit);
            }
        }
    }

    /// Cancel ratios of the scopes of an order that was cancelled by request with a rest of this value.
    pub(crate) fn warn_ratios(&self, number: u32, value_e5: i64, emit: &mut Emit<'_>) {
        let order = self.order(number);
        let (market, group) = (self.market_of(order), self.group_of(number));
        let base = self.params.get_for(Param::RatioBaseCount, market, group);
        let places = self.places_of(order).of;
        for (watch, place) in self.rate_watches(order, group).iter().zip(places) {
            let now = self.conduct_at(order, place);
            if place == NONE || i64::from(now.orders) < base || !watch.set.watches_ratios() {
                continue;
            }
            let before = Conduct {
                cancelled: now.cancelled.saturating_sub(1),
                cancelled_e5: now.cancelled_e5.saturating_sub(value_e5),
                ..now
            };
            let metrics = [Metric::CancelCountRatio, Metric::CancelValueRatio];
            let ratios = before.ratios_bp().into_iter().zip(now.ratios_bp());
            for (metric, (before, now)) in metrics.into_iter().zip(ratios) {
                watch.value(metric, before, now, emit);
            }
        }
    }

    /// Refused cancels of a client within the clock minute, counted and warned about.
    pub(crate) fn count_refused_cancel(&mut self, client: u16, emit: &mut Emit<'_>) {
        if self.day.trade_date == 0 {
            return;
        }
        let minute = u32::try_from(self.day_ns() / 60_000_000_000).unwrap_or(u32::MAX);
        let Some(row) = self.clients.get_mut(usize::from(client)) else {
            return;
        };
        if !row.loaded {
            return;
        }
        if row.refused_minute != minute {
            row.refused_minute = minute;
            row.refused_cancels = 0;
        }
        row.refused_cancels = row.refused_cancels.saturating_add(1);
        let count = i64::from(row.refused_cancels);
        let market = row.row.market;
        let watch = Watch {
            set: self.limits.set(Scope::Client, market, u32::from(client)),
            scope: Scope::Client,
            id: u32::from(client),
            client,
        };
        watch.value(Metric::RepeatedCancels, count - 1, count, emit);
    }

    /// Mark the account of an order when it reaches the high-frequency numbers, once a day.
    pub(crate) fn mark_high_frequency(&mut self, number: u32, emit: &mut Emit<'_>) {
        let order = self.order(number);
        let (at, client) = (order.account, order.client);
        let Some(account) = self.accounts.get(at as usize) else {
            return;
        };
        if account.high_frequency {
            return;
        }
        let counts = self.rates.present(at);
        let group = self.group_of(number);
        let param = |param| self.params.get_for(param, account.market, group);
        let second = param(Param::HighFrequencySecond);
        let day = param(Param::HighFrequencyDay);
        let (in_second, in_day) = (i64::from(counts.in_a_second()), i64::from(counts.in_day()));
        let (limit, found) = if second != 0 && in_second >= second {
            (second, in_second)
        } else if day != 0 && in_day >= day {
            (day, in_day)
        } else {
            return;
        };
        if let Some(account) = self.accounts.get_mut(at as usize) {
            account.high_frequency = true;
        }
        emit.push(Warning {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            limit,
            found,
            code: Code::HighFrequency.number(),
            id: at,
            scope: Scope::Account.number(),
            client,
            ..Warning::default()
        });
    }
}
