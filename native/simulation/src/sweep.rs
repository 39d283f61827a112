//! Many seeds, on every core there is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::plan::Plan;
use crate::trace::Detail;
use crate::witness::Broken;
use crate::world::{Outcome, play};

/// Play a plan; a panic of the product is a law that did not hold.
///
/// # Errors
/// As [`play`].
pub fn play_guarded(plan: &Plan, folder: &Path, detail: Detail) -> Result<Outcome, String> {
    let played = catch_unwind(AssertUnwindSafe(|| play(plan, folder, detail)));
    played.unwrap_or_else(|payload| {
        let _ = std::fs::remove_dir_all(folder);
        let text = payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| {
                payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
            })
            .unwrap_or_default();
        Ok(Outcome {
            broken: vec![Broken {
                law: "nothing panics",
                text,
            }],
            ..Outcome::default()
        })
    })
}

/// Play every seed from one on, several at a time, and hand each outcome over; false ends it.
///
/// # Errors
/// When a run cannot be played, which is not the product's fault.
pub fn sweep(
    seeds: std::ops::Range<u64>,
    jobs: usize,
    folder: &Path,
    plan_of: impl Fn(u64) -> Plan + Sync,
    done: impl FnMut(u64, Outcome) -> bool + Send,
) -> Result<(), String> {
    let next = AtomicU64::new(seeds.start);
    let done = Mutex::new(done);
    let failed: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for job in 0..jobs.max(1) {
            let (next, done, failed, plan_of) = (&next, &done, &failed, &plan_of);
            let folder = folder.join(format!("job-{job}"));
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    match play_guarded(&plan_of(seed), &folder, Detail::Digest) {
                        Ok(outcome) => {
                            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                            if !done(seed, outcome) {
                                next.store(seeds.end, Ordering::Relaxed);
                            }
                        }
                        Err(reason) => {
                            let mut slot = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            slot.get_or_insert(format!("seed {seed}: {reason}"));
                            return;
                        }
                    }
                }
            });
        }
    });
    failed
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(()), Err)
}
