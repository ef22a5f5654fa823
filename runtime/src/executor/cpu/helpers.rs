//! Threads that help with tasks of few samples. The caller shares out the items of one task at a time, does itself what
//! nobody else has begun, and waits only for what others have begun: a helper whose core another program has costs no time.
//!
//! Members of a team (see `team`) do fixed shares instead and wait for each other behind every task; that is cheaper where
//! there is enough work for all, and slower by far beside another program where a task takes microseconds.
#![allow(unsafe_code)]

use super::device::all_cores;
use std::cell::UnsafeCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// How often a helper looks for work before it offers its core to other threads: some 50 us, longer than the pause between
/// two samples that are predicted one after another.
const PATIENCE: u32 = 4000;

/// How often it offers its core before it sleeps.
const OFFERS: u32 = 20;

/// What is done with some items of a task: the worker's number, 0 for the caller, and the items.
type Work<'a> = dyn Fn(usize, Range<usize>) + Sync + 'a;

/// The items of a task that nobody has begun, in one word: 24 bits that tell tasks apart, 20 of the first item, 20 of the one
/// behind the last.
#[derive(Clone, Copy)]
struct Left {
    task: u64,
    items: (usize, usize),
}

/// More items are not shared out at once.
const MOST: usize = (1 << 20) - 1;

impl Left {
    fn of(word: u64) -> Self {
        let part = |shift: u32| (word >> shift) as usize & MOST;
        Self {
            task: word >> 40,
            items: (part(20), part(0)),
        }
    }

    fn word(self) -> u64 {
        self.task << 40 | (self.items.0 as u64) << 20 | self.items.1 as u64
    }

    /// The share of one of `workers`, and what is left then. Even workers take from the front and odd ones from the back, so
    /// that a worker mostly meets the same items of a task, and with them weights in its cache, in every call.
    fn share(self, worker: usize, workers: usize) -> Option<(Range<usize>, Self)> {
        let (start, end) = self.items;
        let count = end.saturating_sub(start).div_ceil(workers);
        let (taken, items) = if worker.is_multiple_of(2) {
            (start..start + count, (start + count, end))
        } else {
            (end - count..end, (start, end - count))
        };
        (count > 0).then_some((taken, Self { items, ..self }))
    }
}

/// What the caller and its helpers share.
struct Table {
    /// [`Left`]; whoever exchanges it for one with fewer items has begun these.
    left: AtomicU64,
    /// Items that helpers have finished.
    done: AtomicUsize,
    /// Whether one of them panicked.
    failed: AtomicBool,
    /// What to do with items. Written while none are left and none are under way, read by who has begun some.
    work: UnsafeCell<Option<*const Work<'static>>>,
    /// The caller and all helpers.
    workers: usize,
    patience: u32,
    over: AtomicBool,
    asleep: AtomicUsize,
    lock: Mutex<()>,
    bell: Condvar,
}

// SAFETY: `work` is written by the caller alone, while no items are left, and read by who has begun an item, for which the
// caller waits; the work itself is `Sync`.
unsafe impl Sync for Table {}
// SAFETY: the pointer is to something `Sync`, which outlives every use, see `Helpers::share`.
unsafe impl Send for Table {}

impl Table {
    /// Begins some items of the current task.
    fn begin(&self, worker: usize) -> Option<Range<usize>> {
        let mut word = self.left.load(Ordering::SeqCst);
        loop {
            let (taken, left) = Left::of(word).share(worker, self.workers)?;
            match self
                .left
                .compare_exchange_weak(word, left.word(), Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Some(taken),
                Err(other) => word = other,
            }
        }
    }

    /// A helper's life.
    fn help(&self, worker: usize) {
        let mut tries = 0_u32;
        while !self.over.load(Ordering::Acquire) {
            if let Some(items) = self.begin(worker) {
                let count = items.len();
                // SAFETY: items of the current task were begun, so that its caller is in `share` until they are finished.
                let work = unsafe { (*self.work.get()).map(|work| &*work) };
                let done = catch_unwind(AssertUnwindSafe(|| work.map(|work| work(worker, items))));
                if done.is_err() {
                    self.failed.store(true, Ordering::Relaxed);
                }
                self.done.fetch_add(count, Ordering::Release);
                tries = 0;
                continue;
            }
            tries += 1;
            if tries < self.patience {
                std::hint::spin_loop();
            } else if tries < self.patience + OFFERS {
                std::thread::yield_now();
            } else {
                self.sleep();
                tries = 0;
            }
        }
    }

    fn is_idle(&self) -> bool {
        let (start, end) = Left::of(self.left.load(Ordering::SeqCst)).items;
        start >= end && !self.over.load(Ordering::SeqCst)
    }

    /// Sleeps until there is work. Either the caller sees that someone sleeps, or the sleeper sees that there is work: both
    /// write before they read, in one order for all.
    fn sleep(&self) {
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        while self.is_idle() {
            guard = self.bell.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        drop(guard);
        self.asleep.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.asleep.load(Ordering::SeqCst) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.bell.notify_all();
        }
    }
}

/// The caller's account of a task, settled however it ends.
struct Account<'a> {
    table: &'a Table,
    items: usize,
    /// Items that the caller has begun itself.
    own: usize,
}

