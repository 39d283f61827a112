//! How a single-threaded event loop learns that more of the journal is durable.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

/// Called by the sync thread after each sync and after a failure. Must not block.
pub trait Waker: Send + Sync {
    /// Wake the event loop.
    fn wake(&self);
}

/// A waker by an event counter that an event loop can poll for reading.
#[derive(Debug)]
pub struct EventFd {
    fd: OwnedFd,
}

impl EventFd {
    /// Make a new counter, non-blocking.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            fd: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
        })
    }

    /// Reset the counter; true if it had been woken since the last call.
    #[must_use]
    pub fn drain(&self) -> bool {
        let mut count = [0_u8; 8];
        rustix::io::read(&self.fd, &mut count).is_ok()
    }
}

impl AsFd for EventFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Waker for EventFd {
    fn wake(&self) {
        // The only possible error is a full counter, and then the loop is about to wake anyway.
        let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
    }
}

impl<W: Waker + ?Sized> Waker for std::sync::Arc<W> {
    fn wake(&self) {
        (**self).wake();
    }
}
