//! Keras's progress: a bar that is drawn over on a terminal, a line an epoch elsewhere
//! (keras/src/utils/progbar.py, `verbose=1` and `verbose=2`).

use super::terminal;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing.
    Quiet,
    /// A line an epoch.
    Lines,
    /// A bar, drawn over and over.
    Bar {
        /// The terminal's width.
        columns: usize,
        /// Whether colours are wanted.
        color: bool,
    },
}

impl Style {
    /// A bar where standard error is a terminal, else lines.
    pub fn of_terminal() -> Self {
        if io::stderr().is_terminal() {
            Self::Bar {
                columns: terminal::error_columns(),
                color: terminal::color(),
            }
        } else {
            Self::Lines
        }
    }
}

/// One epoch's progress.
pub struct Progress {
    style: Style,
    n_steps: usize,
    started: Instant,
    drawn: Option<Instant>,
}

/// Cells of a bar.
const CELLS: usize = 20;
/// Drawing more often than this would cost more than it shows.
const INTERVAL: Duration = Duration::from_millis(50);

impl Progress {
    /// Begins an epoch of `n_steps`, counted from 0, of `n_epochs`.
    pub fn begin(style: Style, epoch: usize, n_epochs: usize, n_steps: usize) -> Self {
        if style != Style::Quiet && n_epochs > 1 {
            say(&format!("Epoch {}/{n_epochs}\n", epoch + 1));
        }
        Self {
            style,
            n_steps,
            started: Instant::now(),
            drawn: None,
        }
    }

    /// `step` steps are done.
    pub fn update(&mut self, step: usize, metrics: &[(String, f64)]) {
        let Style::Bar { columns, color } = self.style else {
            return;
        };
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < INTERVAL) {
            return;
        }
        self.drawn = Some(Instant::now());
        let line = bar(
            step,
            self.n_steps,
            self.started.elapsed(),
            metrics,
            false,
            columns,
            color,
        );
        say(&format!("\r{line}\x1b[K"));
    }

    /// The epoch is over.
    pub fn end(&self, metrics: &[(String, f64)]) {
        let took = self.started.elapsed();
        match self.style {
            Style::Quiet => {}
            Style::Lines => say(&(line(self.n_steps, took, metrics) + "\n")),
            Style::Bar { columns, color } => {
                let line = bar(self.n_steps, self.n_steps, took, metrics, true, columns, color);
                say(&format!("\r{line}\x1b[K\n"));
            }
        }
    }

    /// The epoch was broken off: what follows begins a line of its own.
    pub fn abandon(&self) {
        if matches!(self.style, Style::Bar { .. }) && self.drawn.is_some() {
            say("\n");
        }
    }
}

