//! Turning to the next segment, and ending the last one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Journal;
use crate::error::{Error, Result};
use crate::mapping::Mapping;
use crate::options::Options;
use crate::record::{HEADER_BYTES, KIND_END, RecordHeader, finish, size_of_record};
use crate::segment::{END_PAYLOAD, HEADER_PAGE, PART_A, SegmentHeader, path_of};
use crate::shared::{Dirty, Next, Prepared, SealJob};
use crate::walk::end_payload;
use crate::work::Work;

const SEQUENCE_MAX: u64 = (1 << 48) - 1;

impl Journal {
    /// End the current segment and go on in the prepared one.
    #[cold]
    pub(super) fn rotate(&mut self) -> Result<()> {
        if self.next_sequence > SEQUENCE_MAX {
            return Err(Error::Setting(
                "a journal holds at most 2^48 records".to_owned(),
            ));
        }
        let shared = Arc::clone(&self.shared);
        if matches!(*shared.next(), Next::Pending) {
            self.work.step_keeper(&shared);
        }
        let mut next = shared.wait_for(|slot| {
            if shared.poisoned.load(Ordering::Acquire) {
                return Some(Err(self.failure()));
            }
            match slot {
                Next::Pending => None,
                Next::Failed(reason) => Some(Err(Error::Full(reason.clone()))),
                Next::Ready(_) => match std::mem::replace(slot, Next::Pending) {
                    Next::Ready(prepared) => Some(Ok(*prepared)),
                    _ => None,
                },
            }
        })?;
        let job = self.end_segment(0);
        write_header(
            &mut next.mapping,
            &self.options,
            (next.number, self.next_sequence, self.epoch),
            self.time_ns,
        );
        let Prepared {
            number,
            file,
            mapping,
        } = next;
        let pages = mapping.prefault();
        self.shared.files().push(Dirty {
            number,
            file: Arc::clone(&file),
            pages,
        });
        self.shared.jobs().push_back(job);
        (self.mapping, self.file, self.number) = (mapping, file, number);
        self.offset = HEADER_PAGE;
        self.first_sequence = self.next_sequence;
        self.notify();
        Ok(())
    }

    pub(super) fn end_segment(&mut self, flags: u16) -> SealJob {
        let size = size_of_record(END_PAYLOAD);
        let slot = &mut self.mapping.bytes()[self.offset..self.offset + size];
        let payload = end_payload(self.first_sequence, self.next_sequence);
        slot[HEADER_BYTES..].copy_from_slice(&payload);
        let length = u32::try_from(END_PAYLOAD).unwrap_or_default();
        let sequence = self.next_sequence;
        let time_ns = self.time_ns;
        finish(
            slot,
            RecordHeader {
                length,
                kind: KIND_END,
                flags,
                sequence,
                time_ns,
            },
        );
        SealJob {
            number: self.number,
            file: Arc::clone(&self.file),
            first_sequence: self.first_sequence,
            next_sequence: self.next_sequence,
            end: (self.offset + size) as u64,
        }
    }

    /// End the last segment with these flags, sync everything and let the threads end.
    pub(super) fn finish_all(&mut self, flags: u16) -> Result<()> {
        if matches!(self.work, Work::Done) {
            return Ok(());
        }
        self.work.finish_syncing(&self.shared);
        if self.shared.poisoned.load(Ordering::Acquire) {
            self.work.abandon(&self.shared);
            return Err(self.failure());
        }
        let job = self.end_segment(flags);
        self.shared.jobs().push_back(job);
        self.work.finish_keeping(&self.shared);
        if self.shared.poisoned.load(Ordering::Acquire) {
            return Err(self.failure());
        }
        if let Next::Ready(prepared) = &*self.shared.next() {
            let path = path_of(&self.dir, prepared.number);
            let removed = self.options.disk.remove(&path);
            removed.map_err(|error| Error::io("remove", &path, error))?;
        }
        let synced = self.options.disk.sync_directory(&self.dir);
        synced.map_err(|error| Error::io("sync", &self.dir, error))
    }

    /// Write only the first `cut` bytes of a record and forbid the rest (tests).
    #[cold]
    pub(super) fn die_inside(
        &mut self,
        kind: u16,
        time_ns: u64,
        len: usize,
        fill: impl FnOnce(&mut [u8]),
        cut: usize,
    ) -> Error {
        let mut whole = vec![0; size_of_record(len)];
        fill(&mut whole[HEADER_BYTES..HEADER_BYTES + len]);
        let length = u32::try_from(len).unwrap_or(u32::MAX);
        let sequence = self.next_sequence;
        finish(
            &mut whole,
            RecordHeader {
                length,
                kind,
                flags: 0,
                sequence,
                time_ns,
            },
        );
        let cut = cut.min(whole.len());
        self.mapping.bytes()[self.offset..self.offset + cut].copy_from_slice(&whole[..cut]);
        self.shared.poison(format!(
            "the append of sequence {sequence} was cut after {cut} bytes"
        ));
        self.failure()
    }
}

pub(super) fn write_header(
    mapping: &mut Mapping,
    options: &Options,
    at: (u32, u64, u32),
    created_ns: u64,
) {
    let (number, first_sequence, epoch) = at;
    let header = SegmentHeader {
        number,
        first_sequence,
        segment_bytes: options.segment_bytes,
        trade_date: options.trade_date,
        epoch,
        created_ns,
    };
    mapping.bytes()[..PART_A].copy_from_slice(&header.encode());
}
