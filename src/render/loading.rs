//! Shows how far the reading of pictures or the verifying of a device has come: a bar on a terminal, elsewhere nothing.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// The bar, which is removed when this is dropped.
pub struct Loading {
    bar: ProgressBar,
}

/// Keras's bar in one colour, in fewer than 60 columns.
const TEMPLATE: &str = "{msg} {human_pos}/{human_len} {bar:20} {eta}";

impl Loading {
    /// Starts the bar; `what` says in a word what is read or computed.
    pub fn begin(what: &'static str) -> Self {
        // It draws on standard error, and only where that is a terminal.
        let bar = ProgressBar::new(0).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("━━╌"));
        }
        Self { bar }
    }

    /// Shows that one more of `total` is done.
    pub fn one_of(&self, total: usize) {
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
        self.bar.inc(1);
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
