//! What goes to the exchange: only what a client sent and the journal has, each name once.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Durability;
use crate::said::{Heard, Key, Said, name};
use crate::witness::{Broken, Ledger};

/// Orders and cancels on their way through the gate.
#[derive(Debug, Default)]
pub struct Departures {
    /// Bodies that clients sent, by name.
    asked: BTreeMap<Key, Vec<Vec<u8>>>,
    /// Names that went to the exchange.
    pub sent: BTreeSet<Key>,
    /// Those of them that the journal has lost.
    pub lost: BTreeSet<Key>,
    /// Those that were lost at some time, whether or not they were sent again.
    pub lost_once: BTreeSet<Key>,
}

impl Departures {
    /// A client's message reached the gate.
    pub fn arrived(&mut self, heard: &Heard) {
        if let Said::Order(key) | Said::Cancel(key, _) = &heard.said {
            self.asked.entry(*key).or_default().push(heard.body.clone());
        }
    }

    /// Whether the journal has ever lost something that had left.
    #[must_use]
    pub fn any_lost(&self) -> bool {
        !self.lost_once.is_empty()
    }

    /// A message of the gate left for the exchange.
    pub fn left(&mut self, heard: &Heard, ledger: &Ledger, durability: Durability) -> Vec<Broken> {
        match &heard.said {
            Said::Order(key) | Said::Cancel(key, _) => {
                let mut broken = self.judge(*key, heard, ledger, durability);
                if !self.sent.insert(*key) && !self.lost.remove(key) {
                    broken.push(Broken {
                        law: "no id is sent twice",
                        text: format!("{} left a second time", name(key)),
                    });
                }
                broken
            }
            _ => Vec::new(),
        }
    }

    /// The gate runs again on a journal that may have lost its tail.
    pub fn after_restart(&mut self, ledger: &Ledger, durability: Durability) -> Vec<Broken> {
        let known = |key: &&Key| ledger.forwarded(key).is_some();
        let lost: Vec<Key> = self
            .sent
            .iter()
            .filter(|key| !known(key))
            .copied()
            .collect();
        let mut broken = Vec::new();
        if durability == Durability::C
            && let Some(key) = lost.first()
        {
            broken.push(Broken {
                law: "what leaves was synced before (mode C)",
                text: format!("{} left and is not in the journal any more", name(key)),
            });
        }
        self.lost_once.extend(&lost);
        self.lost.extend(lost);
        broken
    }

    fn judge(
        &self,
        key: Key,
        heard: &Heard,
        ledger: &Ledger,
        durability: Durability,
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        let Some(request) = ledger.forwarded(&key) else {
            broken.push(Broken {
                law: "what leaves was journaled before",
                text: format!(
                    "{} left without a decision to send it in the journal",
                    name(&key)
                ),
            });
            return broken;
        };
        if durability == Durability::C && ledger.durable() < request.decided_seq {
            broken.push(Broken {
                law: "what leaves was synced before (mode C)",
                text: format!(
                    "{} left with record {}, the disk has {}",
                    name(&key),
                    request.decided_seq,
                    ledger.durable()
                ),
            });
        }
        let asked = self.asked.get(&key);
        let own = request.cancel && asked.is_none();
        if !own && !asked.is_some_and(|bodies| bodies.contains(&heard.body)) {
            broken.push(Broken {
                law: "what leaves is what a client sent",
                text: format!("{} left with a content that no client sent", name(&key)),
            });
        }
        broken
    }
}
