//! A standby's line to its primary: made, greeted and read without ever waiting long, whatever the other end does.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::framing::{self, CHALLENGE_BYTES, Hello};
use crate::shared_secret::{Mac, Nonces, SharedSecret, nonce};
use crate::standby_config::StandbyConfig;
use crate::tls;
use crate::wire_line::{WireLine, waits};

/// Wait for bytes before everything else is looked at.
const WAIT: Duration = Duration::from_millis(10);
/// Wait for a connection to stand before everything else is looked at.
const STAND: Duration = Duration::from_millis(1);
const READ_BYTES: usize = 256 << 10;

/// How far a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The primary has not said its number yet.
    Greeting,
    /// The hello is said, the answer not whole.
    Asking,
    /// Records come.
    Following,
}

/// Where the primary is, and how both sides know each other.
pub struct Primary {
    /// Its address.
    pub address: SocketAddr,
    silence: Duration,
    secret: SharedSecret,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Primary {
    /// Read what a configuration says of it.
    ///
    /// # Errors
    /// When a file is missing or may not be used.
    pub fn load(address: SocketAddr, config: &StandbyConfig) -> Result<Self, String> {
        let tls = config.follow_tls.as_ref().map(tls::load_client).transpose();
        Ok(Self {
            address,
            silence: Duration::from_millis(config.silence_ms),
            secret: config.load_secret()?,
            tls: tls.map_err(|error| format!("standby.follow_tls: {error}"))?,
        })
    }
}

/// The connection to the primary.
pub struct Line {
    /// A connection that does not stand yet.
    connecting: Option<TcpStream>,
    wire: Option<WireLine>,
    stage: Stage,
    hello: Hello,
    nonces: Nonces,
    /// Bytes that came and were not taken.
    pub inbox: Vec<u8>,
    /// Signature of all records that came.
    pub mac: Mac,
    /// Whether a hash of the stream has been found right since the hello.
    pub synced: bool,
    heard: Instant,
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
    /// Begin to connect; at which stage ever, silence that is too long ends it.
    ///
    /// # Errors
    /// When there cannot be a connection.
    pub fn connect(primary: &Primary, hello: Hello) -> std::io::Result<Self> {
        let stream = mio::net::TcpStream::connect(primary.address)?;
        let nonces = Nonces {
            standby: nonce()?,
            ..Nonces::default()
        };
        Ok(Self {
            connecting: Some(TcpStream::from(OwnedFd::from(stream))),
            wire: None,
            stage: Stage::Greeting,
            hello,
            nonces,
            inbox: Vec::with_capacity(1 << 20),
            mac: primary.secret.stream(&nonces),
            synced: false,
            heard: Instant::now(),
        })
    }

    /// Time since the last word.
    pub fn silent(&self) -> Duration {
        self.heard.elapsed()
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
    pub fn step(&mut self, primary: &Primary) -> Result<(), Lost> {
        if self.connecting.is_some() {
            self.stand(primary)?;
        } else {
            self.read()?;
            match self.stage {
                Stage::Greeting => self.take_challenge(primary)?,
                Stage::Asking => self.take_answer(primary)?,
                Stage::Following => {}
            }
        }
        if self.heard.elapsed() > primary.silence {
            let ms = primary.silence.as_millis();
            return Err(Lost::Line(format!("nothing heard for {ms} ms")));
        }
        Ok(())
    }

    fn stand(&mut self, primary: &Primary) -> Result<(), Lost> {
        let Some(stream) = self.connecting.take() else {
            return Ok(());
        };
        if let Some(error) = stream.take_error()? {
            return Err(error.into());
        }
        match stream.peer_addr() {
            Err(error) if error.kind() == ErrorKind::NotConnected => {
                self.connecting = Some(stream);
                std::thread::sleep(STAND);
                return Ok(());
            }
            found => found?,
        };
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(primary.silence))?;
        self.wire = Some(WireLine::at_standby(stream, primary.tls.as_ref())?);
        self.heard = Instant::now();
        Ok(())
    }

    fn take_challenge(&mut self, primary: &Primary) -> Result<(), Lost> {
        let Some((challenge, _)) = self.inbox.split_first_chunk::<CHALLENGE_BYTES>() else {
            return Ok(());
        };
        self.nonces.primary = framing::read_challenge(challenge).map_err(Lost::Line)?;
        self.inbox.drain(..CHALLENGE_BYTES);
        self.mac = primary.secret.stream(&self.nonces);
        let hello = self.hello.write(&primary.secret, &self.nonces);
        self.stage = Stage::Asking;
        self.say(&hello)
    }

    fn take_answer(&mut self, primary: &Primary) -> Result<(), Lost> {
        let answer = framing::read_answer(&self.inbox, &primary.secret, &self.nonces);
        match answer.map_err(Lost::Line)? {
            None => Ok(()),
            Some((_, Some(reason))) => Err(Lost::Refused(reason)),
            Some((bytes, None)) => {
                self.inbox.drain(..bytes);
                self.stage = Stage::Following;
                Ok(())
            }
        }
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        if let Some(wire) = &mut self.wire {
            wire.write_all(bytes)?;
            wire.flush()?;
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), Lost> {
        let Some(wire) = &mut self.wire else {
            return Ok(());
        };
        let from = self.inbox.len();
        self.inbox.resize(from + READ_BYTES, 0);
        let read = wire.read(&mut self.inbox[from..]);
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
            Err(error) if waits(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tell the primary what is in the own journal.
    ///
    /// # Errors
    /// When the line takes no more.
    pub fn acknowledge(&mut self, sequence: u64) -> Result<(), Lost> {
        self.say(&sequence.to_le_bytes())
    }
}
