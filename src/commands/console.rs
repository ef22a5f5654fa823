//! Shows notices, and the progress of reading pictures and of verifying a device, on standard error.

use crate::render::loading::Loading;
use crate::render::terminal;
use cnnc::session::{Listener, Notice};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shows what a session reports.
pub struct Console {
    quiet: bool,
    loading: Mutex<Option<Loading>>,
}

impl Console {
    /// With `quiet`, only warnings are shown.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            loading: Mutex::new(None),
        }
    }

    /// One more of `total` is done.
    fn one_of(&self, what: &'static str, total: usize) {
        if !self.quiet {
            self.loading().get_or_insert_with(|| Loading::begin(what)).one_of(total);
        }
    }

    fn loading(&self) -> MutexGuard<'_, Option<Loading>> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Console {
    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Device(_) | Notice::Data(_) if self.quiet => {}
            Notice::Device(line) | Notice::Data(line) | Notice::Warning(line) => terminal::say(line),
        }
    }

    fn picture_read(&self, total: usize) {
        self.one_of("pictures", total);
    }

    fn pictures_done(&self) {
        *self.loading() = None;
    }

    fn operation_verified(&self, total: usize) {
        self.one_of("operations", total);
    }

    fn verification_done(&self) {
        *self.loading() = None;
    }
}
