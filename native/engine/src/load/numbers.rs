//! Limits, switches and parameters.

use super::{full, within};
use crate::code::Code;
use crate::denied::Denied;
use crate::kind::{Metric, Mode, Param, Scope};
use crate::record::load::{LoadLimit, LoadParam, LoadSwitch};
use crate::table::limit::{Level, LimitRow};
use crate::table::tables::Tables;

fn unknown(found: impl Into<i64>) -> Denied {
    Denied::new(Code::LoadInvalid, 0, found.into())
}

impl Tables {
    pub(super) fn load_limit(&mut self, row: &LoadLimit) -> Result<(), Denied> {
        let scope = Scope::from_number(row.scope).ok_or_else(|| unknown(row.scope))?;
        let metric = Metric::from_number(row.metric).ok_or_else(|| unknown(row.metric))?;
        if !metric.is_kept_for(scope) {
            let (limit, found) = (i64::from(row.scope), i64::from(row.metric));
            return Err(Denied::new(Code::LoadInvalid, limit, found));
        }
        within(row.market, 0, 2)?;
        within(row.warn, 0, i64::MAX)?;
        within(row.block, 0, i64::MAX)?;
        let level = Level {
            warn: row.warn,
            block: row.block,
        };
        let row = LimitRow {
            scope,
            id: row.id,
            market: row.market,
            metric,
            level,
        };
        if self.limits.load(&row) {
            Ok(())
        } else {
            Err(full(self.capacity.limit_sets))
        }
    }

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "all loaders take rows alike"
    )]
    pub(super) fn load_switch(&mut self, row: &LoadSwitch) -> Result<(), Denied> {
        let code = Code::from_number(row.code).ok_or_else(|| unknown(row.code))?;
        within(row.market, 0, 2)?;
        let mode = Mode::from_number(row.mode).ok_or_else(|| unknown(row.mode))?;
        if self.switches.load(code, row.market, row.group, mode) {
            Ok(())
        } else {
            Err(full(self.capacity.switches))
        }
    }

    pub(super) fn load_param(&mut self, row: &LoadParam) -> Result<(), Denied> {
        let param = Param::from_number(row.param).ok_or_else(|| unknown(row.param))?;
        within(row.market, 0, 2)?;
        let (least, most) = param.bounds();
        within(row.value, least, most)?;
        if row.group == 0 {
            self.params.load(param, row.market, row.value);
            return Ok(());
        }
        if !param.is_of_groups() {
            return Err(unknown(row.group));
        }
        let (market, group) = (row.market, row.group);
        if self.params.load_for(param, market, group, row.value) {
            Ok(())
        } else {
            Err(full(self.capacity.switches))
        }
    }
}
