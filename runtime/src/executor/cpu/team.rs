//! Divides the work among workers: how many there are, which blocks each works on and with whom, and how they wait for each
//! other.

use super::device::all_cores;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Which worker does what. The blocks of a batch are dealt to parts, the parts to teams, and a team's members share the items of
/// each task. The parts depend on the batch alone, so that sums add up in the same order for any number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crew {
    /// How many teams there are; each works on parts of its own.
    pub teams: usize,
    /// How many members each team has; workers left over are idle.
    pub members: usize,
}

impl Crew {
    /// The crew that finishes `parts` equal parts first. A team of m is taken to be m times as fast; if several crews are equal,
    /// the one with the most teams is taken, since its members wait less for each other.
    pub fn of(workers: usize, parts: usize) -> Self {
        let mut best = Self {
            teams: 1,
            members: workers.max(1),
        };
        for teams in 1..=workers.min(parts.max(1)) {
            let crew = Self {
                teams,
                members: workers / teams,
            };
            // parts.div_ceil(teams) / members, compared without fractions.
            if parts.div_ceil(teams) * best.members <= parts.div_ceil(best.teams) * crew.members {
                best = crew;
            }
        }
        best
    }

    /// The team of a worker and the worker's place in it; `None` for one that is left over.
    pub fn place(self, worker: usize) -> Option<(usize, usize)> {
        let team = worker / self.members;
        (team < self.teams).then_some((team, worker % self.members))
    }
}

/// The share of `0..items` that a member of a team works on.
pub fn share(items: usize, member: usize, members: usize) -> std::ops::Range<usize> {
    items * member / members..items * (member + 1) / members
}

/// How often to look at a barrier before offering the core to other threads: some 50 us, the longest by which equal shares drift
/// apart.
const PATIENCE: u32 = 4000;

/// How often a worker offers its core to other threads before it sleeps.
const OFFERS: u32 = 20;

/// Holds workers until all have arrived. They spin, since a wait takes a few microseconds. Where it takes long, another program
/// has the core of one of them: then the others sleep, so that the system can give it theirs.
pub struct Barrier {
    count: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
    /// How often to look before the core is offered to other threads.
    patience: u32,
    asleep: AtomicUsize,
    lock: Mutex<()>,
    bell: Condvar,
}

impl Barrier {
    /// A barrier for `count` workers. `alone`: each has a core of its own; where they share cores, a worker that spins would keep
    /// the one that it waits for from working.
    pub fn new(count: usize, alone: bool) -> Self {
        Self {
            count,
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            patience: if alone { PATIENCE } else { 0 },
            asleep: AtomicUsize::new(0),
            lock: Mutex::new(()),
            bell: Condvar::new(),
        }
    }

    /// Waits for the others. False where one of them has panicked and will never arrive.
    #[must_use]
    pub fn wait(&self) -> bool {
        if self.count <= 1 {
            return true;
        }
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.count {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::SeqCst);
            self.wake();
            return !self.broken.load(Ordering::Relaxed);
        }
        let mut tries = 0_u32;
        while self.held(round) {
            tries += 1;
            if tries < self.patience {
                std::hint::spin_loop();
            } else if tries < self.patience + OFFERS {
                std::thread::yield_now();
            } else {
                self.sleep(round);
            }
        }
        !self.broken.load(Ordering::Relaxed)
    }

    /// Whether some workers have not arrived in this round, and still may.
    fn held(&self, round: usize) -> bool {
        self.round.load(Ordering::SeqCst) == round && !self.broken.load(Ordering::SeqCst)
    }

    /// Sleeps until the round is over. Either the last to arrive sees that someone sleeps, or the sleeper sees that the round is
    /// over: both write before they read, in one order for all.
    fn sleep(&self, round: usize) {
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        while self.held(round) {
            guard = self.bell.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        drop(guard);
        self.asleep.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.asleep.load(Ordering::SeqCst) > 0 {
            // Whoever looked in vain before the change is asleep by the time that the lock is free.
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.bell.notify_all();
        }
    }

    /// Lets every worker go, now and from now on.
    pub fn break_up(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.wake();
    }
}

/// A barrier for each team, and one for everyone.
pub fn barriers(crew: Crew, workers: usize) -> Vec<Barrier> {
    let alone = workers <= all_cores();
    let members = std::iter::repeat_n(crew.members, crew.teams);
    members
        .chain([workers])
        .map(|count| Barrier::new(count, alone))
        .collect()
}

/// Breaks up the barriers when the worker that holds it panics, so that the others end too and the panic reaches the caller.
pub struct Alarm<'a>(pub &'a [Barrier]);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.iter().for_each(Barrier::break_up);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crews_leave_few_workers_idle() {
        let crew = |workers, parts| {
            let crew = Crew::of(workers, parts);
            (crew.teams, crew.members)
        };
        assert_eq!(crew(1, 2), (1, 1));
        assert_eq!(crew(2, 2), (2, 1));
        assert_eq!(crew(3, 2), (1, 3));
        assert_eq!(crew(4, 2), (2, 2));
        assert_eq!(crew(8, 2), (2, 4));
        assert_eq!(crew(2, 1), (1, 2));
        assert_eq!(crew(6, 8), (2, 3));
        assert_eq!(crew(16, 8), (8, 2));
        assert_eq!(crew(5, 0), (1, 5));
    }

    #[test]
    fn shares_cover_all_items_once() {
        for (items, members) in [(0, 3), (1, 2), (7, 3), (16, 5)] {
            let all: Vec<usize> = (0..members).flat_map(|member| share(items, member, members)).collect();
            assert_eq!(all, (0..items).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_barrier_keeps_rounds_apart() {
        let (barrier, count) = (Barrier::new(3, false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for round in 1..=500 {
                        count.fetch_add(1, Ordering::Relaxed);
                        assert!(barrier.wait());
                        assert_eq!(count.load(Ordering::Relaxed), 3 * round);
                        assert!(barrier.wait());
                    }
                });
            }
        });
    }

    #[test]
    fn a_barrier_wakes_who_sleeps() {
        let barrier = Barrier::new(2, true);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| (0..3).all(|_| barrier.wait()));
            for _ in 0..3 {
                while barrier.asleep.load(Ordering::SeqCst) == 0 {
                    std::thread::yield_now();
                }
                assert!(barrier.wait());
            }
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn a_broken_barrier_wakes_who_sleeps() {
        let barrier = Barrier::new(2, false);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| barrier.wait());
            while barrier.asleep.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            barrier.break_up();
            assert!(!waiting.join().unwrap());
        });
    }

    #[test]
    fn a_broken_barrier_holds_nobody() {
        let barriers = [Barrier::new(2, true)];
        let done = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| barriers[0].wait());
            let failed = scope.spawn(|| {
                let _alarm = Alarm(&barriers);
                panic!("on purpose");
            });
            assert!(failed.join().is_err());
            waiting.join().unwrap()
        });
        assert!(!done);
    }
}
