//! Threads for work that is done piece by piece, as many as the system allows.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

/// The thread pool that parallel iterators run in.
pub enum Pool {
    /// The pool that the current thread belongs to.
    Own,
    /// The one pool that the whole program shares.
    Program(&'static ThreadPool),
}

/// The pool for parallel iterators of the current thread; `None` where the system allows no thread at all. Rayon's own default
/// would panic then.
pub fn pool() -> Option<Pool> {
    static PROGRAM: OnceLock<Option<ThreadPool>> = OnceLock::new();
    if rayon::current_thread_index().is_some() {
        return Some(Pool::Own);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = PROGRAM.get_or_init(|| {
        largest(cores, |threads| {
            ThreadPoolBuilder::new().num_threads(threads).build().ok()
        })
    });
    pool.as_ref().map(Pool::Program)
}

impl Pool {
    /// Runs `work`, whose parallel iterators use this pool.
    pub fn in_it<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self {
            Self::Own => work(),
            Self::Program(pool) => pool.install(work),
        }
    }
}

/// The largest pool that can be built: of all threads, or half of them, and so on.
fn largest<T>(all: usize, build: impl Fn(usize) -> Option<T>) -> Option<T> {
    let halved = std::iter::successors(Some(all.max(1)), |&threads| (threads > 1).then_some(threads / 2));
    halved.into_iter().find_map(build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_threads_are_better_than_none() {
        let up_to = |most: usize| move |threads: usize| (threads <= most).then_some(threads);
        assert_eq!(largest(8, up_to(8)), Some(8));
        assert_eq!(largest(7, up_to(2)), Some(1));
        assert_eq!(largest(8, up_to(3)), Some(2));
        assert_eq!(largest(8, up_to(0)), None);
    }

    #[test]
    fn work_runs_in_a_pool() {
        let pool = pool().unwrap();
        assert!(pool.in_it(|| rayon::current_thread_index().is_some()));
    }
}
