//! Shows downloads: a bar for each file on a terminal, else a line when each begins and ends.

use super::terminal;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use runtime::data::fetch::Watch;
use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Shows the downloads of a command.
pub struct Downloads {
    style: Style,
    files: Mutex<HashMap<String, Shown>>,
}

#[derive(Debug)]
enum Style {
    Quiet,
    Lines,
    Bars(MultiProgress),
}

/// A file that is being downloaded, as it is shown.
struct Shown {
    bar: ProgressBar,
    bytes: u64,
    /// How many bytes were there when it began.
    here: u64,
    since: Instant,
    /// Whether its host has been shown; further hosts are named in notes.
    told: bool,
}

/// The characters of a bar, as in `Progress`.
const TICKS: &str = "━━─";
/// The width in columns below which a terminal has no room for the host.
const WIDE: usize = 90;
/// The width in columns below which a terminal has no room for the speed.
const NARROW: usize = 72;

impl Downloads {
    /// With `quiet`, nothing is shown; errors are reported elsewhere.
    pub fn new(quiet: bool) -> Self {
        let style = if quiet {
            Style::Quiet
        } else if io::stderr().is_terminal() {
            Style::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)))
        } else {
            Style::Lines
        };
        Self {
            style,
            files: Mutex::new(HashMap::new()),
        }
    }

    /// Removes the bars, so that further output begins in their place.
    pub fn close(&self) {
        if let Style::Bars(bars) = &self.style {
            let _ = bars.clear();
        }
    }

    fn files(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar(&self, file: &str, bytes: u64, here: u64) -> ProgressBar {
        let Style::Bars(bars) = &self.style else {
            return ProgressBar::hidden();
        };
        let bar = bars.add(ProgressBar::new(bytes).with_position(here));
        if let Ok(style) = ProgressStyle::with_template(&template(terminal::error_columns(), terminal::color())) {
            bar.set_style(style.progress_chars(TICKS));
        }
        bar.set_prefix(short(file));
        // What was here did not come at any speed.
        bar.reset_eta();
        bar
    }
}

impl Watch for Downloads {
    fn begin(&self, file: &str, bytes: u64, here: u64) {
        let shown = Shown {
            bar: self.bar(file, bytes, here),
            bytes,
            here,
            since: Instant::now(),
            told: false,
        };
        self.files().insert(file.to_owned(), shown);
    }

    fn source(&self, file: &str, host: &str) {
        let mut files = self.files();
        let Some(shown) = files.get_mut(file) else {
            return;
        };
        shown.bar.set_message(host.to_owned());
        if matches!(self.style, Style::Lines) && !shown.told {
            shown.told = true;
            let rest = if shown.here == 0 {
                size(shown.bytes)
            } else {
                format!("{} of which {} are here", size(shown.bytes), size(shown.here))
            };
            terminal::say(&format!("{file}: {rest}, from {host}"));
        }
    }

    fn at(&self, file: &str, position: u64) {
        if let Some(shown) = self.files().get(file) {
            shown.bar.set_position(position);
        }
    }

    fn end(&self, file: &str, whole: bool) {
        let Some(shown) = self.files().remove(file) else {
            return;
        };
        shown.bar.finish_and_clear();
        if whole && !matches!(self.style, Style::Quiet) {
            let came = size(shown.bytes.saturating_sub(shown.here));
            let took = seconds(shown.since.elapsed());
            self.note(&format!("{file}: whole, sha256 right ({came} in {took})"));
        }
    }

    fn note(&self, text: &str) {
        match &self.style {
            Style::Quiet => {}
            Style::Lines => terminal::say(text),
            Style::Bars(bars) => bars.suspend(|| terminal::say(text)),
        }
    }
}

/// The template of a bar for a terminal of this width.
fn template(columns: usize, color: bool) -> String {
    let bar = if color { "{wide_bar:.green/white}" } else { "{wide_bar}" };
    let rate = if columns < NARROW {
        ""
    } else {
        "{decimal_bytes_per_sec:>10} "
    };
    let host = if columns < WIDE { "" } else { "  {msg}" };
    format!("{{prefix:26}} {bar} {{decimal_bytes:>9}}/{{decimal_total_bytes:9}} {rate}{{eta:>4}}{host}")
}

/// A short name that still tells files apart: `mnist/train-images` for `mnist/train-images-idx3-ubyte.gz`.
fn short(file: &str) -> String {
    let end = file.find("-idx").or_else(|| file.find(".tar")).unwrap_or(file.len());
    file.get(..end).unwrap_or(file).to_owned()
}

/// A size in bytes in the units of 1000 that servers count in: `9.9 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A duration in seconds, with a decimal where it is short: `0.3 s`, `12 s`.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_bar_leaves_out_host_and_speed() {
        let parts = |columns| {
            let template = template(columns, false);
            ["bytes_per_sec", "msg"].map(|part| template.contains(part))
        };
        assert_eq!([60, 80, 200].map(parts), [[false, false], [true, false], [true, true]]);
    }

    #[test]
    fn files_and_sizes_are_short() {
        assert_eq!(short("mnist/train-images-idx3-ubyte.gz"), "mnist/train-images");
        assert_eq!(short("cifar10/cifar-10-binary.tar.gz"), "cifar10/cifar-10-binary");
        let sizes = [0, 999, 4542, 9_912_422].map(size);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "4.5 kB", "9.9 MB"]);
        let times = [0.26, 61.4].map(|time| seconds(Duration::from_secs_f64(time)));
        assert_eq!(times, ["0.3 s", "61 s"]);
    }
}
