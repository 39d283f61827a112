//! A second engine that is given nothing but the journal: what it says and what it comes to must be
//! what the live one said and came to.

use std::collections::VecDeque;

use panshi_engine::capacity::Capacity;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;

use crate::witness::Broken;

/// The law that both engines agree.
const LAW: &str = "a replay gives the live state";

/// An engine behind the journal.
pub struct Shadow {
    engine: Engine,
    /// What it said about the last input and the journal did not say yet.
    due: VecDeque<Output>,
    said: Vec<Output>,
}

impl Shadow {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(capacity: &Capacity) -> Self {
        Self {
            engine: Engine::new(capacity),
            due: VecDeque::new(),
            said: Vec::new(),
        }
    }

    /// The journal has an input.
    pub fn input(&mut self, seq: u64, input: &Input) -> Option<Broken> {
        let lacks = self.due.pop_front();
        self.due.clear();
        self.engine.apply(seq, input, &mut self.said);
        self.due.extend(self.said.drain(..));
        lacks.map(|output| Broken {
            law: LAW,
            text: format!("before record {seq} the journal lacks {output:?}"),
        })
    }

    /// The journal has an output.
    pub fn output(&mut self, seq: u64, output: &Output) -> Option<Broken> {
        let due = self.due.pop_front();
        (due.as_ref() != Some(output)).then(|| Broken {
            law: LAW,
            text: format!("record {seq}: a replay says {due:?}, the journal {output:?}"),
        })
    }

    /// The live engine stands where the journal ends.
    #[must_use]
    pub fn compare(&self, live: &Engine) -> Option<Broken> {
        let (live, replayed) = (live.state_hash(), self.engine.state_hash());
        let left = self.due.len();
        (live != replayed || left > 0).then(|| Broken {
            law: LAW,
            text: format!(
                "live {live:016x}, replayed {replayed:016x}, {left} outputs not journaled"
            ),
        })
    }
}
