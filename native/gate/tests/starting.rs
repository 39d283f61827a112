//! Starts that were cut short, rows that were put right, answers that wait for the disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;

use panshi_engine::input::Input;
use panshi_engine::synthetic::{Size, Synthetic};
use panshi_gate::clock::Now;
use panshi_gate::config::Config;
use panshi_gate::gate::Gate;
use panshi_gate::latch::Latch;
use panshi_gate::log::Log;
use panshi_gate::start::{Surroundings, start};
use panshi_journal::Options;

const OPENED: Now = Now {
    mono_ns: 0,
    wall_ns: 1_784_510_000_000_000_000,
    market_ns: 1_784_510_000_000_000_000,
    boot_ns: 0,
};

fn rows() -> Vec<Input> {
    let size = Size {
        accounts: 10,
        securities: 4,
        open_orders: 0,
        orders: 0,
        step_ns: 0,
    };
    let rows = Synthetic::new(size, 1).opening();
    rows.into_iter()
        .filter(|row| row.record_type() <= 15)
        .collect()
}

fn config(dir: &Path) -> Config {
    let dir = dir.join("journal");
    let journal = serde_json::json!({ "dir": dir, "segment_bytes": 65_536, "durability": "A" });
    serde_json::from_value(serde_json::json!({ "journal": journal })).unwrap()
}

fn try_start(dir: &Path, rows: &[Input], dies_at: Option<u64>) -> Result<Gate, String> {
    let mut journal = Options {
        stepped: true,
        ..Options::default()
    };
    journal.faults.short_append = dies_at.map(|sequence| (sequence, 20));
    let around = Surroundings {
        journal,
        log: Log::to(std::io::sink()),
        now: OPENED,
        latch: Arc::new(Latch::in_memory()),
    };
    start(config(dir), rows, around)
}

#[test]
fn a_process_that_died_among_the_rows_of_the_day_leaves_none_out() {
    let rows = rows();
    let whole = tempfile::tempdir().unwrap();
    let expected = try_start(whole.path(), &rows, None).unwrap();
    let expected = (expected.engine().fill(), *expected.engine().day());
    assert!(expected.1.open);
    for dies_at in [1, 2, rows.len() as u64 / 2, rows.len() as u64] {
        let dir = tempfile::tempdir().unwrap();
        assert!(try_start(dir.path(), &rows, Some(dies_at)).is_err());
        let gate = try_start(dir.path(), &rows, None).unwrap();
        assert_eq!(
            (gate.engine().fill(), *gate.engine().day()),
            expected,
            "{dies_at}"
        );
        assert_eq!(gate.engine().broken_invariants(), [""; 0]);
    }
}

#[test]
fn a_day_whose_rows_were_not_all_taken_is_not_open_and_can_be_put_right() {
    let good = rows();
    let mut bad = good.clone();
    let holding = bad.iter_mut().find_map(|row| match row {
        Input::LoadHolding(holding) => Some(holding),
        _ => None,
    });
    let holding = holding.unwrap();
    holding.sellable_qty = -5;
    let (account, market, code) = (holding.account, holding.market, holding.code);
    let dir = tempfile::tempdir().unwrap();
    let error = try_start(dir.path(), &bad, None).unwrap_err();
    assert!(error.contains("1 rows were not taken"), "{error}");
    let gate = try_start(dir.path(), &good, None).unwrap();
    assert!(gate.engine().day().open);
    let holding = gate.engine().holding(market, &account, &code).unwrap();
    assert_eq!(holding.sellable_qty, 1_000_000);
}

#[test]
fn a_command_is_answered_when_the_disk_has_it_in_every_mode() {
    let dir = tempfile::tempdir().unwrap();
    let mut gate = try_start(dir.path(), &rows(), None).unwrap();
    let halt =
        r#"{"verb": "set-state", "scope": "firm", "state": "halted", "who": "a", "why": "b"}"#;
    let answer = gate.command(halt);
    assert!(answer.text.starts_with(r#"{"ok":true"#), "{}", answer.text);
    assert!(answer.hold > gate.durable_seq());
    gate.request_sync();
    assert!(
        gate.journal().awaits_sync(),
        "somebody waits for the answer"
    );
    gate.journal().step_sync();
    assert!(answer.hold <= gate.durable_seq());
    let status = gate.command(r#"{"verb": "status"}"#);
    assert_eq!(status.hold, 0, "a question waits for nothing");
    let refused = gate.command(r#"{"verb": "set-state", "scope": "firm"}"#);
    assert_eq!(refused.hold, 0, "nothing was journaled");
}
