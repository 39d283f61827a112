//! What a world was given, written down where somebody asks for it: the slow twin is given the same.

use std::env::{current_exe, var_os};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use panshi_engine::capacity::Capacity;
use panshi_engine::input::Input;
use panshi_wire::saved::Saved;

/// Names the folder that recordings go to.
const FOLDER: &str = "PANSHI_ENGINE_RECORDINGS";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// The sizes of a world's tables, then its inputs with type, length and sequence before each.
pub struct Recording {
    path: Option<PathBuf>,
    bytes: Vec<u8>,
}

impl Recording {
    /// Begin with a world's tables.
    pub fn begin(capacity: &Capacity) -> Self {
        let path = var_os(FOLDER).map(|folder| {
            let suite = current_exe().unwrap();
            let suite = suite.file_stem().unwrap().to_string_lossy().into_owned();
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            PathBuf::from(folder).join(format!("{suite}.{number}"))
        });
        let mut bytes = vec![0; Capacity::LEN];
        capacity.put(&mut bytes);
        Self { path, bytes }
    }

    /// Write an input down.
    pub fn note(&mut self, seq: u64, input: &Input) {
        if self.path.is_none() {
            return;
        }
        let length = input.record_len();
        self.bytes.extend(input.record_type().to_le_bytes());
        self.bytes
            .extend(u32::try_from(length).unwrap().to_le_bytes());
        self.bytes.extend(seq.to_le_bytes());
        let at = self.bytes.len();
        self.bytes.resize(at + length, 0);
        input.write(&mut self.bytes[at..]).unwrap();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            std::fs::write(path, &self.bytes).unwrap();
        }
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}
