//! Scripted faults: what goes wrong, when, and how often. They exist so that the other side can
//! be proven against them.

use serde::Deserialize;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
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
    /// The connection is cut.
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
    /// Reports a fill at ten times its price.
    PriceOutside,
    /// Leaves out an index of the report stream.
    IndexGap,
}

impl Action {
    fn is_message(self) -> bool {
        matches!(
            self,
            Self::Drop | Self::Delay(_) | Self::Duplicate | Self::Reorder
        )
    }

    fn is_report(self) -> bool {
        self == Self::IndexGap
    }

    fn needs_session(self) -> bool {
        matches!(self, Self::Disconnect | Self::HalfOpen | Self::Slow(_))
    }

    fn is_fill(self) -> bool {
        matches!(self, Self::OverFill | Self::PriceOutside)
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
    /// Only with messages of this type that the gateway sends; none: any.
    #[serde(default)]
    pub msg_type: Option<u32>,
    /// Let this many such messages pass first.
    #[serde(default)]
    pub after: u64,
    /// How often.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

/// The script and how far it has run.
#[derive(Debug, Default)]
pub struct Script {
    rows: Vec<(Fault, u64, u64)>,
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

impl Script {
    /// A script.
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        Self {
            rows: faults.iter().map(|fault| (*fault, 0, 0)).collect(),
        }
    }

    /// Whether nothing is scripted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The fault that strikes at a place of a gateway now.
    pub fn strike(&mut self, place: Place, gateway: usize, ns_of_day: u64) -> Option<Action> {
        self.rows.iter_mut().find_map(|(fault, seen, done)| {
            let action = fault.action;
            let elsewhere = action.is_report() || action.is_fill();
            let (fits, kind) = match place {
                Place::Time(session) => {
                    let timed = !elsewhere && !action.is_message() && fault.after == 0;
                    (timed && (session || !action.needs_session()), None)
                }
                Place::Message(kind) => (!elsewhere, Some(kind)),
                Place::Report(kind) => (action.is_report(), Some(kind)),
                Place::Fill(kind) => (action.is_fill(), Some(kind)),
            };
            let here = fits
                && match kind {
                    None => fault.msg_type.is_none(),
                    Some(kind) => fault.msg_type.is_none_or(|wanted| wanted == kind),
                };
            let due = here
                && *done < fault.times
                && ns_of_day >= fault.at_ns_of_day
                && fault.gateway.is_none_or(|wanted| wanted == gateway);
            if !due {
                return None;
            }
            *seen += 1;
            (*seen > fault.after).then(|| {
                *done += 1;
                fault.action
            })
        })
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
            msg_type: Some(32),
            after: 1,
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
    }
}