/// To stderr; whoever closed it does not want to know.
fn say(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// `250/250 - 1s - 4ms/step - accuracy: 0.9380 - loss: 0.2100`
fn line(n_steps: usize, took: Duration, metrics: &[(String, f64)]) -> String {
    let seconds = took.as_secs_f64();
    let mut text = format!("{n_steps}/{n_steps} - {seconds:.0}s - {}", per_step(seconds, n_steps));
    for (name, value) in metrics {
        text.push_str(&format!(" - {name}: {}", number(*value)));
    }
    text
}

/// `1875/1875 ━━━━━━━━━━━━━━━━━━━━ 8s 4ms/step - acc: 0.9411 - loss: 0.2042`, and what does not fit the width left out.
fn bar(
    step: usize,
    n_steps: usize,
    took: Duration,
    metrics: &[(String, f64)],
    over: bool,
    columns: usize,
    color: bool,
) -> String {
    let digits = n_steps.to_string().len();
    let count = format!("{step:>digits$}/{n_steps}");
    let seconds = took.as_secs_f64();
    let full = (step.min(n_steps) * CELLS).checked_div(n_steps).unwrap_or(CELLS);
    let time = if over || step == 0 {
        format!("{seconds:.0}s")
    } else {
        remaining(seconds / step as f64 * n_steps.saturating_sub(step) as f64)
    };
    let mut rest = format!(" {time} {}", per_step(seconds, step));
    let mut width = count.len() + 1 + CELLS + rest.len();
    for (name, value) in metrics {
        let metric = format!(" - {name}: {}", number(*value));
        width += metric.len();
        if width >= columns {
            break;
        }
        rest.push_str(&metric);
    }
    let (done, left) = ("━".repeat(full), "━".repeat(CELLS - full));
    if color {
        format!("\x1b[1m{count}\x1b[0m \x1b[32m{done}\x1b[0m\x1b[37m{left}\x1b[0m{rest}")
    } else {
        // Without colours the two parts must differ by themselves.
        format!("{count} {done}{}{rest}", "─".repeat(CELLS - full))
    }
}

/// `12s`, `1:05`, `1:02:03`
fn remaining(seconds: f64) -> String {
    let seconds = seconds as u64;
    if seconds > 3600 {
        format!("{}:{:02}:{:02}", seconds / 3600, seconds % 3600 / 60, seconds % 60)
    } else if seconds > 60 {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

fn per_step(seconds: f64, steps: usize) -> String {
    let each = if steps == 0 { 0.0 } else { seconds / steps as f64 };
    if each >= 1.0 || each == 0.0 {
        format!("{each:.0}s/step")
    } else if each >= 1e-3 {
        format!("{:.0}ms/step", each * 1e3)
    } else {
        format!("{:.0}us/step", each * 1e6)
    }
}

/// `%.4f`, or `%.4e` where that would show nothing.
pub fn number(value: f64) -> String {
    if value.abs() > 1e-3 || value == 0.0 || !value.is_finite() {
        format!("{value:.4}")
    } else {
        let text = format!("{value:.4e}");
        // Python writes the exponent with a sign and two digits.
        match text.split_once('e') {
            Some((mantissa, exponent)) => {
                let (sign, digits) = exponent
                    .strip_prefix('-')
                    .map_or(('+', exponent), |digits| ('-', digits));
                format!("{mantissa}e{sign}{digits:0>2}")
            }
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Vec<(String, f64)> {
        vec![("accuracy".into(), 0.9411), ("loss".into(), 0.2042)]
    }

    #[test]
    fn a_line_is_what_keras_prints() {
        let line = line(
            3,
            Duration::from_millis(1983),
            &[("acc".into(), 1.0 / 7.0), ("loss".into(), 2.3403)],
        );
        assert_eq!(line, "3/3 - 2s - 661ms/step - acc: 0.1429 - loss: 2.3403");
    }

    #[test]
    fn a_bar_counts_down_and_then_tells() {
        let at = |step, over| bar(step, 1875, Duration::from_secs(8), &metrics(), over, 200, false);
        insta::assert_snapshot!([at(0, false), at(7, false), at(937, false), at(1875, true)].join("\n"), @r"
           0/1875 ──────────────────── 8s 0s/step - accuracy: 0.9411 - loss: 0.2042
           7/1875 ──────────────────── 35:34 1s/step - accuracy: 0.9411 - loss: 0.2042
         937/1875 ━━━━━━━━━─────────── 8s 9ms/step - accuracy: 0.9411 - loss: 0.2042
        1875/1875 ━━━━━━━━━━━━━━━━━━━━ 8s 4ms/step - accuracy: 0.9411 - loss: 0.2042
        ");
    }

    #[test]
    fn a_bar_keeps_to_the_width() {
        for columns in [20, 40, 60, 80] {
            let text = bar(10, 10, Duration::from_secs(1), &metrics(), true, columns, false);
            assert!(text.chars().count() < columns.max(41), "{text}");
        }
    }

    #[test]
    fn small_numbers_have_pythons_exponents() {
        assert_eq!(number(0.000_123_45), "1.2345e-04");
        assert_eq!(number(0.5), "0.5000");
        assert_eq!(number(f64::NAN), "NaN");
    }
}
