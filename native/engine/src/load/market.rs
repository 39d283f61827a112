//! Rules, windows, fees and securities.

use super::{full, kept, within};
use crate::code::Code;
use crate::denied::Denied;
use crate::kind::Phase;
use crate::record::load::{LoadFee, LoadPhase, LoadRule, LoadSecurity};
use crate::table::clock::ClockRefusal;
use crate::table::security::SecurityRow;
use crate::table::tables::{Tables, security_key};

impl Tables {
    pub(super) fn load_rule(&mut self, row: &LoadRule) -> Result<(), Denied> {
        within(row.rule, 1, i64::from(self.capacity.rules))?;
        within(row.market, 1, 2)?;
        for positive in [row.tick_e5, row.buy_step_qty, row.sell_step_qty] {
            within(positive, 1, i64::MAX)?;
        }
        for not_negative in [
            row.buy_min_qty,
            row.sell_min_qty,
            row.odd_lot_qty,
            row.max_limit_qty,
            row.max_market_qty,
            row.max_fixed_qty,
            row.day_buy_cap_qty,
        ] {
            within(not_negative, 0, i64::MAX)?;
        }
        within(row.cage_bp, 0, 10_000)?;
        let slot = self.rules.get_mut(usize::from(row.rule));
        let slot = slot.ok_or_else(|| full(self.capacity.rules))?;
        if slot.rule != 0 {
            kept(slot.market, row.market)?;
        }
        *slot = *row;
        Ok(())
    }

    pub(super) fn load_phase(&mut self, row: &LoadPhase) -> Result<(), Denied> {
        within(row.market, 1, 2)?;
        within(row.rule, 0, i64::from(self.capacity.rules))?;
        if Phase::from_number(row.phase).is_none() {
            return Err(Denied::new(Code::LoadInvalid, 8, i64::from(row.phase)));
        }
        for policy in [
            row.order_policy,
            row.cancel_policy,
            row.fixed_policy,
            row.fixed_cancel,
        ] {
            within(policy, 0, 2)?;
        }
        let (start, end) = (row.start_ns.cast_signed(), row.end_ns.cast_signed());
        within(end, start.saturating_add(1), i64::MAX)?;
        self.clock.load(row).map_err(|refusal| match refusal {
            ClockRefusal::Full => full(self.capacity.phases),
            ClockRefusal::Overlap => Denied::new(Code::LoadInvalid, 0, start),
        })
    }

    pub(super) fn load_fee(&mut self, row: &LoadFee) -> Result<(), Denied> {
        within(row.rule, 1, i64::from(self.capacity.rules))?;
        within(row.fee_group, 1, i64::from(self.capacity.fee_groups))?;
        for rate in [
            row.commission_e8,
            row.commission_min_e5,
            row.stamp_buy_e8,
            row.stamp_sell_e8,
            row.transfer_e8,
            row.handling_e8,
            row.regulatory_e8,
        ] {
            within(rate, 0, i64::MAX)?;
        }
        let at = self.fee_at(row.rule, row.fee_group);
        let slot = at.and_then(|at| self.fees.get_mut(at));
        *slot.ok_or_else(|| full(self.capacity.fee_groups))? = *row;
        Ok(())
    }

    pub(super) fn load_security(&mut self, row: &LoadSecurity) -> Result<(), Denied> {
        within(row.market, 1, 2)?;
        within(row.state, 0, 3)?;
        within(row.rule, 1, i64::from(self.capacity.rules))?;
        for price in [row.prev_close_e5, row.upper_e5, row.lower_e5, row.close_e5] {
            within(price, 0, i64::MAX)?;
        }
        let fresh = SecurityRow {
            upper_e5: row.upper_e5,
            lower_e5: row.lower_e5,
            prev_close_e5: row.prev_close_e5,
            close_e5: row.close_e5,
            flags: row.flags,
            set_id: row.set_id,
            list_date: row.list_date,
            rule: row.rule,
            state: row.state,
            market: row.market,
            code: row.code,
            ..SecurityRow::EMPTY
        };
        if let Some(at) = self.security_at(row.market, &row.code) {
            let Some(slot) = self.securities.get_mut(at as usize) else {
                return Ok(());
            };
            kept(slot.rule, row.rule)?;
            *slot = SecurityRow {
                bid_e5: slot.bid_e5,
                ask_e5: slot.ask_e5,
                last_e5: slot.last_e5,
                open_buy_e5: slot.open_buy_e5,
                traded_buy_e5: slot.traded_buy_e5,
                trading: slot.trading,
                ..fresh
            };
            return Ok(());
        }
        let at = u32::try_from(self.securities.len()).unwrap_or(u32::MAX);
        let key = security_key(row.market, &row.code);
        if at >= self.capacity.securities || !self.security_index.insert(&key, at) {
            return Err(full(self.capacity.securities));
        }
        self.securities.push(fresh);
        Ok(())
    }
}
