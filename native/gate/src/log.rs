//! Structured log: one JSON object a line. Nothing of a client's secrets is ever given to it.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value};

/// Where lines go.
pub struct Log {
    out: Box<dyn Write + Send>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

impl Log {
    /// Append to a file, or write to standard error.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self::to(std::io::stderr()));
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| format!("log {}: cannot be opened: {error}", path.display()))?;
        Ok(Self::to(file))
    }

    /// Write lines there.
    #[must_use]
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out) }
    }

    /// Write one line.
    pub fn line(&mut self, level: &str, wall_ns: u64, event: &str, fields: Value) {
        let mut line = Map::new();
        line.insert("time_ns".into(), wall_ns.into());
        line.insert("level".into(), level.into());
        line.insert("event".into(), event.into());
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A log that cannot be written must not stop orders; the journal holds what matters.
        let _ = self.out.write_all(text.as_bytes());
    }
}
