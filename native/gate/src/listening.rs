//! The addresses at which a gate takes clients.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpListener;

/// Time in which the sockets of a killed primary must be gone: the kernel closes them with the last of its threads,
/// and on a machine that is busy throughout those that give way end late.
pub const AFTER_PRIMARY: Duration = Duration::from_secs(30);
/// Time between two tries.
const TRY: Duration = Duration::from_millis(5);

/// Listen on an address; while another process has it, try again for as long as `patience`.
///
/// # Errors
/// When the address cannot be had.
pub fn listen_on(address: SocketAddr, patience: Duration) -> Result<TcpListener, String> {
    let begun = Instant::now();
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse && begun.elapsed() < patience => {
                std::thread::sleep(TRY);
            }
            Err(error) => return Err(format!("listen {address}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::{AFTER_PRIMARY, TRY, listen_on};

    #[test]
    fn an_address_that_a_dying_gate_has_is_waited_for() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let waits = std::thread::spawn(move || listen_on(address, AFTER_PRIMARY));
        std::thread::sleep(4 * TRY);
        assert!(!waits.is_finished());
        drop(taken);
        assert_eq!(
            waits.join().unwrap().unwrap().local_addr().unwrap(),
            address
        );
    }

    #[test]
    fn an_address_that_stays_taken_is_an_error_that_names_it() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = listen_on(address, Duration::ZERO).unwrap_err();
        assert!(error.starts_with(&format!("listen {address}: ")), "{error}");
    }
}
