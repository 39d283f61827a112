//! The sockets of the serving loop: accepted, connected, read, written, dropped.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};
use rustix::net::sockopt::{set_socket_linger, set_socket_send_buffer_size};

use crate::claims::Expired;
use crate::clock::boot_ns;
use crate::conn::{Ending, Role};
use crate::door::Offence;
use crate::serve::{CONNECTING, CONNS, Shell};
use crate::tls::Line;

/// Reads of one connection before others get their turn.
const READS: usize = 16;
/// New connections of one port before others get their turn.
const ACCEPTS: usize = 32;

/// The socket of one of the gate's connections.
#[derive(Debug)]
pub(crate) struct Socket {
    line: Line,
    /// Whether it is looked at in the next turn without being told by the kernel.
    pub(crate) queued: bool,
    /// Whether the kernel told of the end: it is read behind the last bytes, without another event.
    hung_up: bool,
    /// Whether the last read took all that the kernel had, and it told of nothing since.
    emptied: bool,
}

impl Socket {
    /// The kernel told of bytes or of the end, perhaps while earlier bytes wait for their turn.
    pub(crate) fn told(&mut self, end: bool) {
        self.emptied = false;
        self.hung_up |= end;
    }
}

/// How reading a connection went.
enum Reading {
    /// More may be there.
    On,
    /// Nothing more is there.
    Over,
    /// More is there; others first.
    Later,
}

impl Shell {
    pub(crate) fn accept(&mut self, port: usize) {
        for _ in 0..ACCEPTS {
            let Some(Ok((stream, from))) = self.listeners.get(port).map(TcpListener::accept) else {
                return;
            };
            let kernel_bytes = self.gate.config.bounds.client_socket_bytes;
            let _ = set_socket_send_buffer_size(&stream, kernel_bytes);
            let Some(id) = self.gate.accepted(port, from) else {
                // Dropping the stream closes it.
                continue;
            };
            let _ = stream.set_nodelay(true);
            let line = match &self.tls[port] {
                None => Ok(Line::Plain(stream)),
                Some(tls) => Line::secure(stream, tls),
            };
            match line {
                Ok(line) => self.keep(id, line),
                Err(reason) => {
                    self.gate.offend(id, Offence::Tls, &reason);
                    self.gate.closed(id);
                }
            }
        }
        self.accepting.push(port);
    }

    fn keep(&mut self, id: usize, mut line: Line) {
        let interest = Interest::READABLE | Interest::WRITABLE;
        // A stream that waited for its connection is registered already.
        let known = self
            .poll
            .registry()
            .reregister(line.stream(), Token(CONNS + id), interest);
        if known.is_err()
            && self
                .poll
                .registry()
                .register(line.stream(), Token(CONNS + id), interest)
                .is_err()
        {
            self.gate.closed(id);
            return;
        }
        if self.sockets.len() <= id {
            self.sockets.resize_with(id + 1, || None);
        }
        self.sockets[id] = Some(Socket {
            line,
            queued: false,
            hung_up: false,
            emptied: false,
        });
        self.look_again(id);
    }

    pub(crate) fn connect(&mut self, link: usize, address: SocketAddr) {
        let kernel_bytes = self.gate.config.bounds.gateway_socket_bytes;
        let started = TcpStream::connect(address).and_then(|mut stream| {
            set_socket_send_buffer_size(&stream, kernel_bytes)?;
            let token = Token(CONNECTING + link);
            self.poll
                .registry()
                .register(&mut stream, token, Interest::WRITABLE)?;
            Ok(stream)
        });
        match started {
            Ok(stream) => self.connecting[link] = Some(stream),
            Err(error) => self.gate.link_failed(link, &error.to_string()),
        }
    }

    pub(crate) fn connected(&mut self, link: usize) {
        let Some(stream) = self.connecting.get_mut(link).and_then(Option::take) else {
            return;
        };
        if let Ok(Some(error)) = stream.take_error() {
            self.gate.link_failed(link, &error.to_string());
            return;
        }
        match stream.peer_addr() {
            Ok(_) => {
                let _ = stream.set_nodelay(true);
                let id = self.gate.link_connected(link);
                self.keep(id, Line::Plain(stream));
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                self.connecting[link] = Some(stream);
            }
            Err(error) => self.gate.link_failed(link, &error.to_string()),
        }
    }

