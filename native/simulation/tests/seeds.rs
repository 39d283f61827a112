//! The seeds and plans that every submission plays, and that a seed always plays the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use panshi_simulation::plan::Plan;
use panshi_simulation::trace::Detail;
use panshi_simulation::{draw, play_guarded, sweep};

/// Seeds of the fast set.
const SEEDS: u64 = 200;

fn folder(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    };
    base.join(format!("panshi-{name}-{}", std::process::id()))
}

fn kept() -> Vec<(String, Plan)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/simulation/kept");
    let mut plans: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let plan = serde_json::from_str(&std::fs::read_to_string(&path).unwrap());
            (
                name,
                plan.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            )
        })
        .collect();
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    plans
}

#[test]
fn every_law_holds_on_the_fast_set_and_it_meets_every_kind_of_trouble() {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut broken = BTreeMap::new();
    let swept = sweep(1..SEEDS + 1, 2, &folder("seeds"), draw, |seed, outcome| {
        for (what, times) in outcome.counts {
            *counts.entry(what).or_default() += times;
        }
        if let Some(law) = outcome.broken.first() {
            broken.insert(seed, law.clone());
        }
        true
    });
    swept.unwrap();
    assert_eq!(
        broken,
        BTreeMap::new(),
        "make sim SEED=n tells more of a seed"
    );
    let met: BTreeSet<&str> = counts.keys().copied().collect();
    let names: BTreeSet<&str> = panshi_simulation::plan::What::NAMES
        .iter()
        .copied()
        .collect();
    let missing: Vec<_> = names.difference(&met).collect();
    assert_eq!(
        missing,
        Vec::<&&str>::new(),
        "no seed of the set meets these"
    );
}

#[test]
fn every_kept_plan_holds() {
    let plans = kept();
    assert!(!plans.is_empty(), "must find kept plans");
    for (name, plan) in plans {
        let outcome = play_guarded(&plan, &folder("kept"), Detail::Digest).unwrap();
        assert_eq!(outcome.broken, [], "kept plan {name}");
    }
}

#[test]
fn a_seed_plays_the_same_to_the_last_byte() {
    for seed in [1, 2, 3, 5, 8, 13] {
        let plan = draw(seed);
        let run = || play_guarded(&plan, &folder("twice"), Detail::Full).unwrap();
        let (once, twice) = (run(), run());
        assert!(once.text.len() > 10_000, "seed {seed}");
        assert!(
            once == twice,
            "seed {seed} plays differently the second time"
        );
    }
}

#[test]
fn a_plan_that_was_written_down_is_the_same_plan() {
    for seed in 1..50 {
        let plan = draw(seed);
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(
            serde_json::from_str::<Plan>(&text).unwrap(),
            plan,
            "seed {seed}"
        );
    }
}

#[test]
fn different_seeds_differ() {
    let digests: BTreeSet<u64> = (1..20)
        .map(|seed| {
            play_guarded(&draw(seed), &folder("differ"), Detail::Digest)
                .unwrap()
                .digest
        })
        .collect();
    assert_eq!(digests.len(), 19);
}
