//! Starting workers. A system may have no more threads to give; the work is then done by those that it gave.

use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, Builder};

const WAITING: u8 = 0;
const GO: u8 = 1;
const HOME: u8 = 2;

/// Runs `first` in this thread and `other(worker)` in a thread each for the workers from 1 on, and waits for all.
///
/// # Errors
/// How many workers there can be, this thread among them, where that is fewer: then nothing was run.
pub fn together(workers: usize, first: impl FnOnce(), other: impl Fn(usize) + Sync) -> Result<(), usize> {
    with_threads(workers, first, other, |_| true)
}

/// As `together`, where `may_start` can refuse a thread as the system would.
fn with_threads(
    workers: usize,
    first: impl FnOnce(),
    other: impl Fn(usize) + Sync,
    may_start: impl Fn(usize) -> bool,
) -> Result<(), usize> {
    let gate = AtomicU8::new(WAITING);
    thread::scope(|scope| {
        for worker in 1..workers {
            let (gate, other) = (&gate, &other);
            let work = move || {
                if opens(gate) {
                    other(worker);
                }
            };
            if !may_start(worker) || Builder::new().spawn_scoped(scope, work).is_err() {
                gate.store(HOME, Ordering::Release);
                return Err(worker);
            }
        }
        gate.store(GO, Ordering::Release);
        first();
        Ok(())
    })
}

/// Waits until all threads are there, some tens of microseconds, or are known not to come.
fn opens(gate: &AtomicU8) -> bool {
    loop {
        match gate.load(Ordering::Acquire) {
            WAITING => thread::yield_now(),
            state => return state == GO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn all_work_or_none() {
        let worked = Mutex::new(Vec::new());
        let note = |worker| worked.lock().unwrap().push(worker);
        assert_eq!(together(4, || note(0), note), Ok(()));
        let mut all = std::mem::take(&mut *worked.lock().unwrap());
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
        assert_eq!(with_threads(4, || note(0), note, |worker| worker < 3), Err(3));
        assert!(worked.lock().unwrap().is_empty());
    }
}
