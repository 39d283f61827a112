//! Scripted faults: what goes wrong, when, and how often. They exist so that the other side can
//! be proven against them.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The message is not sent.
    Drop,
    /// The message, and all behind it, waits this many milliseconds.
    Delay(u64),
    /// The message is sent twice.
    Duplicate,
    /// The message is sent behind the next one.
    Reorder,
    /// The message is sent with a wrong checksum.
    BadChecksum,
    /// Half of the message is sent, then the connection is cut.
    HalfMessage,
    /// The connection is cut; nothing behind the message that triggers it is sent.
    Disconnect,
    /// The gateway neither reads nor writes any more; the connection stays.
    HalfOpen,
    /// Sends at most this many bytes a second.
    Slow(u64),
    /// Loses the exchange: sessions end with "not ready" and none begins, for milliseconds.
    NotReady(u64),
    /// Shows a platform state, for milliseconds.
    StateFlap {
        /// State in the gateway's numbers.
        state: u16,
        /// How long.
        ms: u64,
    },
    /// Refuses this many orders.
    RejectBurst(u32),
    /// Reports a fill a second time under a new trade number.
    OverFill,
    /// Reports a fill a second time under a new trade number, of an order that nobody has sent.
    UnknownFill,
    /// Reports a fill at ten times its price.
    PriceOutside,
    /// Leaves out an index of the report stream.
    IndexGap,
}

/// `ClOrdID` of an order that nobody has sent.
pub(crate) const NOBODY: [u8; 10] = *b"0000000000";

impl Action {
    /// Whether a row with this action can strike at a place.
    fn fits(self, place: Place, after: u64) -> bool {
        let report = self == Self::IndexGap;
        let fill = matches!(
            self,
            Self::OverFill | Self::UnknownFill | Self::PriceOutside
        );
        let message = matches!(
            self,
            Self::Drop
                | Self::Delay(_)
                | Self::Duplicate
                | Self::Reorder
                | Self::BadChecksum
                | Self::HalfMessage
        );
        let connection = matches!(self, Self::Disconnect | Self::HalfOpen | Self::Slow(_));
        match place {
            Place::Time(session) => {
                let timed = !(report || fill || message) && after == 0;
                timed && (session || !connection)
            }
            Place::Message(_) => !(report || fill),
            Place::Report(_) => report,
            Place::Fill(_) => fill,
        }
    }
}

/// A fault with its trigger.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub action: Action,
    /// Index of the gateway; none: any.
    #[serde(default)]
    pub gateway: Option<usize>,
    /// Not before this moment of the day, market time in ns.
    #[serde(default)]
    pub at_ns_of_day: u64,
    /// Not from this moment of the day on; none: to the end.
    #[serde(default)]
    pub until_ns_of_day: Option<u64>,
    /// Only with messages of this type that the gateway sends; none: any.
    #[serde(default)]
    pub msg_type: Option<u32>,
    /// Let this many such messages pass first.
    #[serde(default)]
    pub after: u64,
    /// Then strike the first of so many; 1: each.
    #[serde(default = "once")]
    pub every: u64,
    /// How often.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

/// One row of a script and how far it has run.
#[derive(Clone, Copy, Debug)]
struct Row {
    fault: Fault,
    seen: u64,
    struck: u64,
}

impl Row {
    /// Whether the row is about this place, moment and gateway, and not used up.
    fn is_due(&self, place: Place, gateway: usize, ns_of_day: u64) -> bool {
        let fault = &self.fault;
        fault.action.fits(place, fault.after)
            && match place.kind() {
                None => fault.msg_type.is_none(),
                Some(kind) => fault.msg_type.is_none_or(|wanted| wanted == kind),
            }
            && self.struck < fault.times
            && ns_of_day >= fault.at_ns_of_day
            && fault.until_ns_of_day.is_none_or(|until| ns_of_day < until)
            && fault.gateway.is_none_or(|wanted| wanted == gateway)
    }
}