impl Drop for Account<'_> {
    /// Takes back what nobody has begun and waits for the rest, after which no helper looks at the work again.
    fn drop(&mut self) {
        let left = Left::of(self.table.left.load(Ordering::Acquire));
        let none = Left { items: (0, 0), ..left };
        let (start, end) = Left::of(self.table.left.swap(none.word(), Ordering::AcqRel)).items;
        let begun = self.items - self.own - end.saturating_sub(start);
        let mut tries = 0_u32;
        while self.table.done.load(Ordering::Acquire) < begun {
            tries += 1;
            if tries < self.table.patience {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

/// Helpers of one caller at a time, which end when this is dropped.
pub struct Helpers {
    table: Arc<Table>,
    threads: Vec<JoinHandle<()>>,
    task: u64,
}

impl Helpers {
    /// So many helpers, or as many as the system has threads for.
    pub fn new(count: usize) -> Self {
        let table = Arc::new(Table {
            left: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            work: UnsafeCell::new(None),
            workers: count + 1,
            // Where they share cores, one that spins would keep another from working.
            patience: if count < all_cores() { PATIENCE } else { 0 },
            over: AtomicBool::new(false),
            asleep: AtomicUsize::new(0),
            lock: Mutex::new(()),
            bell: Condvar::new(),
        });
        let start = |worker| {
            let table = Arc::clone(&table);
            Builder::new().spawn(move || table.help(worker)).ok()
        };
        Self {
            threads: (1..=count).map_while(start).collect(),
            task: 0,
            table,
        }
    }

    /// The caller and its helpers.
    pub fn workers(&self) -> usize {
        self.threads.len() + 1
    }

    /// Does all items of a task, each once; when it returns, all are done. `work` is called with a worker's number, below
    /// [`workers`](Self::workers), and items; the caller's number is 0.
    ///
    /// # Panics
    /// Where the work does, in whichever thread; not before nobody is at it any more.
    pub fn share(&mut self, items: usize, work: &Work<'_>) {
        if self.threads.is_empty() || !(2..=MOST).contains(&items) {
            return work(0, 0..items);
        }
        let table = &*self.table;
        // SAFETY: only the lifetime changes. `Account` is dropped before this returns or unwinds, and waits until nobody uses
        // the work; begun is only what was shared out here.
        let work_of_all = std::ptr::from_ref(unsafe { std::mem::transmute::<&Work<'_>, &'static Work<'static>>(work) });
        // SAFETY: no items are left and none are under way, so that nobody reads it.
        unsafe { *table.work.get() = Some(work_of_all) };
        table.done.store(0, Ordering::Relaxed);
        self.task += 1;
        let left = Left {
            task: self.task,
            items: (0, items),
        };
        table.left.store(left.word(), Ordering::SeqCst);
        table.wake();
        let mut account = Account { table, items, own: 0 };
        while let Some(own) = table.begin(0) {
            account.own += own.len();
            work(0, own);
        }
        drop(account);
        assert!(!table.failed.swap(false, Ordering::Relaxed), "a helper panicked");
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        self.table.over.store(true, Ordering::SeqCst);
        self.table.wake();
        for thread in self.threads.drain(..) {
            // What a helper's work did is told by `share`.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once() {
        for helpers in [0, 1, 3] {
            let mut helpers = Helpers::new(helpers);
            for items in (0..70).chain([1000, MOST + 1]) {
                let counts: Vec<AtomicUsize> = (0..items).map(|_| AtomicUsize::new(0)).collect();
                let workers = helpers.workers();
                helpers.share(items, &|worker, items| {
                    assert!(worker < workers);
                    for item in items {
                        counts[item].fetch_add(1, Ordering::Relaxed);
                    }
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1), "{items}");
            }
        }
    }

    #[test]
    fn helpers_take_part_and_wake_up() {
        let mut helpers = Helpers::new(1);
        for _ in 0..3 {
            while helpers.table.asleep.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            let (met, others) = (AtomicUsize::new(0), AtomicUsize::new(0));
            // Each worker waits for the other, so that both must take part.
            helpers.share(2, &|worker, _| {
                met.fetch_add(1, Ordering::SeqCst);
                while met.load(Ordering::SeqCst) < 2 {
                    std::thread::yield_now();
                }
                others.fetch_add(worker, Ordering::SeqCst);
            });
            assert_eq!(others.load(Ordering::SeqCst), 1);
        }
    }

    #[test]
    fn a_panic_is_the_callers_whoever_has_it() {
        let mut helpers = Helpers::new(1);
        for panicking in 0..2 {
            let met = AtomicUsize::new(0);
            let work = |worker: usize, _: Range<usize>| {
                met.fetch_add(1, Ordering::SeqCst);
                while met.load(Ordering::SeqCst) < 2 {
                    std::thread::yield_now();
                }
                assert!(worker != panicking, "on purpose");
            };
            assert!(catch_unwind(AssertUnwindSafe(|| helpers.share(2, &work))).is_err());
            // And they go on working.
            let done = AtomicUsize::new(0);
            helpers.share(10, &|_, items| {
                done.fetch_add(items.len(), Ordering::Relaxed);
            });
            assert_eq!(done.load(Ordering::Relaxed), 10);
        }
    }
}