    pub(crate) fn read(&mut self, id: usize) {
        for _ in 0..READS {
            match self.read_once(id) {
                Reading::On => {}
                Reading::Over => return,
                Reading::Later => break,
            }
        }
        self.look_again(id);
    }

    /// Look at a connection in the next turn too.
    fn look_again(&mut self, id: usize) {
        if let Some(Some(socket)) = self.sockets.get_mut(id)
            && !socket.queued
        {
            socket.queued = true;
            self.again.push(id);
        }
    }

    fn read_once(&mut self, id: usize) -> Reading {
        let Some(Some(socket)) = self.sockets.get_mut(id) else {
            return Reading::Over;
        };
        let Some(conn) = self.gate.conn(id) else {
            return Reading::Over;
        };
        if !conn.more {
            let space = conn.inbox.space();
            let room = space.len();
            match socket.line.read(space) {
                Ok(count) if count > 0 => {
                    conn.inbox.filled(count);
                    // Of what comes to an emptied buffer the kernel tells by an event.
                    socket.emptied = count < room && socket.line.is_emptied_by_a_short_read();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Reading::Over,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Reading::On,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.gate.offend(id, Offence::Tls, &error.to_string());
                    self.drop_conn(id);
                    return Reading::Over;
                }
                Ok(_) | Err(_) => {
                    self.drop_conn(id);
                    return Reading::Over;
                }
            }
        }
        let emptied = socket.emptied && !socket.hung_up;
        self.gate.received(id);
        match self.gate.conn(id) {
            Some(conn) if conn.more => Reading::Later,
            _ if emptied => Reading::Over,
            _ => Reading::On,
        }
    }

    pub(crate) fn drop_conn(&mut self, id: usize) {
        if let Some(slot) = self.sockets.get_mut(id)
            && let Some(mut socket) = slot.take()
        {
            socket.line.say_goodbye();
            let _ = self.poll.registry().deregister(socket.line.stream());
        }
        self.gate.closed(id);
    }

    /// Close what is not claimed any more; what the kernel still holds of it is not sent either.
    pub(crate) fn end_expired(&mut self) {
        for expired in self.gate.watch_claims() {
            match expired {
                Expired::Connecting(link) => self.connecting[link] = None,
                Expired::Conn(id) => {
                    if let Some(Some(socket)) = self.sockets.get_mut(id) {
                        let stream = socket.line.stream();
                        let _ = set_socket_linger(&*stream, Some(Duration::ZERO));
                    }
                    self.drop_conn(id);
                }
            }
        }
    }

    pub(crate) fn write(&mut self, id: usize) {
        let Some(Some(socket)) = self.sockets.get_mut(id) else {
            return;
        };
        let until_ns = self.gate.relied_until(id);
        let Some(conn) = self.gate.conn(id) else {
            return;
        };
        if socket.line.flush().is_err() {
            self.drop_conn(id);
            return;
        }
        loop {
            let ready = conn.outbox.ready();
            // A process that was held up up to here must not send what it decided before; the next turn closes this.
            if ready.is_empty() || until_ns.is_some_and(|until_ns| until_ns <= boot_ns()) {
                break;
            }
            match socket.line.write(ready) {
                Ok(count) => conn.outbox.wrote(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.drop_conn(id);
                    return;
                }
            }
        }
        let gone = matches!(conn.ending, Ending::Now);
        let stranger = matches!(conn.role, Role::Client { client: None, .. });
        if stranger && matches!(conn.ending, Ending::Soon(_)) && conn.outbox.backlog() == 0 {
            // Who has no session sees the end at once, and can still read why.
            socket.line.end_writing();
        }
        self.gate.flushed(id);
        if gone {
            self.drop_conn(id);
        }
    }
}
