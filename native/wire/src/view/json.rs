//! The little JSON writer: the fields stand in the order of the tables.

use core::fmt::Write as _;

/// An object being written.
pub(super) struct Object {
    text: String,
}

impl Object {
    pub(super) fn new() -> Self {
        Self {
            text: String::from("{"),
        }
    }

    /// Add a key with a value that is already JSON.
    pub(super) fn add(&mut self, key: &str, value: &str) {
        if self.text.len() > 1 {
            self.text.push_str(", ");
        }
        self.text.push_str(&string(key));
        self.text.push_str(": ");
        self.text.push_str(value);
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// A JSON list of values that are already JSON.
pub(super) fn list(values: &[String]) -> String {
    format!("[{}]", values.join(", "))
}

/// A JSON string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                // Writing to a String cannot fail. Control characters end below U+00A0.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The object for a line that is no message.
pub(super) fn error(text: &str) -> String {
    let mut object = Object::new();
    object.add("error", &string(text));
    object.finish()
}
