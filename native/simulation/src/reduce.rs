//! A plan that breaks a law, made smaller for as long as it breaks that law.

use std::path::Path;

use crate::plan::{Act, Plan, Setting};
use crate::sweep::play_guarded;
use crate::trace::Detail;

/// The law that a plan breaks, if it breaks one.
fn law_of(plan: &Plan, folder: &Path) -> Option<&'static str> {
    let outcome = play_guarded(plan, folder, Detail::Digest).ok()?;
    outcome.broken.first().map(|broken| broken.law)
}

/// The smallest plan found that still breaks the law that this one breaks; nothing when it breaks
/// none.
pub fn reduce(plan: &Plan, folder: &Path, mut progress: impl FnMut(usize)) -> Option<Plan> {
    let law = law_of(plan, folder)?;
    let mut smallest = plan.clone();
    loop {
        let before = smallest.clone();
        drop_acts(&mut smallest, |acts, setting, seed| {
            let plan = Plan {
                seed,
                setting: setting.clone(),
                acts: acts.to_vec(),
            };
            let same = law_of(&plan, folder) == Some(law);
            if same {
                progress(acts.len());
            }
            same
        });
        for simpler in simpler_settings(&smallest.setting) {
            let plan = Plan {
                setting: simpler,
                ..smallest.clone()
            };
            if plan != smallest && law_of(&plan, folder) == Some(law) {
                smallest = plan;
            }
        }
        if smallest == before {
            return Some(smallest);
        }
    }
}

/// Leave out runs of acts, long ones first, down to single ones.
fn drop_acts(plan: &mut Plan, mut holds: impl FnMut(&[Act], &Setting, u64) -> bool) {
    let mut length = plan.acts.len().div_ceil(2);
    while length > 0 {
        let mut from = 0;
        while from < plan.acts.len() {
            let mut fewer = plan.acts.clone();
            fewer.drain(from..(from + length).min(fewer.len()));
            if holds(&fewer, &plan.setting, plan.seed) {
                plan.acts = fewer;
            } else {
                from += length;
            }
        }
        length /= 2;
    }
}

/// The same setting with one thing made plainer.
fn simpler_settings(setting: &Setting) -> Vec<Setting> {
    let mut plainer = Vec::new();
    let mut add = |change: &dyn Fn(&mut Setting)| {
        let mut simpler = setting.clone();
        change(&mut simpler);
        plainer.push(simpler);
    };
    add(&|it| it.clients = [it.clients[0].min(1), 0]);
    add(&|it| it.clients = [0, it.clients[1].min(1)]);
    add(&|it| it.clients = [1, 1]);
    add(&|it| it.gateways = [1, 1]);
    add(&|it| it.net.cut_one_in = 0);
    add(&|it| it.net.window = 64 << 10);
    add(&|it| it.net.latency_ns = (20_000, 20_000));
    add(&|it| it.sync_ns = (100_000, 100_000));
    add(&|it| it.timer_ms = 10);
    add(&|it| it.segment_bytes = 64 << 10);
    add(&|it| it.streams_known = true);
    add(&|it| it.parameters.clear());
    add(&|it| {
        it.client_backlog_bytes = 8 << 20;
        it.gateway_backlog_bytes = 4 << 20;
    });
    plainer
}

#[cfg(test)]
mod tests {
    use super::drop_acts;
    use crate::draw;
    use crate::plan::What;

    #[test]
    fn all_but_the_acts_that_matter_are_dropped() {
        let mut plan = draw(3);
        let cancels = |acts: &[crate::plan::Act]| {
            let cancels = acts
                .iter()
                .filter(|act| matches!(act.what, What::Cancel { .. }));
            cancels.count()
        };
        assert!(cancels(&plan.acts) > 2 && plan.acts.len() > 20);
        drop_acts(&mut plan, |acts, _, _| cancels(acts) >= 2);
        assert_eq!((plan.acts.len(), cancels(&plan.acts)), (2, 2));
    }
}
