//! Ends of the gate's process: killed at any point of its work, with or without the machine's
//! power, halted by its disk, or told to stop; and what becomes of its files and connections.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::chance::Chance;
use crate::day::CLOSE_NS;
use crate::net::Closing;
use crate::plan::{CrashAct, Point};
use crate::queue::{Event, MS};
use crate::trace::Detail;
use crate::witness::Span;
use crate::world::World;

/// Bytes of a record's header; they are written after its payload.
const HEADER: u64 = 32;
/// Bytes of a segment's header that are written when it is taken into use.
const PART_A: u64 = 256;
/// Bytes of the first page of a segment.
const FIRST_PAGE: u64 = 4_096;

impl World {
    /// The plan wants the process to end.
    pub fn plan_crash(&mut self, crash: CrashAct) {
        if self.gate.gate.is_none() || self.gate.crash.is_some() {
            return;
        }
        match crash.point {
            Point::Idle => self.crash(crash),
            Point::Ordered => {
                let now = self.queue.now();
                if let Some(gate) = self.gate.now(now) {
                    gate.stop();
                }
                self.gate.crash = Some(crash);
                self.finish_gate_turn(None);
            }
            Point::Disk(changes) => {
                self.disk.die_in(changes);
                self.gate.crash = Some(crash);
            }
            Point::Append(_) | Point::Write(_) => self.gate.crash = Some(crash),
        }
    }

    /// Whether the process is to end in this turn, which has appended these records.
    pub fn crash_in_turn(&mut self) -> bool {
        let Some(crash) = self.gate.crash else {
            return self.disk.is_dead() && self.die_in_disk();
        };
        match crash.point {
            _ if self.disk.is_dead() => self.die_in_disk(),
            Point::Append(percent) => {
                let spans = self.witness.new_records();
                if spans.is_empty() {
                    return false;
                }
                let mut chance = Chance::branch(self.plan.seed, "append", self.gate.run);
                self.gate.abandon();
                match cut_append(&self.journal(), &spans, percent, &mut chance) {
                    Ok(kept) => self.witness.lost_in_append(spans.len() - kept),
                    Err(error) => self.witness.broke("the machine works", error.to_string()),
                }
                self.crash(crash);
                true
            }
            _ => false,
        }
    }

    /// The process died at a change that it made to its disk.
    fn die_in_disk(&mut self) -> bool {
        let crash = self.gate.crash.unwrap_or(CrashAct {
            point: Point::Idle,
            power: false,
            restart_ms: 1_000,
        });
        self.crash(crash);
        true
    }

    /// Whether the process is to end before this write to the network.
    pub fn crash_in_write(&mut self) -> bool {
        let Some(crash) = &mut self.gate.crash else {
            return false;
        };
        let Point::Write(left) = &mut crash.point else {
            return false;
        };
        if *left > 0 {
            *left -= 1;
            return false;
        }
        let crash = *crash;
        self.crash(crash);
        true
    }

    /// The process ends here.
    pub fn crash(&mut self, crash: CrashAct) {
        self.gate.crash = None;
        self.gate.abandon();
        let lines = self.gate.take_lines();
        for (line, end) in lines {
            let how = if crash.power {
                Closing::Silent
            } else {
                self.chance.of(&[Closing::Finish, Closing::Reset])
            };
            self.net.close((line, end), how, &mut self.queue);
            if crash.power {
                self.gate.forgotten.push((line, end));
            }
        }
        if crash.power {
            self.cut_power();
        }
        self.say(Detail::Compact, || {
            let how = if crash.power {
                "the power is cut"
            } else {
                "the gate is killed"
            };
            format!("{how} ({:?})", crash.point)
        });
        self.queue.after(crash.restart_ms * MS, Event::Start);
    }

    fn cut_power(&mut self) {
        self.gate.boot += 1;
        let mut chance = Chance::branch(self.plan.seed, "power", self.gate.boot);
        match self.disk.cut_power(&mut chance) {
            Ok(spared) => self.say(Detail::Compact, || format!("{spared:?}")),
            Err(error) => self.witness.broke("the machine works", error.to_string()),
        }
        self.witness.power_was_cut();
    }

