//! How full the day's tables are: told before they are full, because then their codes refuse.

use std::fmt::Write as _;

use panshi_engine::query::TableUse;
use serde_json::{Value, json};

use crate::gate::Gate;

/// Used parts of a table from which on it is told, in percent.
const WARN_PERCENT: usize = 80;

/// How full a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fullness {
    /// Below the warning.
    #[default]
    Enough,
    /// From 80 % on.
    Low,
    /// What needs another row is refused.
    Full,
}

impl Fullness {
    fn of(table: &TableUse) -> Self {
        if table.used >= table.room {
            Self::Full
        } else if table.used.saturating_mul(100) >= table.room.saturating_mul(WARN_PERCENT) {
            Self::Low
        } else {
            Self::Enough
        }
    }

    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Low => "low",
            Self::Full => "full",
        }
    }
}

impl Gate {
    /// Say once of each table that it is nearly full, and once that it is; rows are only given back with the day.
    pub(crate) fn watch_fullness(&mut self) {
        let tables = self.engine.tables_used();
        for (at, table) in tables.iter().enumerate() {
            let is = Fullness::of(table);
            let Some(was) = self.fullness.get_mut(at) else {
                return;
            };
            if is <= *was {
                continue;
            }
            *was = is;
            let weight = if is == Fullness::Full {
                "error"
            } else {
                "warning"
            };
            let fields = json!({
                "table": table.name, "used": table.used, "room": table.room, "is": is.name(),
                "refused_with": table.code.number(),
            });
            self.note(weight, "a table of the day fills up", fields);
        }
    }

    /// Each table, for status displays.
    pub(crate) fn fullness_rows(&self) -> Value {
        let rows = self.engine.tables_used();
        let rows = rows.iter().map(|table| {
            json!({
                "table": table.name, "used": table.used, "room": table.room,
                "level": Fullness::of(table).name(), "refused_with": table.code.number(),
            })
        });
        rows.collect()
    }

    /// Each table as metrics.
    pub(crate) fn fullness_metrics(&self, page: &mut String) {
        let tables = self.engine.tables_used();
        let used = tables.map(|table| (table.name, table.used));
        let room = tables.map(|table| (table.name, table.room));
        for (figure, help, rows) in [
            ("used", "Rows of the day's tables that are used.", used),
            ("room", "Rows that the day's tables have.", room),
        ] {
            let name = format!("panshi_gate_table_{figure}");
            let _ = writeln!(page, "# HELP {name} {help}");
            let _ = writeln!(page, "# TYPE {name} gauge");
            for (table, rows) in rows {
                let _ = writeln!(page, "{name}{{table=\"{table}\"}} {rows}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use panshi_engine::code::Code;
    use panshi_engine::query::TableUse;

    use super::Fullness;

    #[test]
    fn the_warning_comes_at_eighty_percent_and_the_last_row_fills_it() {
        let of = |used| {
            Fullness::of(&TableUse {
                name: "orders",
                used,
                room: 10,
                code: Code::OrdersFull,
            })
        };
        assert_eq!(of(7), Fullness::Enough);
        assert_eq!(of(8), Fullness::Low);
        assert_eq!(of(9), Fullness::Low);
        assert_eq!(of(10), Fullness::Full);
    }
}
