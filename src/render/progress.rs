//! Progress as Keras shows it: a bar that is redrawn on a terminal, a line for each epoch elsewhere (keras/src/utils/progbar.py,
//! `verbose=1` and `verbose=2`).

use super::terminal;
use compiler::numbers::thousands;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How much of a run's progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing, as `--quiet` asks.
    Quiet,
    /// One line for each epoch, for pipes and files.
    Lines,
    /// A bar that is redrawn in place.
    Bar {
        /// Whether it has colours.
        color: bool,
    },
}

impl Style {
    /// A bar where standard error is a terminal that can redraw a line, else lines.
    pub fn of_terminal() -> Self {
        if terminal::draws() {
            Self::Bar {
                color: terminal::color(),
            }
        } else {
            Self::Lines
        }
    }
}

/// The progress of one epoch, as it is drawn.
pub struct Progress {
    style: Style,
    n_steps: usize,
    started: Instant,
    drawn: Option<Instant>,
    /// How many columns the last drawing took, so that the next one covers it.
    width: usize,
}

/// The most cells of a bar.
const CELLS: usize = 20;
/// The fewest cells of a bar: a shorter one would not show anything.
const FEWEST_CELLS: usize = 5;
/// The indentation of further lines, with the metrics that did not fit into the first.
const INDENT: usize = 2;
/// The least time between two drawings.
const INTERVAL: Duration = Duration::from_millis(50);

impl Progress {
    /// Begins the epoch with index `epoch`, counted from 0, of `n_epochs`; it has `n_steps` steps.
    pub fn begin(style: Style, epoch: usize, n_epochs: usize, n_steps: usize) -> Self {
        if style != Style::Quiet && n_epochs > 1 {
            say(&format!("Epoch {}/{n_epochs}\n", epoch + 1));
        }
        Self {
            style,
            n_steps,
            started: Instant::now(),
            drawn: None,
            width: 0,
        }
    }

    /// Prints which phase of how many begins, counted from 0, and how many of the parameters it trains.
    pub fn phase(style: Style, (phase, n_phases): (usize, usize), (trained, parameters): (usize, usize)) {
        if style != Style::Quiet {
            let (trained, parameters) = (thousands(trained), thousands(parameters));
            say(&format!(
                "Phase {}/{n_phases}: {trained} of {parameters} parameters train\n",
                phase + 1
            ));
        }
    }

    /// Prints a line between two epochs.
    pub fn line(style: Style, line: &str) {
        if style != Style::Quiet {
            say(&format!("{line}\n"));
        }
    }

    /// Shows that `step` steps of the epoch are done.
    pub fn update(&mut self, step: usize, metrics: &[(String, f64)]) {
        let Style::Bar { color } = self.style else {
            return;
        };
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < INTERVAL) {
            return;
        }
        self.drawn = Some(Instant::now());
        let bar = self.bar(step, metrics, false);
        say(&format!("\r{}", self.over(&bar, color)));
        self.width = bar.width();
    }

    /// Ends the epoch's line with its results.
    pub fn end(&self, metrics: &[(String, f64)]) {
        match self.style {
            Style::Quiet => {}
            Style::Lines => {
                let lines = lines(self.n_steps, self.started.elapsed(), metrics, terminal::error_wrap());
                say(&(lines.join("\n") + "\n"));
            }
            Style::Bar { color } => {
                let bar = self.bar(self.n_steps, metrics, true);
                say(&format!("\r{}\n", self.over(&bar, color)));
            }
        }
    }

    fn bar(&self, step: usize, metrics: &[(String, f64)], over: bool) -> Bar {
        // The last column stays free: a terminal that has written there may have gone to the next line.
        let room = terminal::error_columns().saturating_sub(1);
        bar(step, self.n_steps, self.started.elapsed(), metrics, over, room)
    }

    /// The lines of the bar, the first one padded to cover the last drawing; without escape codes unless `color`.
    fn over(&self, bar: &Bar, color: bool) -> String {
        let rest = " ".repeat(self.width.saturating_sub(bar.width()));
        let mut text = bar.first(color) + &rest;
        for line in &bar.more {
            text.extend(["\n", &" ".repeat(INDENT), line]);
        }
        text
    }

    /// The epoch was interrupted: whatever is printed next begins on a new line.
    pub fn abandon(&self) {
        if matches!(self.style, Style::Bar { .. }) && self.drawn.is_some() {
            say("\n");
        }
    }
}

