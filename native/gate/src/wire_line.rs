//! What carries the bytes between a gate and its standby: TCP, or TLS over it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustix::net::{RecvFlags, recv};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};

/// A connection that is never waited for when it is read.
pub struct Prompt(TcpStream);

impl Read for Prompt {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = recv(&self.0, space, RecvFlags::DONTWAIT);
        Ok(read.map(|(count, _)| count)?)
    }
}

impl Write for Prompt {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Either end of a line.
pub enum WireLine {
    /// TCP as it is, at the primary.
    Plain(Prompt),
    /// TCP as it is, at the standby, which waits for bytes.
    PlainStandby(TcpStream),
    /// TLS at the primary.
    Primary(Box<StreamOwned<ServerConnection, Prompt>>),
    /// TLS at the standby.
    Standby(Box<StreamOwned<ClientConnection, TcpStream>>),
}

fn tls(error: rustls::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

impl WireLine {
    /// The primary's end.
    ///
    /// # Errors
    /// When there can be no TLS session.
    pub fn at_primary(stream: TcpStream, config: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        let stream = Prompt(stream);
        Ok(match config {
            None => Self::Plain(stream),
            Some(config) => {
                let session = ServerConnection::new(Arc::clone(config)).map_err(tls)?;
                Self::Primary(Box::new(StreamOwned::new(session, stream)))
            }
        })
    }

    /// The standby's end.
    ///
    /// # Errors
    /// When there can be no TLS session.
    pub fn at_standby(
        stream: TcpStream,
        config: Option<&(Arc<ClientConfig>, ServerName<'static>)>,
    ) -> io::Result<Self> {
        Ok(match config {
            None => Self::PlainStandby(stream),
            Some((config, name)) => {
                let session = ClientConnection::new(Arc::clone(config), name.clone());
                Self::Standby(Box::new(StreamOwned::new(session.map_err(tls)?, stream)))
            }
        })
    }

    /// Go on with what TLS needs before anything can be said; whether it has it.
    ///
    /// # Errors
    /// When the peer does not speak TLS as agreed.
    pub fn stands(&mut self) -> io::Result<bool> {
        let (shaken, still) = match self {
            Self::Plain(_) | Self::PlainStandby(_) => return Ok(true),
            Self::Primary(line) => {
                let line = &mut **line;
                (
                    line.conn.complete_io(&mut line.sock),
                    line.conn.is_handshaking(),
                )
            }
            Self::Standby(line) => {
                let line = &mut **line;
                (
                    line.conn.complete_io(&mut line.sock),
                    line.conn.is_handshaking(),
                )
            }
        };
        match shaken {
            Err(error) if waits(&error) => Ok(!still),
            Err(error) => Err(error),
            Ok(_) => Ok(!still),
        }
    }
}

/// Whether an error only says that nothing has come yet.
#[must_use]
pub fn waits(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

impl Read for WireLine {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(space),
            Self::PlainStandby(stream) => stream.read(space),
            Self::Primary(line) => line.read(space),
            Self::Standby(line) => line.read(space),
        }
    }
}

impl Write for WireLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::PlainStandby(stream) => stream.write(bytes),
            Self::Primary(line) => line.write(bytes),
            Self::Standby(line) => line.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::PlainStandby(stream) => stream.flush(),
            Self::Primary(line) => line.flush(),
            Self::Standby(line) => line.flush(),
        }
    }
}
