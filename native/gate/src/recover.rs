//! Taking up what a journal directory holds: the newest snapshot that is good, then the journal behind it.

use std::path::Path;

use panshi_engine::capacity::Capacity;
use panshi_journal::{Reader, UpTo};

use crate::replay::{Replayer, Until};
use crate::snapshot;

/// A state taken up as far as was wanted.
pub struct TakenUp {
    /// Engine and book.
    pub replayer: Replayer,
    /// Reads what comes behind.
    pub reader: Reader,
    /// Sequence of the snapshot's mark; nothing: the journal was taken from its first record.
    pub snapshot: Option<u64>,
    /// Snapshots that were not used, newest first, each with the reason.
    pub passed_over: Vec<String>,
}

/// Take a directory up: from the newest good snapshot, else the next older one, else the first record.
///
/// A snapshot is good when it is whole, belongs to this journal and this program, and every output and every journaled
/// hash of the state behind it comes about again.
///
/// # Errors
/// When the journal cannot be read, or holds an input that the engine does not know.
pub fn take_up(dir: &Path, capacity: &Capacity, until: &Until<'_>) -> Result<TakenUp, String> {
    let mut passed_over = Vec::new();
    for (sequence, path) in snapshot::list(dir) {
        if until.is_stopped() {
            break;
        }
        let taken = snapshot::read(&path, dir, capacity)
            .and_then(|loaded| go_on(dir, loaded, until))
            .and_then(|(replayer, reader)| match replayer.found.difference {
                Some(difference) => Err(format!("the journal behind it differs: {difference}")),
                None => Ok((replayer, reader)),
            });
        match taken {
            Ok((replayer, reader)) => {
                return Ok(TakenUp {
                    replayer,
                    reader,
                    snapshot: Some(sequence),
                    passed_over,
                });
            }
            Err(reason) => passed_over.push(format!("snapshot {}: {reason}", path.display())),
        }
    }
    let mut replayer = Replayer::new(capacity);
    let mut reader = Reader::open(dir, 1).map_err(|error| error.to_string())?;
    replayer.take_all(&mut reader, until)?;
    Ok(TakenUp {
        replayer,
        reader,
        snapshot: None,
        passed_over,
    })
}

fn go_on(
    dir: &Path,
    loaded: snapshot::Loaded,
    until: &Until<'_>,
) -> Result<(Replayer, Reader), String> {
    let (sequence, position) = (loaded.head.sequence, loaded.head.position());
    let mut reader = Reader::resume(dir, position, sequence, UpTo::Appended)
        .map_err(|error| error.to_string())?;
    // The mark itself; its state is the snapshot's.
    reader.next().map_err(|error| error.to_string())?;
    let hash = Some(loaded.head.state_hash);
    let mut replayer = Replayer::resume(loaded.engine, loaded.book, sequence, hash);
    replayer.take_all(&mut reader, until)?;
    Ok((replayer, reader))
}
