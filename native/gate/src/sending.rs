//! The journal's way to one standby: its greeting, then records for as long as the serving loop turns.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use panshi_journal::{Entry, Reader, Waker, Watch};

use crate::framing::{self, HELLO_BYTES, Hello};
use crate::publish::{STANDBYS_MAX, Setting, Standbys};
use crate::shared_secret::{Mac, Nonces, nonce};
use crate::wire_line::{WireLine, waits};

/// Bytes sent at one time.
const BATCH_BYTES: usize = 256 << 10;
/// Wait for the next record: what a killed process kept to itself is about as old.
const IDLE: Duration = Duration::from_micros(300);
/// The same where clients wait for what the standby says.
const IDLE_WAITED_FOR: Duration = Duration::from_micros(20);
/// Longest time without a word to a standby, while the serving loop turns.
const BEAT: Duration = Duration::from_millis(100);
/// Time that a standby has for its greeting, and for taking what was sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time that the last records have when the gate ends in order.
const LAST_RECORDS: Duration = Duration::from_secs(1);

/// One standby's connection.
struct Sending<'a> {
    line: WireLine,
    known: &'a Standbys,
    /// It lives as long as the standby follows.
    _seat: Seat<'a>,
    reader: Reader,
    mac: Mac,
    last: u64,
    out: Vec<u8>,
    acks: Vec<u8>,
}

/// One of the places for standbys, given back when it is dropped.
struct Seat<'a>(&'a Standbys);

impl<'a> Seat<'a> {
    fn take(known: &'a Standbys) -> Result<Self, String> {
        let more = |count| (count < STANDBYS_MAX).then_some(count + 1);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let taken = known.count.fetch_update(set, fetch, more);
        taken.map(|_| Self(known)).map_err(|count| {
            format!("standbys: at most {STANDBYS_MAX} may follow a gate, found {count} that do")
        })
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Greet whoever has connected, and send it the journal when it is a standby.
///
/// # Errors
/// When it is none, or the line has ended.
pub fn serve_one(
    (stream, from): (TcpStream, SocketAddr),
    setting: &Setting,
    known: &Standbys,
    stop: &AtomicBool,
) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    stream.set_nonblocking(false).map_err(text)?;
    stream.set_nodelay(true).map_err(text)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(text)?;
    let mut greeting = Greeting {
        line: WireLine::at_primary(stream, setting.security.tls.as_ref()).map_err(text)?,
        until: Instant::now() + PATIENCE,
        stop,
    };
    let greeted = greeting.hello(setting);
    let (hello, nonces) = match greeted {
        Ok(Some(greeted)) => greeted,
        Ok(None) => {
            known.refuse(setting, from, "it does not have the secret");
            return Ok(());
        }
        Err(reason) => {
            known.refuse(setting, from, &reason);
            return Err(reason);
        }
    };
    let opened = open_behind(setting, &hello);
    // A gate whose loop stands still has nothing to say, and must not be taken for one that serves.
    let turns = setting.pulse.turns();
    greeting.wait(|_| Ok((setting.pulse.turns() != turns).then_some(())))?;
    let opened = opened.and_then(|reader| Ok((reader, Seat::take(known)?)));
    let reason = opened.as_ref().err().map(String::as_str);
    let answer = framing::answer(reason, &setting.security.secret, &nonces);
    greeting.say(&answer)?;
    let (reader, seat) = opened.inspect_err(|reason| known.refuse(setting, from, reason))?;
    let sending = Sending {
        line: greeting.line,
        known,
        _seat: seat,
        last: reader.next_sequence() - 1,
        reader,
        mac: setting.security.secret.stream(&nonces),
        out: Vec::with_capacity(BATCH_BYTES + (64 << 10)),
        acks: Vec::new(),
    };
    sending.run(setting, stop)
}

/// Somebody who has connected, and has not shown yet that it is a standby.
struct Greeting<'a> {
    line: WireLine,
    until: Instant,
    stop: &'a AtomicBool,
}

