//! Where the serving loop meets its follower: it sets the marks, and takes what the follower found at them.

use std::sync::mpsc::TryRecvError;

use serde_json::{Value, json};

use crate::follower::{Following, News, Setting};
use crate::gate::Gate;
use crate::mark::{Author, Reason, StateHash, StateMark};

/// What the loop knows of marks, follower and snapshots.
#[derive(Debug, Default)]
pub struct Marks {
    /// Records between two marks; 0: none are set.
    every: u64,
    /// Sequence of the last mark.
    last: u64,
    /// The follower, while there is one.
    following: Option<Following>,
    /// Whether it has caught up with the journal.
    caught_up: bool,
    /// Whether the snapshot of the last interval mark has not been heard of yet.
    due: bool,
    /// Hash of the state at a mark, as the follower has it.
    hash: Option<(u64, u64)>,
    /// Last snapshot: sequence of its mark, bytes, time that the writing took.
    written: Option<(u64, u64, u64)>,
    /// Why the last snapshot was not written, or why the follower ended.
    trouble: Option<String>,
}

impl Marks {
    /// Marks every so many records, 0 for none; the last one has this sequence.
    #[must_use]
    pub fn new(every: u64, last: u64) -> Self {
        Self {
            every,
            last,
            ..Self::default()
        }
    }

    /// For the status.
    #[must_use]
    pub fn status(&self) -> Value {
        let snapshot = self.written.map(|(sequence, bytes, took_ns)| {
            json!({ "sequence": sequence, "bytes": bytes, "took_ns": took_ns })
        });
        let hash = self.hash.map(|(sequence, hash)| {
            json!({ "sequence": sequence, "state_hash": format!("{hash:016x}") })
        });
        json!({
            "follows": self.following.is_some(), "caught_up": self.caught_up,
            "last_mark": self.last, "hash": hash, "snapshot": snapshot, "trouble": self.trouble,
        })
    }

    /// Sequence of the last snapshot's mark; 0: none was written since the start.
    #[must_use]
    pub fn snapshot_sequence(&self) -> u64 {
        self.written.map_or(0, |written| written.0)
    }

    /// Whether something is wrong with follower or snapshots.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.trouble.is_some()
    }
}

impl Gate {
    /// How a follower of this gate's journal has to work; nothing when the configuration wants none.
    #[must_use]
    pub fn follower_setting(&self) -> Option<Setting> {
        let (config, journal) = (&self.config, &self.journal.0);
        (self.marks.every > 0).then(|| Setting {
            dir: journal.dir().to_path_buf(),
            disk: journal.disk(),
            capacity: config.capacity.capacity(),
            kept: config.recovery.snapshots_kept,
            reserve_bytes: 2 * config.journal.segment_bytes,
            begin: journal.appended_seq(),
            watch: journal.watch(),
        })
    }

    /// Take on a follower of the journal.
    pub fn follow_with(&mut self, following: Following) {
        self.marks.following = Some(following);
    }

    /// Journal a mark with the hash of this engine's own state: for moments at which no order waits.
    pub(crate) fn hash_state(&mut self, reason: Reason) {
        if let Some(mark_seq) = self.set_mark(reason) {
            let state_hash = self.engine.state_hash();
            self.append_hash(mark_seq, state_hash, Author::Serving);
        }
    }

    fn set_mark(&mut self, reason: Reason) -> Option<u64> {
        let mark = StateMark {
            reason: reason.number(),
            ..StateMark::default()
        };
        let seq = self.append_own(&mark)?;
        self.marks.last = seq;
        Some(seq)
    }

    fn append_hash(&mut self, mark_seq: u64, state_hash: u64, by: Author) {
        self.append_own(&StateHash {
            mark_seq,
            state_hash,
            by: by.number(),
            ..StateHash::default()
        });
    }

    /// Set a mark when it is time for one, and take what the follower has to say.
    pub(crate) fn tick_marks(&mut self) {
        while let Some(news) = self.next_news() {
            self.take_news(news);
        }
        let since = self
            .journal
            .0
            .appended_seq()
            .saturating_sub(self.marks.last);
        // A follower that is behind gets no further marks until it has written what is due.
        let free = self.marks.following.is_some() && !self.marks.due;
        if self.marks.every > 0 && since >= self.marks.every && free {
            self.marks.due = self.set_mark(Reason::Interval).is_some();
        }
    }

    fn next_news(&mut self) -> Option<News> {
        match self.marks.following.as_ref()?.news.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.marks.following = None;
                let known = self.marks.trouble.is_some();
                (!known).then(|| News::Ended("it ended without a reason".to_owned()))
            }
        }
    }

    fn take_news(&mut self, news: News) {
        match news {
            News::Following => {
                self.marks.caught_up = true;
                self.note("info", "follower has caught up with the journal", json!({}));
            }
            News::Hash {
                mark_seq,
                state_hash,
            } => {
                self.marks.hash = Some((mark_seq, state_hash));
                self.append_hash(mark_seq, state_hash, Author::Follower);
            }
            News::Written {
                sequence,
                bytes,
                took_ns,
            } => {
                self.marks.written = Some((sequence, bytes, took_ns));
                (self.marks.due, self.marks.trouble) = (false, None);
                let fields = json!({ "sequence": sequence, "bytes": bytes, "took_ns": took_ns });
                self.note("info", "snapshot written", fields);
            }
            News::NotWritten(reason) => {
                self.note("error", "snapshot not written", json!({ "reason": reason }));
                (self.marks.due, self.marks.trouble) = (false, Some(reason));
            }
            News::Ended(reason) => {
                self.note("error", "follower ended", json!({ "reason": reason }));
                self.marks.trouble = Some(reason);
                self.marks.following = None;
            }
        }
    }
}
