//! The limit of a measurement: a relay that copies the same bytes over the same sockets.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Copy between one client and the far end until one of them goes.
///
/// # Errors
/// When a socket cannot be set up.
pub fn relay_one(listener: &TcpListener, far: SocketAddr, spin: bool) -> io::Result<()> {
    let (client, _) = listener.accept()?;
    let far = TcpStream::connect(far)?;
    client.set_nodelay(true)?;
    far.set_nodelay(true)?;
    if spin {
        client.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        return copy_spinning(client, far);
    }
    let (to_far, from_far) = (far.try_clone()?, far);
    let back = client.try_clone()?;
    let other = std::thread::spawn(move || copy(from_far, back));
    copy(client, to_far);
    let _ = other.join();
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 256 << 10];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn copy_spinning(mut client: TcpStream, mut far: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 256 << 10];
    loop {
        let moved = step(&mut client, &mut far, &mut buffer)?;
        let back = step(&mut far, &mut client, &mut buffer)?;
        match (moved, back) {
            (None, _) | (_, None) => return Ok(()),
            (Some(0), Some(0)) => std::thread::yield_now(),
            _ => {}
        }
    }
}

/// Copy what is there; nothing when the sender is gone.
fn step(from: &mut TcpStream, to: &mut TcpStream, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    let count = match from.read(buffer) {
        Ok(0) => return Ok(None),
        Ok(count) => count,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Some(0)),
        Err(_) => return Ok(None),
    };
    let mut rest = &buffer[..count];
    while !rest.is_empty() {
        match to.write(rest) {
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(count))
}
