//! A standby's line to its primary: made, greeted and read without ever waiting long, whatever the other end does.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use sm3::{Digest, Sm3};

use crate::framing::{self, ANSWER_BYTES, Hello};

/// Wait for bytes before everything else is looked at.
const WAIT: Duration = Duration::from_millis(10);
/// Wait for a connection to stand before everything else is looked at.
const STAND: Duration = Duration::from_millis(1);
const READ_BYTES: usize = 256 << 10;

/// How far a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The connection does not stand yet.
    Connecting,
    /// The hello is said, the answer not whole.
    Greeting,
    /// Records come.
    Following,
}

/// The connection to the primary.
pub struct Line {
    stream: TcpStream,
    stage: Stage,
    hello: Hello,
    /// Bytes that came and were not taken.
    pub inbox: Vec<u8>,
    /// Hash of all records that came.
    pub hash: Sm3,
    /// Whether a hash of the stream has been found right since the hello.
    pub synced: bool,
    heard: Instant,
    silence: Duration,
}

/// Why a line has come to nothing.
pub enum Lost {
    /// Behind a new one it may come right.
    Line(String),
    /// The primary refuses this standby.
    Refused(String),
}

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Self {
        Self::Line(error.to_string())
    }
}

impl Line {
    /// Begin to connect; what takes longer than `silence` at any stage has failed.
    ///
    /// # Errors
    /// When there cannot be a connection.
    pub fn connect(primary: SocketAddr, hello: Hello, silence: Duration) -> std::io::Result<Self> {
        let stream = mio::net::TcpStream::connect(primary)?;
        Ok(Self {
            stream: TcpStream::from(OwnedFd::from(stream)),
            stage: Stage::Connecting,
            hello,
            inbox: Vec::with_capacity(1 << 20),
            hash: Sm3::new(),
            synced: false,
            heard: Instant::now(),
            silence,
        })
    }

    /// Whether the primary has answered, and records come.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.stage == Stage::Following
    }

    /// Go on for a moment: connect, greet, or read what comes.
    ///
    /// # Errors
    /// When the line is lost.
    pub fn step(&mut self) -> Result<(), Lost> {
        match self.stage {
            Stage::Connecting => self.stand()?,
            Stage::Greeting => {
                self.read()?;
                self.take_answer()?;
            }
            Stage::Following => self.read()?,
        }
        if self.heard.elapsed() > self.silence {
            let ms = self.silence.as_millis();
            return Err(Lost::Line(format!("nothing heard for {ms} ms")));
        }
        Ok(())
    }

    fn stand(&mut self) -> Result<(), Lost> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error.into());
        }
        match self.stream.peer_addr() {
            Err(error) if error.kind() == ErrorKind::NotConnected => {
                std::thread::sleep(STAND);
                return Ok(());
            }
            found => found?,
        };
        self.stream.set_nonblocking(false)?;
        self.stream.set_nodelay(true)?;
        self.stream.set_read_timeout(Some(WAIT))?;
        self.stream.set_write_timeout(Some(self.silence))?;
        self.stream.write_all(&self.hello.write())?;
        (self.stage, self.heard) = (Stage::Greeting, Instant::now());
        Ok(())
    }

    fn take_answer(&mut self) -> Result<(), Lost> {
        let Some((head, rest)) = self.inbox.split_first_chunk::<ANSWER_BYTES>() else {
            return Ok(());
        };
        let (taken, length) = framing::read_answer(*head);
        let Some(text) = rest.get(..length) else {
            return Ok(());
        };
        if !taken {
            return Err(Lost::Refused(String::from_utf8_lossy(text).into_owned()));
        }
        self.inbox.drain(..ANSWER_BYTES + length);
        self.stage = Stage::Following;
        Ok(())
    }

    fn read(&mut self) -> Result<(), Lost> {
        let from = self.inbox.len();
        self.inbox.resize(from + READ_BYTES, 0);
        let read = self.stream.read(&mut self.inbox[from..]);
        let count = read.as_ref().map_or(0, |count| *count);
        self.inbox.truncate(from + count);
        match read {
            Ok(0) => Err(Lost::Line(
                "the primary has closed the connection".to_owned(),
            )),
            Ok(_) => {
                self.heard = Instant::now();
                Ok(())
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Tell the primary what is in the own journal.
    ///
    /// # Errors
    /// When the line takes no more.
    pub fn acknowledge(&mut self, sequence: u64) -> Result<(), Lost> {
        self.stream.write_all(&sequence.to_le_bytes())?;
        Ok(())
    }
}
