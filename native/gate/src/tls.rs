//! TLS on a port for order systems of other machines.
//!
//! The exchanges' protocols have none; a client that uses it speaks its protocol inside.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection};

use crate::config::Tls;
use crate::standby_config::FollowTls;

/// Bytes that a session keeps for a peer that does not read; the rest waits in the outbox.
const BUFFER_BYTES: usize = 64 << 10;
/// Permission bits of a key file that let others read it.
const OTHERS: u32 = 0o077;

/// Read certificate, key and the authority of the clients.
///
/// # Errors
/// When a file cannot be read, others may read the key, or the parts do not fit together.
pub fn load(config: &Tls) -> Result<Arc<ServerConfig>, String> {
    let chain = certificates(&config.certificate)?;
    let mode = std::fs::metadata(&config.key)
        .map_err(|error| format!("tls key {}: {error}", config.key.display()))?
        .permissions()
        .mode();
    if mode & OTHERS != 0 {
        return Err(format!(
            "tls key {}: only its owner may have access (0600), found {:04o}",
            config.key.display(),
            mode & 0o7777
        ));
    }
    let key = PrivateKeyDer::from_pem_file(&config.key).map_err(|error| {
        format!(
            "tls key {}: must be a PEM key: {error}",
            config.key.display()
        )
    })?;
    let builder =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("tls: {error}"))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let roots = authorities(path)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(
                Arc::new(roots),
                Arc::new(rustls::crypto::ring::default_provider()),
            )
            .build()
            .map_err(|error| format!("tls client_ca {}: {error}", path.display()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("tls: certificate and key must belong together: {error}"))?;
    Ok(Arc::new(config))
}

/// Read the authorities of a primary's certificate, and the name that must be in it.
///
/// # Errors
/// When the file cannot be read, or the name is none.
pub fn load_client(config: &FollowTls) -> Result<(Arc<ClientConfig>, ServerName<'static>), String> {
    let name = ServerName::try_from(config.name.clone())
        .map_err(|error| format!("tls name {:?}: {error}", config.name))?;
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("tls: {error}"))?;
    let made = builder
        .with_root_certificates(authorities(&config.ca)?)
        .with_no_client_auth();
    Ok((Arc::new(made), name))
}

fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for root in certificates(path)? {
        roots
            .add(root)
            .map_err(|error| format!("tls authority {}: {error}", path.display()))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |found: String| {
        format!(
            "tls certificate {}: must hold PEM certificates, found {found}",
            path.display()
        )
    };
    let file =
        File::open(path).map_err(|error| format!("tls certificate {}: {error}", path.display()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_reader_iter(file).collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("none".to_owned()));
    }
    Ok(found)
}

/// What carries a connection's bytes.
#[derive(Debug)]
pub enum Line {
    /// TCP as it is.
    Plain(TcpStream),
    /// TLS over TCP.
    Secure(Box<Secure>),
}

/// A TLS session and its connection.
#[derive(Debug)]
pub struct Secure {
    stream: TcpStream,
    session: ServerConnection,
}

impl Line {
    /// Speak TLS on a connection that a client made.
    ///
    /// # Errors
    /// When no session can be made.
    pub fn secure(stream: TcpStream, config: &Arc<ServerConfig>) -> Result<Self, String> {
        let mut session =
            ServerConnection::new(Arc::clone(config)).map_err(|error| format!("tls: {error}"))?;
        session.set_buffer_limit(Some(BUFFER_BYTES));
        Ok(Self::Secure(Box::new(Secure { stream, session })))
    }

    /// The socket, for the event loop.
    pub fn stream(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Secure(secure) => &mut secure.stream,
        }
    }

    /// Whether a read that did not fill its buffer has taken all that the kernel had.
    #[must_use]
    pub const fn is_emptied_by_a_short_read(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// Hand on what a session holds back for the kernel.
    ///
    /// # Errors
    /// As the socket's; a kernel that takes nothing now is none.
    pub fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Secure(secure) => secure.flush(),
        }
    }

    /// Read what the line has.
    ///
    /// # Errors
    /// As the socket's; `InvalidData` when the peer does not speak TLS as agreed.
    pub fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(space),
            Self::Secure(secure) => secure.read(space),
        }
    }

    /// Write what the line takes now.
    ///
    /// # Errors
    /// As the socket's.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Secure(secure) => secure.write(bytes),
        }
    }

    /// End this direction, so that the peer reads all that was written and then the end.
    pub fn end_writing(&mut self) {
        self.say_goodbye();
        // A line that is gone already has nothing to end.
        let _ = self.stream().shutdown(std::net::Shutdown::Write);
    }

    /// Say that nothing more comes, as far as the kernel takes it.
    pub fn say_goodbye(&mut self) {
        if let Self::Secure(secure) = self {
            secure.session.send_close_notify();
            let _ = secure.flush();
        }
    }
}

impl Secure {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(space) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The peer closed the connection without a TLS goodbye: an end like another.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) => return Err(error),
            }
            let count = self.session.read_tls(&mut self.stream)?;
            let processed = self.session.process_new_packets();
            // A handshake's answer, or the alert that says what was wrong.
            let flushed = self.flush();
            processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            flushed?;
            if count == 0 {
                return Ok(0);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        if self.session.is_handshaking() || self.session.wants_write() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = self.session.writer().write(bytes)?;
        self.flush()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut self.stream) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