/// Writes to standard error; nothing is done about an error, such as that it was closed.
fn say(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// The line of an epoch, `250/250 - 1s - 4ms/step - accuracy: 0.9380 - loss: 0.2100`, broken where there are fewer columns.
fn lines(n_steps: usize, took: Duration, metrics: &[(String, f64)], columns: Option<usize>) -> Vec<String> {
    let seconds = took.as_secs_f64();
    let first = format!("{n_steps}/{n_steps} - {seconds:.0}s - {}", per_step(seconds, n_steps));
    let (rest, more) = spread(metrics, first.len(), columns.unwrap_or(usize::MAX));
    let more = more.into_iter().map(|line| " ".repeat(INDENT) + &line);
    std::iter::once(first + &rest).chain(more).collect()
}

/// The metrics that fit into the rest of a line of which `filled` columns are taken, and the lines of the others.
fn spread(metrics: &[(String, f64)], filled: usize, columns: usize) -> (String, Vec<String>) {
    let mut first = String::new();
    let mut more: Vec<String> = Vec::new();
    for (name, value) in metrics {
        let metric = format!("{name}: {}", number(*value));
        match more.last_mut() {
            None if filled + first.len() + 3 + metric.len() <= columns => first.extend([" - ", &metric]),
            Some(line) if INDENT + line.len() + 3 + metric.len() <= columns => line.extend([" - ", &metric]),
            None | Some(_) => more.push(metric),
        }
    }
    (first, more)
}

/// The parts of a drawn bar: `1875/1875 ━━━━━━━━━━━━━━━━━━━━ 8s 4ms/step - acc: 0.9411 - loss: 0.2042`.
struct Bar {
    count: String,
    /// How many cells of the bar are full.
    full: usize,
    /// How many cells the bar has.
    cells: usize,
    /// What follows the bar.
    rest: String,
    /// Further lines, with what did not fit into the first.
    more: Vec<String>,
}

impl Bar {
    fn width(&self) -> usize {
        let cells = if self.cells == 0 { 0 } else { 1 + self.cells };
        self.count.len() + cells + self.rest.len()
    }

    fn first(&self, color: bool) -> String {
        let Self {
            count,
            full,
            cells,
            rest,
            ..
        } = self;
        let blank = if *cells == 0 { "" } else { " " };
        let (done, left) = ("━".repeat(*full), cells - full);
        if color {
            let left = "━".repeat(left);
            format!("\x1b[1m{count}\x1b[0m{blank}\x1b[32m{done}\x1b[0m\x1b[37m{left}\x1b[0m{rest}")
        } else {
            // Without colours the two parts must differ by themselves.
            format!("{count}{blank}{done}{}{rest}", "─".repeat(left))
        }
    }
}

/// A bar within `room` columns. Where there is not enough room, first the bar gets shorter and disappears, then the time of a
/// step, then the time. While it is redrawn, metrics that do not fit are left out; when the epoch is over, they follow on further
/// lines.
fn bar(step: usize, n_steps: usize, took: Duration, metrics: &[(String, f64)], over: bool, room: usize) -> Bar {
    let digits = n_steps.to_string().len();
    let count = format!("{step:>digits$}/{n_steps}");
    let seconds = took.as_secs_f64();
    let time = if over || step == 0 {
        format!("{seconds:.0}s")
    } else {
        remaining(seconds / step as f64 * n_steps.saturating_sub(step) as f64)
    };
    let times = [
        format!(" {time} {}", per_step(seconds, step)),
        format!(" {time}"),
        String::new(),
    ];
    let fits = |time: &String| count.len() + time.len() <= room;
    let mut rest = times.into_iter().find(fits).unwrap_or_default();
    let cells = CELLS.min(room.saturating_sub(count.len() + 1 + rest.len()));
    let cells = if cells < FEWEST_CELLS { 0 } else { cells };
    let full = (step.min(n_steps) * cells).checked_div(n_steps).unwrap_or(cells);
    let filled = count.len() + 1 + cells + rest.len();
    let (behind, more) = spread(metrics, filled, room);
    rest.push_str(&behind);
    let more = if over { more } else { Vec::new() };
    Bar {
        count,
        full,
        cells,
        rest,
        more,
    }
}

/// A time as Keras's bar shows it: `12s`, `1:05`, `1:02:03`.
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
    use unicode_width::UnicodeWidthStr;

    fn metrics() -> Vec<(String, f64)> {
        vec![("accuracy".into(), 0.9411), ("loss".into(), 0.2042)]
    }

    #[test]
    fn a_line_is_what_keras_prints() {
        let metrics = [("acc".into(), 1.0 / 7.0), ("loss".into(), 2.3403)];
        let took = Duration::from_millis(1983);
        let whole = lines(3, took, &metrics, None);
        assert_eq!(whole, ["3/3 - 2s - 661ms/step - acc: 0.1429 - loss: 2.3403"]);
        let narrow = lines(3, took, &metrics, Some(40));
        assert_eq!(narrow, ["3/3 - 2s - 661ms/step - acc: 0.1429", "  loss: 2.3403"]);
    }

    #[test]
    fn a_bar_counts_down_and_then_tells() {
        let at = |step, over| bar(step, 1875, Duration::from_secs(8), &metrics(), over, 200).first(false);
        insta::assert_snapshot!([at(0, false), at(7, false), at(937, false), at(1875, true)].join("\n"), @r"
           0/1875 ──────────────────── 8s 0s/step - accuracy: 0.9411 - loss: 0.2042
           7/1875 ──────────────────── 35:34 1s/step - accuracy: 0.9411 - loss: 0.2042
         937/1875 ━━━━━━━━━─────────── 8s 9ms/step - accuracy: 0.9411 - loss: 0.2042
        1875/1875 ━━━━━━━━━━━━━━━━━━━━ 8s 4ms/step - accuracy: 0.9411 - loss: 0.2042
        ");
    }

    #[test]
    fn a_bar_keeps_to_the_width_and_loses_nothing_at_the_end() {
        for room in 9..130 {
            for over in [false, true] {
                let bar = bar(937, 1875, Duration::from_secs(8), &metrics(), over, room);
                let text = bar.first(false);
                assert_eq!(text.width(), bar.width());
                assert!(text.width() <= room, "{room}: {text}");
                assert!(room < 60 || bar.cells == CELLS, "{room}: {text}");
                let all = text + &bar.more.join(" ");
                assert_eq!(all.matches(": ").count() == 2, over || room >= 76, "{room}: {all}");
                assert!(
                    bar.more.iter().all(|line| INDENT + line.len() <= room.max(18)),
                    "{room}: {:?}",
                    bar.more
                );
            }
        }
    }

    #[test]
    fn what_was_longer_is_drawn_over() {
        let mut progress = Progress::begin(Style::Bar { color: false }, 0, 1, 100);
        progress.width = 70;
        let short = bar(10, 100, Duration::from_secs(8), &[], false, 200);
        assert_eq!(progress.over(&short, false).width(), 70);
        assert!(!progress.over(&short, false).contains('\u{1b}') && progress.over(&short, true).contains('\u{1b}'));
    }

    #[test]
    fn small_numbers_have_pythons_exponents() {
        assert_eq!(number(0.000_123_45), "1.2345e-04");
        assert_eq!(number(0.5), "0.5000");
        assert_eq!(number(f64::NAN), "NaN");
    }
}
