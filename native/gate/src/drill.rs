//! Drills: a data centre is cut off as if it were down, and let back.
//!
//! A drill takes the same ways as a real failure: connections end without a goodbye, attempts fail, the rules of
//! [`crate::centre`] lead to the other centre. Only the cause in the journal tells the two apart.

use crate::centre::{Cause, Centre};
use crate::exchange::Phase;
use crate::gate::{Gate, Wish};

impl Gate {
    /// Check that a centre can be cut off: every gateway must have the other one, and no drill may be under way.
    ///
    /// # Errors
    /// When that is not so.
    pub(crate) fn require_drillable(&self, down: Centre) -> Result<(), String> {
        for link in &self.links {
            let number = link.config.number;
            if let Some(found) = link.route.cut_off_centre() {
                let name = found.name();
                return Err(format!(
                    "drill-begin: no drill may be under way, found the {name} centre cut off for gateway {number}"
                ));
            }
            self.require_reachable(number, down.other())?;
        }
        Ok(())
    }

    /// Cut a centre off.
    pub(crate) fn begin_drill(&mut self, down: Centre) {
        for link in 0..self.links.len() {
            let row = &mut self.links[link];
            row.route.cut_off(Some(down));
            if row.route.centre != down {
                continue;
            }
            match (row.phase, row.conn) {
                (_, Some(id)) => {
                    row.ending = Some(Cause::Drill);
                    self.end_now(id);
                }
                (Phase::Connecting(_), None) => {
                    self.wishes.push(Wish::GiveUp(link));
                    self.link_gone(link, Cause::Drill, "cut off by a drill");
                }
                _ => {}
            }
        }
    }

    /// Let it back; nobody goes there before somebody says so, or the other centre fails.
    pub(crate) fn end_drill(&mut self) {
        for link in &mut self.links {
            link.route.cut_off(None);
        }
    }
}
