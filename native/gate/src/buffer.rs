//! Bytes received and not yet read, bytes written and not yet sent. Both are bounded.

use std::collections::VecDeque;

/// Received bytes of one connection.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inbox {
    /// An inbox that holds `capacity` bytes; it must exceed the longest message.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity],
            start: 0,
            end: 0,
        }
    }

    /// The free bytes behind what was received, after moving the rest to the front if need be.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.bytes.len() - self.end < self.bytes.len() / 2 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.bytes[self.end..]
    }

    /// Say how many bytes of [`Inbox::space`] were filled.
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// What was received and not taken.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Take bytes off the front.
    pub fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Forget everything received.
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }
}

/// A message would pass the limit of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Longest message that is written in one step.
const MESSAGE_MAX: usize = 64 << 10;

/// Bytes to be sent on one connection, in order.
///
/// Each message names the journal sequence that must be durable before it may leave; nothing
/// overtakes, so a message that must wait holds those behind it.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Position in the stream of all bytes ever queued at which `start` lies.
    sent: u64,
    /// Position up to which bytes may leave.
    released: u64,
    marks: VecDeque<(u64, u64)>,
    limit: usize,
}

impl Outbox {
    /// An outbox that refuses messages beyond `limit` waiting bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: vec![0; 4 * MESSAGE_MAX],
            limit,
            ..Self::default()
        }
    }

    /// Queue one message, written by `write` into at most [`MESSAGE_MAX`] bytes.
    ///
    /// `hold` is the sequence that must be durable first, 0 for none. Returns the position behind
    /// the message in the stream of all bytes.
    ///
    /// # Errors
    /// When the outbox is full; nothing was queued.
    #[inline]
    pub fn push<E>(
        &mut self,
        hold: u64,
        write: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<u64, E>, Full> {
        if self.backlog() >= self.limit {
            return Err(Full);
        }
        self.make_room();
        let len = match write(&mut self.bytes[self.end..self.end + MESSAGE_MAX]) {
            Ok(len) => len,
            Err(error) => return Ok(Err(error)),
        };
        self.end += len;
        let position = self.sent + (self.end - self.start) as u64;
        if hold == 0 && self.marks.is_empty() {
            self.released = position;
        } else {
            match self.marks.back_mut() {
                Some(last) if last.0 >= hold => last.1 = position,
                _ => self.marks.push_back((hold, position)),
            }
        }
        Ok(Ok(position))
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.bytes.len() - self.end >= MESSAGE_MAX {
            return;
        }
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.bytes.len() - self.end < MESSAGE_MAX {
            // At most doubles up to the limit plus one message.
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    /// Let everything leave that waits for sequences up to `durable`.
    #[inline]
    pub fn release(&mut self, durable: u64) {
        while let Some((hold, position)) = self.marks.front().copied() {
            if hold > durable {
                break;
            }
            self.released = position;
            self.marks.pop_front();
        }
    }

    /// The bytes that may leave now.
    #[inline]
    #[must_use]
    pub fn ready(&self) -> &[u8] {
        let len = usize::try_from(self.released - self.sent).unwrap_or(usize::MAX);
        &self.bytes[self.start..self.end.min(self.start.saturating_add(len))]
    }

    /// Say how many of the ready bytes were sent.
    pub fn wrote(&mut self, count: usize) {
        self.start += count;
        self.sent += count as u64;
    }

    /// Forget what may not leave yet: what it waits for will not come.
    pub fn drop_held(&mut self) {
        self.end = self.start + self.ready().len();
        self.marks.clear();
    }

    /// Forget everything that was not sent.
    pub fn clear(&mut self) {
        self.end = self.start;
        self.released = self.sent;
        self.marks.clear();
    }

    /// Position of the first byte not yet sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes waiting, held ones included.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.end - self.start
    }

    /// Whether something waits for the journal.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        !self.marks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Full, Inbox, MESSAGE_MAX, Outbox};

    fn put(outbox: &mut Outbox, hold: u64, text: &[u8]) -> Result<u64, Full> {
        outbox
            .push(hold, |out| {
                out[..text.len()].copy_from_slice(text);
                Ok::<_, ()>(text.len())
            })
            .map(Result::unwrap)
    }

    #[test]
    fn messages_wait_for_their_sequence_and_keep_their_order() {
        let mut outbox = Outbox::new(1000);
        put(&mut outbox, 0, b"a").unwrap();
        assert_eq!(outbox.ready(), b"a");
        put(&mut outbox, 5, b"b").unwrap();
        put(&mut outbox, 0, b"c").unwrap();
        put(&mut outbox, 7, b"d").unwrap();
        assert_eq!(
            outbox.ready(),
            b"a",
            "what follows a held message waits with it"
        );
        outbox.release(4);
        assert_eq!(outbox.ready(), b"a");
        outbox.release(5);
        assert_eq!(outbox.ready(), b"abc");
        outbox.wrote(2);
        assert_eq!(
            (outbox.ready(), outbox.sent(), outbox.backlog()),
            (&b"c"[..], 2, 2)
        );
        outbox.release(9);
        assert_eq!(outbox.ready(), b"cd");
        assert!(!outbox.is_holding());
    }

    #[test]
    fn what_is_held_can_be_forgotten_and_so_can_everything() {
        let mut outbox = Outbox::new(1000);
        put(&mut outbox, 0, b"ab").unwrap();
        put(&mut outbox, 5, b"cd").unwrap();
        outbox.wrote(1);
        outbox.drop_held();
        assert_eq!((outbox.ready(), outbox.is_holding()), (&b"b"[..], false));
        put(&mut outbox, 0, b"e").unwrap();
        assert_eq!(outbox.ready(), b"be");
        outbox.clear();
        assert_eq!((outbox.ready(), outbox.backlog()), (&b""[..], 0));
        assert_eq!(put(&mut outbox, 0, b"f"), Ok(outbox.sent() + 1));
        assert_eq!(outbox.ready(), b"f");
    }

    #[test]
    fn a_full_outbox_refuses_and_room_is_found_again() {
        let mut outbox = Outbox::new(3 * MESSAGE_MAX);
        let text = vec![7; MESSAGE_MAX];
        for _ in 0..3 {
            put(&mut outbox, 0, &text).unwrap();
        }
        assert_eq!(put(&mut outbox, 0, b"x"), Err(Full));
        for _ in 0..50 {
            outbox.wrote(MESSAGE_MAX);
            put(&mut outbox, 0, &text).unwrap();
            assert_eq!(outbox.ready().len(), 3 * MESSAGE_MAX);
        }
        assert!(outbox.ready().iter().all(|byte| *byte == 7));
    }

    #[test]
    fn received_bytes_come_out_in_order() {
        let mut inbox = Inbox::new(16);
        let mut next = 0_u8;
        let mut expected = 0_u8;
        for round in 0..200 {
            let space = inbox.space();
            let count = space.len().min(1 + round % 7);
            for byte in &mut space[..count] {
                *byte = next;
                next = next.wrapping_add(1);
            }
            inbox.filled(count);
            let take = inbox.data().len().min(1 + round % 5);
            for byte in &inbox.data()[..take] {
                assert_eq!(*byte, expected);
                expected = expected.wrapping_add(1);
            }
            inbox.take(take);
        }
    }
}
