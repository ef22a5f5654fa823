//! Memory that the workers share: rows that one worker writes while others write elsewhere.
//!
//! The tasks of a program run one after another, with a barrier between a task that writes and one that reads; within a
//! task, each item writes elements of its own. That discipline, which `tasks` lays out and `team` keeps, is what every
//! access here relies on, and why they are `unsafe` to ask for.
#![allow(unsafe_code)]

use super::simd::{LANES, Row};
use bytemuck::{Pod, Zeroable};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// Asks for a line of memory to be brought into this core's cache, without waiting for it.
#[inline(always)]
pub fn fetch<T>(line: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that reads nothing, of an instruction that every x86-64 has.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(line).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Asks for a line of memory to be brought into this core's second-level cache, without waiting for it.
#[inline(always)]
pub fn fetch_far<T>(line: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that reads nothing, of an instruction that every x86-64 has.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(std::ptr::from_ref(line).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Bytes from which on a buffer is worth pages of 2 MiB.
#[cfg(target_os = "linux")]
const LARGE: usize = 4 << 20;

/// Bytes of the smallest page.
#[cfg(target_os = "linux")]
const PAGE: usize = 4096;

/// Asks the system to back a buffer that nothing was written to yet by pages of 2 MiB, where it has them: kernels that walk
/// over many channels at once read from as many pages, more than the processor keeps translations of at 4 KiB each.
fn ask_for_large_pages(start: NonNull<u8>, bytes: usize) {
    #[cfg(target_os = "linux")]
    if bytes >= LARGE {
        let start = start.as_ptr().cast::<std::ffi::c_void>();
        let before = start.align_offset(PAGE);
        // SAFETY: the range lies inside the buffer, and the advice changes no byte of it. Where it is refused nothing is lost.
        let _ = unsafe {
            rustix::mm::madvise(
                start.byte_add(before),
                bytes.saturating_sub(before) / PAGE * PAGE,
                rustix::mm::Advice::LinuxHugepage,
            )
        };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

/// Where a fused pool's maximum was, for the sixteen samples of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, align(16))]
pub struct Codes(pub [u8; LANES]);

/// Elements that several threads write, each its own.
pub struct Shared<T> {
    start: NonNull<u8>,
    layout: Layout,
    rows: NonNull<UnsafeCell<T>>,
    count: usize,
}

// SAFETY: the memory is its own.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: access goes through `unsafe` functions whose callers keep writers apart from everyone else.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn cells(&self) -> &[UnsafeCell<T>] {
        // SAFETY: `zeros` allocated so many.
        unsafe { std::slice::from_raw_parts(self.rows.as_ptr(), self.count) }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: `zeros` allocated it with this layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

impl<T: Pod> Shared<T> {
    /// Zeros; none where there is no memory for them. The system gives what is never touched no memory.
    pub fn zeros(rows: usize) -> Option<Self> {
        // Aligned here, since Rust's allocator writes the zeros of what is aligned more than malloc does, and so touches all.
        let bytes = size_of::<T>().checked_mul(rows)?.checked_add(align_of::<T>())?;
        let layout = Layout::from_size_align(bytes, 1).ok()?;
        // SAFETY: the layout has a size, as nothing is aligned to zero bytes.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        let before = start.align_offset(align_of::<T>());
        // SAFETY: there is room for one alignment more than for the rows.
        let first = unsafe { start.add(before) };
        ask_for_large_pages(first, bytes - align_of::<T>());
        Some(Self {
            start,
            layout,
            rows: first.cast(),
            count: rows,
        })
    }

    /// Reads rows.
    ///
    /// # Safety
    /// Nobody writes any of them while the slice lives.
    pub unsafe fn rows(&self, range: Range<usize>) -> &[T] {
        let cells: *const [UnsafeCell<T>] = &raw const self.cells()[range];
        // SAFETY: `UnsafeCell<T>` has `T`'s layout; the caller keeps writers away.
        unsafe { &*(cells as *const [T]) }
    }

    /// Writes rows.
    ///
    /// # Safety
    /// Nobody else reads or writes any of them while the slice lives.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn rows_mut(&self, range: Range<usize>) -> &mut [T] {
        let cells = &self.cells()[range];
        // SAFETY: the cells are adjacent rows, and the caller keeps everyone else away.
        unsafe { std::slice::from_raw_parts_mut(UnsafeCell::raw_get(cells.as_ptr()), cells.len()) }
    }

    /// A view that writes single rows of the range.
    ///
    /// # Safety
    /// While it lives nobody reads the range, and no two threads write the same row.
    pub unsafe fn output(&self, range: Range<usize>) -> Output<'_, T> {
        Output {
            cells: &self.cells()[range],
        }
    }
}

impl Shared<Row> {
    /// Asks for the line of a float to be brought into this core's second-level cache, without waiting for it.
    #[inline(always)]
    pub fn fetch(&self, float: usize) {
        #[cfg(target_arch = "x86_64")]
        if let Some(row) = self.cells().get(float / LANES) {
            // SAFETY: a hint that reads nothing, of an instruction that every x86-64 has.
            unsafe {
                std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(row.get().cast_const().cast());
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = float;
    }

    /// Rows that hold at least `floats`; none where there is no memory for them.
    pub fn for_floats(floats: usize) -> Option<Self> {
        Self::zeros(floats.div_ceil(LANES))
    }

    /// All floats; nobody else has access.
    pub fn floats_mut(&mut self) -> &mut [f32] {
        // SAFETY: `&mut self` is the only access, and `UnsafeCell<Row>` has `Row`'s layout.
        let rows = unsafe { std::slice::from_raw_parts_mut(self.rows.as_ptr().cast::<Row>(), self.count) };
        bytemuck::cast_slice_mut(rows)
    }

    /// How many floats there are.
    pub fn floats_len(&self) -> usize {
        self.count * LANES
    }

    /// A view that reads and writes single floats of the range, counted in floats.
    ///
    /// # Safety
    /// While it lives no two threads access the same float.
    pub unsafe fn floats(&self, range: Range<usize>) -> Floats<'_> {
        assert!(range.start <= range.end && range.end <= self.count * LANES);
        let start = UnsafeCell::raw_get(self.rows.as_ptr().cast_const()).cast::<f32>();
        // SAFETY: the range was just checked to lie inside.
        Floats {
            start: unsafe { start.add(range.start) },
            len: range.len(),
            shared: PhantomData,
        }
    }
}

/// Rows that a task's items write, each its own.
pub struct Output<'a, T> {
    cells: &'a [UnsafeCell<T>],
}

impl<T> Clone for Output<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Output<'_, T> {}

impl<T> Output<'_, T> {
    /// The row at `index`, to be written.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub fn row(&self, index: usize) -> &mut T {
        // SAFETY: whoever made the view promised that rows are written by one thread each and read by none; a kernel
        // holds one reference at a time, for one store.
        unsafe { &mut *self.cells[index].get() }
    }

    /// Asks for the lines of some rows to be brought into this core's second-level cache, to be written, without waiting for
    /// them; rows that there are not are left out.
    #[inline(always)]
    pub fn fetch(&self, rows: Range<usize>) {
        #[cfg(target_arch = "x86_64")]
        for row in self.cells.iter().take(rows.end).skip(rows.start) {
            // SAFETY: a hint that changes nothing; processors that lack the instruction skip it.
            unsafe {
                std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_ET0 }>(row.get().cast_const().cast());
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = rows;
    }
}

/// Floats that a task's items write, each its own.
#[derive(Clone, Copy)]
pub struct Floats<'a> {
    start: *mut f32,
    len: usize,
    shared: PhantomData<&'a Shared<Row>>,
}

impl Floats<'_> {
    /// The floats of `range`, to be written.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub fn part(&self, range: Range<usize>) -> &mut [f32] {
        assert!(range.start <= range.end && range.end <= self.len);
        // SAFETY: inside, as just checked; whoever made the view promised that floats are accessed by one thread each,
        // and a kernel holds one reference at a time.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.end - range.start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_zeros() {
        for rows in [0, 1, 3, 1000] {
            let mut shared = Shared::<Row>::zeros(rows).unwrap();
            assert_eq!(shared.cells().as_ptr().align_offset(align_of::<Row>()), 0);
            assert_eq!(shared.floats_mut(), vec![0.0; rows * LANES]);
            shared.floats_mut().fill(1.0);
        }
        assert!(Shared::<Row>::zeros(usize::MAX / 64).is_none() && Shared::<Row>::zeros(usize::MAX).is_none());
    }

    /// The page map has eight bytes for each page of the process, whose highest bit says whether it is in memory.
    #[cfg(target_os = "linux")]
    #[test]
    fn untouched_rows_take_no_memory() {
        use std::io::{Read, Seek, SeekFrom};
        let mut shared = Shared::<Row>::zeros((64 << 20) / size_of::<Row>()).unwrap();
        let present = |shared: &Shared<Row>| {
            let first = shared.cells().as_ptr() as usize / PAGE + 1;
            let mut entries = vec![0; 8 * ((64 << 20) / PAGE - 2)];
            let mut map = std::fs::File::open("/proc/self/pagemap").unwrap();
            map.seek(SeekFrom::Start(8 * first as u64)).unwrap();
            map.read_exact(&mut entries).unwrap();
            entries
                .as_chunks::<8>()
                .0
                .iter()
                .filter(|entry| entry[7] & 0x80 != 0)
                .count()
        };
        // Malloc writes beside them, which may bring a large page.
        assert!(present(&shared) <= (2 << 20) / PAGE);
        shared.floats_mut().fill(1.0);
        assert_eq!(present(&shared), (64 << 20) / PAGE - 2);
    }
}
