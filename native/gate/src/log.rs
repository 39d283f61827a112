//! Structured log: one JSON object a line. Nothing of a client's secrets is ever given to it.
//!
//! A thread of its own writes, so that a full pipe or a slow disk holds up no order. Lines for which the queue has no
//! room are counted, and the next line that is written says how many they were.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};

/// Lines that may wait.
const LINES_MAX: usize = 8192;
/// Bytes of lines that may wait.
const BYTES_MAX: u64 = 4 << 20;
/// Time that the last lines have at the end of the process.
const LAST_LINES: Duration = Duration::from_secs(1);

/// How the writing stands.
#[derive(Debug, Default)]
struct Counts {
    /// Lines, and their bytes, that wait or are being written.
    waiting: AtomicU64,
    waiting_bytes: AtomicU64,
    /// Lines that were not written.
    dropped: AtomicU64,
}

/// The way to the thread that writes; with the last one of it the thread ends.
struct Queue {
    lines: Option<SyncSender<String>>,
    counts: Arc<Counts>,
    ended: Mutex<Receiver<()>>,
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.lines = None;
        if let Ok(ended) = self.ended.get_mut() {
            // Whoever does not read what is written does not keep the process from ending.
            let _ = ended.recv_timeout(LAST_LINES);
        }
    }
}

#[derive(Clone)]
enum Way {
    Straight(Arc<Mutex<Box<dyn Write + Send>>>),
    Queue(Arc<Queue>),
}

/// Where lines go; a copy goes there too.
#[derive(Clone)]
pub struct Log {
    way: Way,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

impl Log {
    /// Append to a file, or write to standard error, on a thread of its own.
    ///
    /// # Errors
    /// When the file cannot be opened or there can be no further thread.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Self::beside(std::io::stderr());
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| format!("log {}: cannot be opened: {error}", path.display()))?;
        Self::beside(file)
    }

    /// Write lines there at once, whoever waits for it.
    #[must_use]
    pub fn to(out: impl Write + Send + 'static) -> Self {
        let way = Way::Straight(Arc::new(Mutex::new(Box::new(out))));
        Self { way }
    }

    /// Write lines there on a thread of its own.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn beside(out: impl Write + Send + 'static) -> Result<Self, String> {
        let (lines, taken) = sync_channel(LINES_MAX);
        let (end, ended) = channel();
        let counts = Arc::new(Counts::default());
        let known = Arc::clone(&counts);
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                write_lines(out, &taken, &known);
                let _ = end.send(());
            })
            .map_err(|error| format!("log: {error}"))?;
        let way = Way::Queue(Arc::new(Queue {
            lines: Some(lines),
            counts,
            ended: Mutex::new(ended),
        }));
        Ok(Self { way })
    }

    /// Write one line.
    pub fn line(&self, level: &str, wall_ns: u64, event: &str, fields: Value) {
        let text = text_of(level, wall_ns, event, fields);
        match &self.way {
            Way::Straight(out) => {
                // A log that cannot be written must not stop orders; the journal holds what matters.
                if let Ok(mut out) = out.lock() {
                    let _ = out.write_all(text.as_bytes());
                }
            }
            Way::Queue(queue) => queue.push(text),
        }
    }

    /// How it stands, for people and programs.
    #[must_use]
    pub fn row(&self) -> Value {
        let (waiting, dropped) = self.counts();
        json!({ "waiting": waiting, "dropped": dropped })
    }

    /// Lines that wait to be written, and lines that never were.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        match &self.way {
            Way::Straight(_) => (0, 0),
            Way::Queue(queue) => (
                queue.counts.waiting.load(Ordering::Acquire),
                queue.counts.dropped.load(Ordering::Relaxed),
            ),
        }
    }
}

impl Queue {
    fn push(&self, text: String) {
        let bytes = text.len() as u64;
        let counts = &self.counts;
        counts.waiting.fetch_add(1, Ordering::AcqRel);
        let waiting = counts.waiting_bytes.fetch_add(bytes, Ordering::AcqRel);
        let room = waiting.saturating_add(bytes) <= BYTES_MAX;
        let lines = self.lines.as_ref().filter(|_| room);
        if lines.is_none_or(|lines| lines.try_send(text).is_err()) {
            counts.dropped.fetch_add(1, Ordering::Relaxed);
            counts.done(bytes);
        }
    }
}

impl Counts {
    fn done(&self, bytes: u64) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

fn write_lines(mut out: impl Write, lines: &Receiver<String>, counts: &Counts) {
    let mut told = 0;
    for text in lines {
        let dropped = counts.dropped.load(Ordering::Relaxed);
        let mut written = Ok(());
        if dropped > told {
            let wall_ns = time_of(&text);
            let fields = json!({ "count": dropped - told, "total": dropped });
            let gap = text_of("error", wall_ns, "log lines dropped", fields);
            written = out.write_all(gap.as_bytes());
        }
        if written.is_ok() {
            told = told.max(dropped);
            written = out.write_all(text.as_bytes());
        }
        if written.is_err() {
            counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
        counts.done(text.len() as u64);
    }
}

fn text_of(level: &str, wall_ns: u64, event: &str, fields: Value) -> String {
    let mut line = Map::new();
    line.insert("time_ns".into(), wall_ns.into());
    line.insert("level".into(), level.into());
    line.insert("event".into(), event.into());
    if let Value::Object(fields) = fields {
        line.extend(fields);
    }
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    text
}

/// When the line was written that follows a gap: the thread reads no clock.
fn time_of(text: &str) -> u64 {
    let line: Value = serde_json::from_str(text).unwrap_or_default();
    line.get("time_ns").and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use serde_json::{Value, json};

    use super::{BYTES_MAX, Log};

    /// Takes nothing until it is let.
    struct Stuck {
        entered: Sender<()>,
        released: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.entered.send(());
            let _ = self.released.recv();
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_does_not_read_holds_nobody_up_and_loses_lines_that_are_counted() {
        let ((entered, inside), (release, released), (written, out)) =
            (channel(), channel(), channel());
        let log = Log::beside(Stuck {
            entered,
            released,
            written,
        })
        .unwrap();
        log.line("info", 7, "first", json!({}));
        inside.recv().unwrap();
        // Nothing is written from here on, and every call returns.
        let filler = "x".repeat(1000);
        let count = BYTES_MAX / 1000 + 100;
        for number in 0..count {
            log.line(
                "info",
                8,
                "more",
                json!({ "number": number, "text": filler }),
            );
        }
        let (waiting, dropped) = log.counts();
        assert!(dropped > 100, "{dropped}");
        assert_eq!(waiting + dropped, count + 1);
        drop(release);
        drop(log);
        let text = out.iter().flatten().collect();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["event"], "first");
        assert_eq!(lines[1]["event"], "log lines dropped");
        assert_eq!(
            (&lines[1]["count"], &lines[1]["time_ns"]),
            (&json!(dropped), &json!(8))
        );
        assert_eq!(lines.len() as u64, waiting + 1);
    }

    #[test]
    fn the_last_lines_are_written_before_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let log = Log::open(Some(&path)).unwrap();
        for number in 0..1000 {
            log.clone().line("info", number, "line", json!({}));
        }
        drop(log);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1000);
    }
}
