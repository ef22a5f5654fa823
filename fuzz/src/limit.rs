//! Ends the process, as a finding, where one input takes more memory than it may.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes that may be allocated at once for an input.
const MOST: usize = 256 << 20;

static NOW: AtomicUsize = AtomicUsize::new(0);
static START: AtomicUsize = AtomicUsize::new(0);

/// An input begins.
pub fn start() {
    START.store(NOW.load(Ordering::Relaxed), Ordering::Relaxed);
}

struct Limited;

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        if now > START.load(Ordering::Relaxed).saturating_add(MOST) {
            let _ = std::io::stderr().write_all(b"more than 256 MiB of memory for one input\n");
            std::process::abort();
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Limited = Limited;
