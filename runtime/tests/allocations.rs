//! No memory is allocated while the CPU executor's steps run: an epoch ten times as long allocates no more.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one counts and hands on"
)]

mod support;

use cnnc_runtime::executor::cpu::{CpuExecutor, Options};
use cnnc_runtime::executor::{Executor, Flow, Set};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Draw, compare, networks};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn steps_allocate_nothing() {
    const BATCH: usize = 33;
    for case in networks::table().into_iter().rev().take(12) {
        let split = Arc::new(compare::data(&case, BATCH, &mut Draw::new(1)));
        let options = Options {
            threads: Some(2),
            ..Options::default()
        };
        let mut executor = CpuExecutor::with(case.plan.clone(), BATCH, BATCH, options).unwrap();
        executor.load(Set::Train, &split).unwrap();
        let mut allocated = |steps: usize| {
            let order: Vec<u32> = (0..BATCH as u32).cycle().take(BATCH * steps).collect();
            let records = compare::steps(1e-4, order.len(), BATCH);
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            executor.train(&order, &records, &mut |_| Flow::Continue).unwrap();
            ALLOCATIONS.load(Ordering::Relaxed) - before
        };
        // What a thread needs for the first time.
        allocated(1);
        let (short, long) = (allocated(2), allocated(20));
        assert!(short > 0, "the count counts");
        assert_eq!(short, long, "{}", case.name);
    }
}
