//! A new order: run the checks, then commit it or refuse it (`docs/rules/engine.md`, section 2).

use panshi_wire::layout::Layout;

use crate::check::{check_order, front};
use crate::context::{Ctx, Warns};
use crate::denied::Denied;
use crate::emit::Emit;
use crate::identical::Content;
use crate::kind::{OrderStatus, Param, Policy};
use crate::load;
use crate::record::flow::NewOrder;
use crate::record::output::{Forward, Queued, Recovered};
use crate::table::day::QueueRow;
use crate::table::order::{NONE, OrderRow};
use crate::table::tables::Tables;

/// What the checks found out about an order that passed.
struct Plan {
    row: OrderRow,
    value_e5: i64,
    freeze_e5: i64,
    group: u16,
    owner_group: u32,
    queue: bool,
    warns: Warns,
    content: Content,
}

impl Plan {
    fn of(ctx: &Ctx<'_>, seq: u64) -> Self {
        let order = ctx.order;
        Self {
            row: OrderRow {
                seq,
                time_ns: ctx.now_ns,
                price_e5: ctx.price_e5,
                value_price_e5: ctx.value_price_e5,
                qty: ctx.qty,
                account: ctx.account_at,
                customer: ctx.account.customer,
                security: ctx.security_at,
                holding: ctx.holding_at,
                rule: ctx.security.rule,
                fee_group: ctx.customer.fee_group,
                client: order.client,
                gateway: ctx.pbu.gateway_of(order.order_type),
                strategy: ctx.strategy,
                terminal: ctx.terminal,
                program: ctx.program,
                pbu: u8::try_from(ctx.pbu_at).unwrap_or(u8::MAX),
                status: OrderStatus::Queued,
                order_type: order.order_type,
                buy: ctx.buy,
                biz: order.biz,
                recovered: ctx.is_recovered(),
                cl_ord_id: order.cl_ord_id,
                ..OrderRow::EMPTY
            },
            value_e5: ctx.value_e5,
            freeze_e5: ctx.freeze_e5,
            group: ctx.customer.group,
            owner_group: ctx.customer.owner_group,
            queue: ctx.policy == Policy::Queue,
            warns: ctx.warns,
            content: Content {
                price_e5: order.price_e5,
                qty: ctx.qty,
                security: ctx.security_at,
                buy: ctx.buy,
                order_type: order.order_type,
            },
        }
    }
}

/// Take a new order.
pub(crate) fn apply(
    tables: &mut Tables,
    warnings: &mut Vec<Denied>,
    order: &NewOrder,
    emit: &mut Emit<'_>,
) {
    tables.totals.orders += 1;
    warnings.clear();
    let plan = {
        let mut ctx = Ctx::new(tables, order, warnings);
        check_order(&mut ctx).map(|()| Plan::of(&ctx, emit.seq))
    };
    for &denied in warnings.iter() {
        emit.warn_only(denied, order.client);
    }
    match plan {
        Ok(mut plan) => tables.commit(&mut plan, emit),
        Err(denied) if order.recovered == 1 => load::refuse(emit, NewOrder::TYPE, denied),
        Err(denied) => {
            tables.totals.refused += 1;
            emit.refuse(denied, NONE, order.client, false, order.cl_ord_id);
        }
    }
}

impl Tables {
    /// Take an order that passed every check: its id, money, shares and counts.
    fn commit(&mut self, plan: &mut Plan, emit: &mut Emit<'_>) {
        let number = u32::try_from(self.orders.len()).unwrap_or(NONE);
        let account = plan.row.account;
        if plan.row.holding == NONE {
            let added = self.add_holding(account, plan.row.security);
            plan.row.holding = added.unwrap_or(NONE);
        }
        self.orders.push(plan.row);
        self.open.set(number, true);
        let _ = self
            .ids
            .take_order(plan.row.pbu, &plan.row.cl_ord_id, number);
        if plan.row.recovered {
            self.recover(number, plan.freeze_e5, emit);
        } else if plan.queue {
            self.queue.push(QueueRow {
                order: number,
                cancel: false,
            });
            emit.push(Queued {
                time_ns: emit.now_ns,
                input_seq: emit.seq,
                order: number,
                client: plan.row.client,
                cancel: 0,
                spare: 0,
            });
        } else {
            self.forward(number, emit);
        }
        self.freeze(number, plan.freeze_e5);
        let value_e5 = plan.value_e5;
        if let Some(row) = self.accounts.get_mut(account as usize) {
            row.open_orders = row.open_orders.saturating_add(1);
            row.orders = row.orders.saturating_add(1);
            row.orders_e5 = row.orders_e5.saturating_add(value_e5);
        }
        let book = front::book_of(plan.row.security, plan.row.order_type);
        let (owner_group, price_e5) = (plan.owner_group, plan.row.price_e5);
        self.self_match
            .add(number, owner_group, book, plan.row.buy, price_e5);
        let window = self.identical_window(plan.row.pbu, plan.group);
        let (content, now) = (&plan.content, emit.now_ns);
        let identical = self.identical.remember(account, content, now, window);
        let places = self.places_of(&plan.row);
        let (now, day) = (self.now_ns, self.day_ns());
        self.rates.count(places, now, day);
        for place in places.of {
            if let Some(conduct) = self.rates.conduct_mut(place) {
                conduct.take_order(value_e5);
            }
        }
        if plan.warns.rates {
            self.warn_rates(number, plan.group, emit);
        }
        if plan.warns.others {
            let identical = i64::from(identical);
            self.warn_order(number, plan.group, value_e5, identical, emit);
        }
        self.mark_high_frequency(number, emit);
    }

    /// Send an order to its gateway.
    pub(crate) fn forward(&mut self, number: u32, emit: &mut Emit<'_>) {
        self.take_for_sent(number, emit.now_ns);
        self.totals.forwarded += 1;
        let order = self.order(number);
        emit.push(Forward {
            time_ns: emit.now_ns,
            input_seq: order.seq,
            order: number,
            gateway: order.gateway,
            client: order.client,
            terminal: order.terminal,
            strategy: order.strategy,
            program: u8::from(order.program),
            spare: 0,
        });
    }

    /// Have an order stand as sent; the report that it was made of says the rest.
    fn recover(&mut self, number: u32, frozen_e5: i64, emit: &mut Emit<'_>) {
        self.take_for_sent(number, emit.now_ns);
        let order = self.order(number);
        emit.push(Recovered {
            time_ns: emit.now_ns,
            input_seq: order.seq,
            frozen_e5,
            order: number,
            terminal: order.terminal,
            gateway: order.gateway,
            client: order.client,
            strategy: order.strategy,
            program: u8::from(order.program),
            spare: 0,
        });
    }

    fn take_for_sent(&mut self, number: u32, now_ns: u64) {
        self.set_status(number, OrderStatus::Sent);
        if let Some(order) = self.orders.get_mut(number as usize) {
            order.sent_ns = now_ns;
        }
        self.forwarded.push(number);
    }

    /// Count an order or its cancel in the rates of its scopes.
    pub(crate) fn count_event(&mut self, number: u32) {
        let places = self.places_of(self.order(number));
        let (now, day) = (self.now_ns, self.day_ns());
        self.rates.count(places, now, day);
    }

    fn identical_window(&self, pbu: u8, group: u16) -> u64 {
        let market = self.pbus.get(usize::from(pbu)).map_or(0, |row| row.market);
        let window = self.params.get_for(Param::IdenticalWindowNs, market, group);
        u64::try_from(window).unwrap_or(0)
    }
}
