//! Work that has time gives way to work that somebody waits for.

use libc::{SCHED_IDLE, sched_param};

/// Let the calling thread run only while a core has nothing else to do.
///
/// A low niceness is not enough: such a thread, once it runs, may keep a core for a whole slice of
/// some milliseconds from a thread that an order waits for. One of the idle class is put aside at once.
/// It still gets a few thousandths of a machine that is busy throughout, so nothing may wait for it.
pub fn run_when_idle() {
    let parameter = sched_param { sched_priority: 0 };
    // SAFETY: the kernel reads one parameter, which lives until the call returns; 0 means this thread.
    #[allow(unsafe_code)]
    let _ = unsafe { libc::sched_setscheduler(0, SCHED_IDLE, &raw const parameter) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_with_time_is_of_the_idle_class() {
        let found = std::thread::spawn(|| {
            run_when_idle();
            // SAFETY: a question without memory; 0 means this thread.
            #[allow(unsafe_code)]
            unsafe {
                libc::sched_getscheduler(0)
            }
        });
        assert_eq!(found.join().ok(), Some(SCHED_IDLE));
    }
}
