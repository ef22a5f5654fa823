//! Limits of the memory and time that pictures may take. A file of a thousand bytes can claim a thousand million pixels: what is
//! decoded is bounded by the size of the file, and all threads together by one budget.

use std::sync::{Condvar, Mutex, PoisonError};

/// The longest side that a picture may have, in pixels.
pub(super) const MAX_SIDE: u32 = 1 << 15;

/// The most memory, in bytes, that decoding may take: for one picture, and for all that are being decoded together.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// How many bytes any file may become: a page of A4 scanned at 1,200 dots an inch in black and white, which packs to little,
/// fits.
const ALWAYS: u64 = 96 << 20;

/// How many more bytes it may become for each byte of the file.
const PER_BYTE: u64 = 256;

/// The most pixels times scans of a progressive JPEG file. Each scan visits all pixels, whatever it holds; ten scans are usual.
pub(super) const MAX_VISITS: u64 = 1 << 31;

/// What decoding a picture needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The bytes of memory of the decoder and the result.
    pub(super) bytes: u64,
}

impl Needs {
    /// An error where a file of this many bytes may not need so much.
    ///
    /// # Errors
    /// Why it may not, in a line.
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

/// A share of the memory for decoding, which is given back when this is dropped.
pub(super) struct Permit {
    bytes: u64,
}

static IN_USE: Mutex<u64> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

impl Permit {
    /// Waits until so many bytes are left, or until nobody else decodes.
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
