//! Deliberate faults, for tests: the operations on the disk are counted here, and at the one that a test named in the environment
//! the process dies, or the disk is full from there on. A release build has none of this.
//!
//! `CNNC_TEST_KILL_AT=K` aborts the process before its K-th operation, or halfway through it if it is a write.
//! `CNNC_TEST_FULL_AT=K` refuses everything that takes space from the K-th operation on.

use std::fs::File;
use std::io::{self, Write};

/// An operation on the disk that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// A new file is created.
    Create,
    /// A file's bytes are flushed to the disk.
    Sync,
    /// A file gets its final name.
    Rename,
    /// A folder's entries are flushed to the disk.
    SyncFolder,
    /// A file is removed.
    Remove,
}

/// Counts an operation that is about to begin: aborts the process or gives the error that a test asked for.
#[cfg(debug_assertions)]
pub(super) fn before(operation: Operation) -> io::Result<()> {
    match planned() {
        Fault::None => Ok(()),
        Fault::Kill => std::process::abort(),
        Fault::Full => match operation {
            Operation::Create | Operation::Sync => Err(io::ErrorKind::StorageFull.into()),
            Operation::Rename | Operation::SyncFolder | Operation::Remove => Ok(()),
        },
    }
}

/// Counts an operation that is about to begin: in a release build, nothing ever fails here.
#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "a debug build may refuse")]
pub(super) const fn before(_: Operation) -> io::Result<()> {
    Ok(())
}

/// A file whose writes are counted as operations.
pub(super) struct Counted<'a>(pub &'a mut File);

impl Write for Counted<'_> {
    #[cfg(debug_assertions)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match planned() {
            Fault::None => self.0.write(bytes),
            Fault::Kill => {
                let _ = self.0.write(bytes.get(..bytes.len() / 2).unwrap_or_default());
                std::process::abort()
            }
            Fault::Full => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    #[cfg(not(debug_assertions))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(debug_assertions)]
enum Fault {
    None,
    Kill,
    Full,
}

/// The fault that is planned for the operation that is about to begin.
#[cfg(debug_assertions)]
fn planned() -> Fault {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static PLAN: OnceLock<[Option<u64>; 2]> = OnceLock::new();
    let [kill, full] = *PLAN
        .get_or_init(|| ["CNNC_TEST_KILL_AT", "CNNC_TEST_FULL_AT"].map(|name| std::env::var(name).ok()?.parse().ok()));
    let now = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    if kill == Some(now) {
        Fault::Kill
    } else if full.is_some_and(|full| now >= full) {
        Fault::Full
    } else {
        Fault::None
    }
}