impl Greeting<'_> {
    /// Try again and again, until there is something or the time is over.
    fn wait<T>(
        &mut self,
        mut attempt: impl FnMut(&mut WireLine) -> io::Result<Option<T>>,
    ) -> Result<T, String> {
        loop {
            if let Some(found) = attempt(&mut self.line).map_err(|error| error.to_string())? {
                return Ok(found);
            }
            if self.stop.load(Ordering::Relaxed) || Instant::now() >= self.until {
                return Err("it took too long over its greeting".to_owned());
            }
            std::thread::sleep(IDLE);
        }
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), String> {
        let said = self.line.write_all(bytes).and_then(|()| self.line.flush());
        said.map_err(|error| error.to_string())
    }

    /// What the standby has; nothing when it has not the secret.
    fn hello(&mut self, setting: &Setting) -> Result<Option<(Hello, Nonces)>, String> {
        self.wait(|line| Ok(line.stands()?.then_some(())))?;
        let own = nonce().map_err(|error| error.to_string())?;
        self.say(&framing::challenge(&own))?;
        let (mut bytes, mut filled) = ([0; HELLO_BYTES], 0);
        self.wait(|line| {
            match line.read(&mut bytes[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if waits(&error) => {}
                Err(error) => return Err(error),
            }
            Ok((filled == HELLO_BYTES).then_some(()))
        })?;
        Ok(Hello::read(&bytes, &setting.security.secret, own))
    }
}

/// A reader behind the record that the standby has, when this journal has the same one.
fn open_behind(setting: &Setting, hello: &Hello) -> Result<Reader, String> {
    let open = |sequence| Reader::open(&setting.dir, sequence).map_err(|error| error.to_string());
    if hello.last == 0 {
        return open(1);
    }
    if hello.last > setting.watch.appended_seq() {
        let has = setting.watch.appended_seq();
        return Err(format!(
            "standby: its last sequence must be one that the journal has, at most {has}, found {}",
            hello.last
        ));
    }
    let mut reader = open(hello.last)?;
    let entry = reader.next().map_err(|error| error.to_string())?;
    let same = entry.is_some_and(|entry| framing::hash_of(&entry) == hello.hash);
    if same {
        return Ok(reader);
    }
    Err(format!(
        "standby: record {} must be the same in both journals, found another: the two have parted",
        hello.last
    ))
}

impl Sending<'_> {
    fn run(mut self, setting: &Setting, stop: &AtomicBool) -> Result<(), String> {
        // Whoever waits for an acknowledgement pays for every look.
        let idle = if setting.wake.is_some() {
            IDLE_WAITED_FOR
        } else {
            IDLE
        };
        let (mut spoke, mut turns) = (Instant::now(), setting.pulse.turns());
        while !stop.load(Ordering::Relaxed) {
            let more = self.fill(&setting.watch)?;
            let turned = setting.pulse.turns();
            if more || turned != turns && spoke.elapsed() >= BEAT {
                self.send()?;
                (spoke, turns) = (Instant::now(), turned);
            }
            if !more {
                std::thread::sleep(idle);
            }
            if self.take_acks()?
                && let Some(wake) = &setting.wake
            {
                wake.wake();
            }
        }
        // A gate that ends in order keeps nothing to itself.
        let ending = Instant::now();
        while self.fill(&setting.watch)? && ending.elapsed() < LAST_RECORDS {
            self.send()?;
        }
        Ok(())
    }

    /// Send what is there, and the signature of all of it.
    fn send(&mut self) -> Result<(), String> {
        framing::push_digest(&mut self.out, self.last, &self.mac);
        let sent = self
            .line
            .write_all(&self.out)
            .and_then(|()| self.line.flush());
        self.out.clear();
        sent.map_err(|error| error.to_string())
    }

    /// Put what is there behind the output; whether there was anything.
    fn fill(&mut self, watch: &Watch) -> Result<bool, String> {
        let appended = watch.appended_seq();
        let mut any = false;
        while self.out.len() < BATCH_BYTES && self.reader.next_sequence() <= appended {
            let entry: Entry<'_> = match self.reader.next().map_err(|error| error.to_string())? {
                Some(entry) => entry,
                None => break,
            };
            let from = self.out.len();
            framing::push_record(&mut self.out, &entry);
            self.mac.update(&self.out[from..]);
            self.last = entry.header.sequence;
            any = true;
        }
        Ok(any)
    }

    /// Read what acknowledgements there are; whether there were any.
    fn take_acks(&mut self) -> Result<bool, String> {
        let mut bytes = [0; 4096];
        match self.line.read(&mut bytes) {
            Ok(0) => return Err("the standby has left".to_owned()),
            Ok(count) => self.acks.extend_from_slice(&bytes[..count]),
            Err(error) if waits(&error) => {}
            Err(error) => return Err(error.to_string()),
        }
        let mut taken = 0;
        for ack in self.acks.as_chunks::<8>().0 {
            let sequence = u64::from_le_bytes(*ack).min(self.last);
            self.known
                .acknowledged
                .fetch_max(sequence, Ordering::Release);
            taken += ack.len();
        }
        self.acks.drain(..taken);
        Ok(taken > 0)
    }
}
