//! Figures of several rounds, told as medians: one disturbed round moves none of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Figures whose ratio to the yardstick of the same round is told too.
const COMPARED: [&str; 3] = ["p50_ns", "p99_ns", "p99_9_ns"];

/// Figures of one measurement by name.
pub type Figures = BTreeMap<&'static str, u64>;

/// The figures of every round by what was measured.
#[derive(Debug, Default)]
pub struct Rounds {
    rows: BTreeMap<&'static str, Vec<Figures>>,
}

impl Rounds {
    /// Add what a round found of one subject.
    pub fn add(&mut self, subject: &'static str, figures: Figures) {
        self.rows.entry(subject).or_default().push(figures);
    }

    /// The median of each figure, and of each ratio to the relay, in 1/1000.
    #[must_use]
    pub fn medians(&self) -> Value {
        self.medians_against("relay")
    }

    /// The median of each figure, and of each ratio to the same figure of a yardstick, in 1/1000.
    #[must_use]
    pub fn medians_against(&self, yardstick: &str) -> Value {
        let subjects = self.rows.iter().map(|(subject, rounds)| {
            let mut told = Map::new();
            for name in rounds.iter().flat_map(BTreeMap::keys) {
                let values = rounds.iter().filter_map(|row| row.get(name)).copied();
                told.insert((*name).to_owned(), median(values).into());
            }
            if *subject != yardstick {
                told.extend(self.ratios(rounds, yardstick));
            }
            ((*subject).to_owned(), Value::from(told))
        });
        subjects.collect::<Map<_, _>>().into()
    }

    fn ratios(&self, rounds: &[Figures], yardstick: &str) -> Map<String, Value> {
        let Some(beside) = self.rows.get(yardstick) else {
            return Map::new();
        };
        let ratio = |name| {
            let pairs = rounds.iter().zip(beside);
            let ratios = pairs.filter_map(|(row, beside)| {
                Some(row.get(name)? * 1000 / (*beside.get(name)?).max(1))
            });
            (
                format!("{name}_per_mille_of_{yardstick}"),
                median(ratios).into(),
            )
        };
        COMPARED.into_iter().map(ratio).collect()
    }
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut sorted: Vec<u64> = values.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Figures, Rounds};

    #[test]
    fn ratios_are_taken_round_by_round() {
        let mut rounds = Rounds::default();
        for (relay, gate) in [(100, 120), (400, 440), (100, 900)] {
            rounds.add("relay", Figures::from([("p50_ns", relay)]));
            rounds.add("A", Figures::from([("p50_ns", gate), ("orders_per_s", 7)]));
        }
        let told = rounds.medians();
        assert_eq!(told["relay"]["p50_ns"], 100);
        assert_eq!(told["A"]["p50_ns"], 440);
        assert_eq!(told["A"]["orders_per_s"], 7);
        assert_eq!(told["A"]["p50_ns_per_mille_of_relay"], 1200);
        assert!(told["relay"].get("p50_ns_per_mille_of_relay").is_none());
    }
}
