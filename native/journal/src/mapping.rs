//! The one place of this crate that is `unsafe`: the writer's view of a mapped segment.

use std::fs::File;
use std::sync::Arc;

use memmap2::{Advice, MmapOptions, MmapRaw};

/// A writable shared mapping of one whole, preallocated segment.
pub struct Mapping {
    raw: Arc<MmapRaw>,
}

/// A handle on the same mapping that can only ask the kernel to bring pages in.
#[derive(Clone)]
pub struct Prefault {
    raw: Arc<MmapRaw>,
}

impl Mapping {
    /// Map the file for its whole length.
    pub fn new(file: &File) -> std::io::Result<Self> {
        let raw = MmapOptions::new().map_raw(file)?;
        // Read-ahead would bring the empty file in as large folios. The first write to one dirties
        // the whole of it, so that syncs write megabytes of zeros, and each further page's first
        // write walks all its buffers without a pause: the core is gone for 20 ms.
        let _ = raw.advise(Advice::Random);
        Ok(Self { raw: Arc::new(raw) })
    }

    /// A handle for the thread that prefaults.
    pub fn prefault(&self) -> Prefault {
        Prefault {
            raw: Arc::clone(&self.raw),
        }
    }

    /// The bytes of the segment.
    #[allow(unsafe_code)]
    #[inline]
    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the mapping lives as long as `self` and is `raw.len()` bytes long. No other
        // reference into it exists: `raw` is private, `Prefault` never dereferences it, `&mut self`
        // makes this view exclusive in the process, and the directory lock keeps a second writer
        // out. Readers use `pread`, not a mapping. The blocks were allocated before the mapping
        // was made, so a full disk cannot strike here; a file truncated from outside would end the
        // process with SIGBUS, which is the crash that recovery is made for.
        unsafe { std::slice::from_raw_parts_mut(self.raw.as_mut_ptr(), self.raw.len()) }
    }
}

impl Prefault {
    /// Make the pages of a range writable now, so that an append does not fault.
    ///
    /// A kernel without this advice leaves the faults to the appends, which is slower and right.
    pub fn touch(&self, from: usize, len: usize) {
        let end = from.saturating_add(len).min(self.raw.len());
        if from < end {
            let _ = self
                .raw
                .advise_range(Advice::PopulateWrite, from, end - from);
        }
    }
}
