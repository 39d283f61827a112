//! Commands of people, through the code that the control socket calls.

use serde_json::Value;

use crate::trace::Detail;
use crate::world::World;

impl World {
    /// Give a command and hear the answer.
    pub fn command(&mut self, line: &str) {
        let now = self.queue.now();
        // The writes at the end of a turn append too.
        self.witness.read_journal();
        let before = self.witness.ledger.len();
        let Some(gate) = self.gate.now(now) else {
            return;
        };
        let answer = gate.command(line);
        let text = &answer.text;
        let done = serde_json::from_str::<Value>(text).is_ok_and(|answer| answer["ok"] == true);
        self.count(if done {
            "command done"
        } else {
            "command refused"
        });
        self.say(Detail::Compact, || format!("command {line} -> {text}"));
        let hold = answer.hold;
        self.witness.read_journal();
        let after = self.witness.ledger.len();
        let needed = if after > before { after } else { 0 };
        self.gate.answers.push((hold, needed));
        self.finish_gate_turn(None);
    }

    /// Tell the answers that need not wait for the disk any more.
    pub fn tell_answers(&mut self) {
        let Some(gate) = &self.gate.gate else { return };
        let durable = gate.durable_seq();
        for (_, needed) in self
            .gate
            .answers
            .extract_if(.., |(hold, _)| *hold <= durable)
        {
            self.witness.command_answered(needed);
        }
    }
}
