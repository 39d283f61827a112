//! Structured log: one JSON object a line. Nothing of a client's secrets is ever given to it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value};

/// Where lines go.
#[derive(Debug)]
pub struct Log {
    file: Option<File>,
    /// Whether lines are written at all.
    pub silent: bool,
}

impl Log {
    /// Append to a file, or write to standard error.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let file = match path {
            None => None,
            Some(path) => Some(
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .map_err(|error| {
                        format!("log {}: cannot be opened: {error}", path.display())
                    })?,
            ),
        };
        Ok(Self {
            file,
            silent: false,
        })
    }

    /// Write one line.
    pub fn line(&mut self, level: &str, wall_ns: u64, event: &str, fields: Value) {
        if self.silent {
            return;
        }
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
        let _ = match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()),
            None => std::io::stderr().write_all(text.as_bytes()),
        };
    }
}