/// The first time that a row of the script struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// Number of the row, from 0.
    pub row: usize,
    /// Index of the gateway.
    pub gateway: usize,
    /// Market time, ns of the day.
    pub ns_of_day: u64,
}

/// The script and how far it has run.
#[derive(Debug, Default)]
pub struct Script {
    rows: Vec<Row>,
    first: Vec<Strike>,
}

/// Which place of the venue asks for faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before a message is sent.
    Message(u32),
    /// While a report of this type is put into its stream.
    Report(u32),
    /// While a fill of this type is made.
    Fill(u32),
    /// Between messages; whether somebody is logged on.
    Time(bool),
}

impl Place {
    fn kind(self) -> Option<u32> {
        match self {
            Self::Message(kind) | Self::Report(kind) | Self::Fill(kind) => Some(kind),
            Self::Time(_) => None,
        }
    }
}

impl Script {
    /// A script.
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        let row = |fault: &Fault| Row {
            fault: *fault,
            seen: 0,
            struck: 0,
        };
        Self {
            rows: faults.iter().map(row).collect(),
            first: Vec::new(),
        }
    }

    /// Whether nothing is scripted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The fault that strikes at a place of a gateway now.
    pub fn strike(&mut self, place: Place, gateway: usize, ns_of_day: u64) -> Option<Action> {
        for (number, row) in self.rows.iter_mut().enumerate() {
            if !row.is_due(place, gateway, ns_of_day) {
                continue;
            }
            row.seen += 1;
            let past = row.seen.checked_sub(row.fault.after + 1);
            if past.is_none_or(|past| past % row.fault.every.max(1) != 0) {
                continue;
            }
            row.struck += 1;
            if row.struck == 1 {
                self.first.push(Strike {
                    row: number,
                    gateway,
                    ns_of_day,
                });
            }
            return Some(row.fault.action);
        }
        None
    }

    /// Take the rows that struck for the first time since this was last asked.
    pub fn take_first(&mut self) -> Vec<Strike> {
        core::mem::take(&mut self.first)
    }

    /// How often each row has struck.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.struck).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Fault, Place, Script};

    #[test]
    fn a_fault_strikes_the_named_message_as_often_as_it_says() {
        let fault = Fault {
            action: Action::Drop,
            gateway: Some(1),
            at_ns_of_day: 100,
            until_ns_of_day: Some(200),
            msg_type: Some(32),
            after: 1,
            every: 1,
            times: 2,
        };
        let mut script = Script::new(&[fault]);
        assert_eq!(script.strike(Place::Message(32), 1, 99), None, "too early");
        assert_eq!(
            script.strike(Place::Message(32), 0, 100),
            None,
            "another gateway"
        );
        assert_eq!(
            script.strike(Place::Message(33), 1, 100),
            None,
            "another type"
        );
        let mut strike = || script.strike(Place::Message(32), 1, 100).is_some();
        let found: Vec<bool> = (0..5).map(|_| strike()).collect();
        assert_eq!(found, [false, true, true, false, false]);
        let first = super::Strike {
            row: 0,
            gateway: 1,
            ns_of_day: 100,
        };
        assert_eq!(script.take_first(), [first]);
        assert!(script.take_first().is_empty());
        assert_eq!(script.counts(), [2]);
    }

    #[test]
    fn a_fault_strikes_every_so_many_messages_until_its_end() {
        let fault = Fault {
            action: Action::Duplicate,
            gateway: None,
            at_ns_of_day: 0,
            until_ns_of_day: Some(100),
            msg_type: None,
            after: 1,
            every: 3,
            times: u64::MAX,
        };
        let mut script = Script::new(&[fault]);
        let mut strike = |at| script.strike(Place::Message(32), 0, at).is_some();
        let found: Vec<bool> = (0..8).map(&mut strike).collect();
        let wanted = [false, true, false, false, true, false, false, true];
        assert_eq!(found, wanted);
        assert!((0..9).all(|_| !strike(100)), "its time is over");
    }
}
