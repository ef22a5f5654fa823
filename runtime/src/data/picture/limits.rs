//! How much memory and time pictures may take. A file of a thousand bytes can claim a thousand million pixels; what is
//! decoded is bounded by what pictures of such a file's size are, and all threads together by one budget.

use std::sync::{Condvar, Mutex, PoisonError};

/// The longest side that a picture may have.
pub(super) const MAX_SIDE: u32 = 1 << 15;

/// The most memory that decoding may take, for one picture and for all that are being decoded.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// What any file may become: a page of A4 scanned at 1,200 dots an inch in black and white fits, though it packs to little.
const ALWAYS: u64 = 96 << 20;

/// And how many bytes more for each of the file's.
const PER_BYTE: u64 = 256;

/// Pixels times scans of a progressive JPEG file. Each scan visits all pixels, whatever it holds; ten are usual.
pub(super) const MAX_VISITS: u64 = 1 << 31;

/// What decoding a picture takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The decoder's memory and the result's, in bytes.
    pub(super) bytes: u64,
}

impl Needs {
    /// Whether a file of so many bytes may need that.
    ///
    /// # Errors
    /// Why not, in a line.
    pub(super) fn check(self, file_bytes: u64) -> Result<(), String> {
        let Self { width, height, bytes } = self;
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(format!("{width}x{height} pixels; the longest side may have {MAX_SIDE}"));
        }
        if bytes > MAX_BYTES {
            return Err(format!("{width}x{height} pixels are more than are decoded"));
        }
        if bytes > ALWAYS.saturating_add(file_bytes.saturating_mul(PER_BYTE)) {
            return Err(format!(
                "{width}x{height} pixels are more than are decoded from {file_bytes} bytes"
            ));
        }
        Ok(())
    }
}

/// Memory that is taken from the budget until this is dropped.
pub(super) struct Permit {
    bytes: u64,
}

static IN_USE: Mutex<u64> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

impl Permit {
    /// Waits until so much is left, or nobody else decodes.
    pub(super) fn wait(bytes: u64) -> Self {
        let in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |in_use: &mut u64| *in_use > 0 && in_use.saturating_add(bytes) > MAX_BYTES;
        let mut in_use = RETURNED
            .wait_while(in_use, taken)
            .unwrap_or_else(PoisonError::into_inner);
        *in_use = in_use.saturating_add(bytes);
        Self { bytes }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        *in_use = in_use.saturating_sub(self.bytes);
        RETURNED.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_bounded_by_its_file() {
        let needs = |width, height, bytes| Needs { width, height, bytes };
        assert!(needs(9_900, 14_000, 9_900 * 14_000).check(200_000).is_ok());
        assert!(needs(4_000, 3_000, 36_000_000).check(1).is_ok());
        assert_eq!(
            needs(18_000, 18_000, 972_000_000).check(1_080).unwrap_err(),
            "18000x18000 pixels are more than are decoded from 1080 bytes"
        );
        assert!(needs(18_000, 18_000, 972_000_000).check(4_000_000).is_ok());
        assert!(needs(40_000, 1, 120_000).check(1_000).unwrap_err().contains("32768"));
    }

    #[test]
    fn what_is_returned_is_had_again() {
        let all = Permit::wait(MAX_BYTES);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(Permit::wait(MAX_BYTES)));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(all);
            waiting.join().unwrap();
        });
    }
}