    /// The gate has come to an end by itself: it was told to stop, or its journal failed.
    pub fn gate_ended(&mut self) {
        let failure = self
            .gate
            .gate
            .as_ref()
            .and_then(|gate| gate.failure().map(str::to_owned));
        let crash = self.gate.crash.take();
        self.say(Detail::Compact, || match &failure {
            Some(reason) => format!("the gate has halted: {reason}"),
            None => "the gate has stopped".to_owned(),
        });
        if let Some(gate) = &self.gate.gate {
            self.gate.last_hash = gate.engine().state_hash();
        }
        // Dropping the gate closes its journal, as at the end of the real process.
        drop(self.gate.gate.take());
        self.note_synced();
        for (line, end) in self.gate.take_lines() {
            self.net
                .close((line, end), Closing::Finish, &mut self.queue);
        }
        if failure.is_some() {
            self.count("halted by the journal");
        }
        if crash.is_some_and(|crash| crash.power) {
            self.cut_power();
        }
        if self.queue.now() < CLOSE_NS {
            let restart_ms = crash.map_or(1_500, |crash| crash.restart_ms);
            self.queue.after(restart_ms * MS, Event::Start);
        }
    }

    /// The disk is full for a while.
    pub fn fill_disk(&mut self, ms: u64) {
        self.disk.set_full(true);
        self.queue.after(ms * MS, Event::DiskRoom);
    }

    fn journal(&self) -> std::path::PathBuf {
        self.folder.join("journal")
    }
}

/// Take back what a turn appended, from a byte on that lies so many percent behind its beginning,
/// as if the process had died there. Returns how many of the records are whole.
fn cut_append(
    directory: &Path,
    spans: &[Span],
    percent: u64,
    chance: &mut Chance,
) -> io::Result<usize> {
    let total: u64 = spans.iter().map(Span::bytes).sum();
    let mut left = total * percent / 100;
    let mut kept = 0;
    while let Some(span) = spans.get(kept).filter(|span| span.bytes() <= left) {
        left -= span.bytes();
        kept += 1;
    }
    let Some(torn) = spans.get(kept) else {
        return Ok(kept);
    };
    let file = open(directory, torn.segment)?;
    let from = torn_end(&file, torn, left, chance)?;
    zero_from(&file, from)?;
    let last = spans.last().map_or(torn.segment, |span| span.segment);
    for later in torn.segment + 1..=last {
        make_unused(&open(directory, later)?)?;
    }
    let before = kept.checked_sub(1).and_then(|at| spans.get(at));
    if let Some(before) = before.filter(|before| before.segment < torn.segment) {
        // The turn to the next segment is made of steps too.
        let steps = chance.below(3);
        if steps > 0 {
            make_unused(&file)?;
        }
        if steps > 1 {
            zero_from(&open(directory, before.segment)?, before.end)?;
        }
    }
    Ok(kept)
}

/// Leave a part of a record: its first bytes, or its payload without its header. Returns where
/// nothing more was written.
fn torn_end(file: &File, torn: &Span, left: u64, chance: &mut Chance) -> io::Result<u64> {
    if chance.one_in(2) {
        return Ok(torn.begin + left);
    }
    // The header goes last: what there is of the payload lies behind zeros.
    zero(file, torn.begin, torn.begin + HEADER)?;
    Ok(torn.begin + left.max(HEADER))
}

/// Make a segment what it was before it was taken into use; the digest of the one before stays.
fn make_unused(file: &File) -> io::Result<()> {
    zero(file, 0, PART_A)?;
    zero_from(file, FIRST_PAGE)
}

fn open(directory: &Path, segment: u32) -> io::Result<File> {
    let path = directory.join(format!("{segment:08}.pjl"));
    OpenOptions::new().read(true).write(true).open(path)
}

fn zero_from(file: &File, from: u64) -> io::Result<()> {
    zero(file, from, file.metadata()?.len())
}

fn zero(file: &File, from: u64, to: u64) -> io::Result<()> {
    let count = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
    file.write_all_at(&vec![0; count], from)
}
