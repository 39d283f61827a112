//! The schedule of trading states follows the market time (section 6).

use crate::code::Code;
use crate::emit::Emit;
use crate::kind::TradingState;
use crate::record::output::StateChanged;
use crate::table::tables::Tables;

impl Tables {
    /// Set and lift what the schedule says of the present time, when something in it may have changed.
    #[inline]
    pub(crate) fn follow_schedule(&mut self, emit: &mut Emit<'_>) {
        if self.day_ns() >= self.schedule.next_ns {
            self.apply_schedule(emit);
        }
    }

    #[cold]
    fn apply_schedule(&mut self, emit: &mut Emit<'_>) {
        let day_ns = self.day_ns();
        let mut from = 0;
        while from < self.schedule.rows().len() {
            let to = self.schedule.group_end(from);
            self.apply_scheduled(from, to, day_ns, emit);
            from = to;
        }
        self.schedule.next_ns = self.schedule.next_after(day_ns);
    }

    /// One scope number: its rows lie between two places.
    fn apply_scheduled(&mut self, from: usize, to: usize, day_ns: u64, emit: &mut Emit<'_>) {
        let Some(target) = self.schedule.rows().get(from).copied() else {
            return;
        };
        let row = self.schedule.covering(from, to, day_ns).copied();
        let row = row.filter(|row| row.state != TradingState::Normal.number());
        let state = row.and_then(|row| TradingState::from_number(row.state));
        let state = state.unwrap_or(TradingState::Normal);
        let slot = self.trading_slot(target.scope, target.id, target.market, &target.key);
        let Some(slot) = slot.filter(|slot| slot.scheduled != state) else {
            return;
        };
        let before = slot.now();
        slot.scheduled = state;
        let after = slot.now();
        let of_day = |ns: u64| i64::try_from(ns).unwrap_or(i64::MAX);
        emit.push(StateChanged {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            limit: row.map_or(0, |row| of_day(row.from_ns)),
            found: row.map_or(0, |row| of_day(row.to_ns)),
            cause: Code::StateScheduled.number(),
            id: target.id,
            scope: target.scope,
            from: before.number(),
            to: after.number(),
            market: target.market,
            key: target.key,
            ..StateChanged::default()
        });
    }
}
