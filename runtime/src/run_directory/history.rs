//! `history.csv`: the metrics of every epoch, as Keras's `CSVLogger` writes them.

use crate::error::{Result, RuntimeError};
use compiler::training::settings::{MOST_EPOCHS, MOST_PHASES};
use std::collections::BTreeMap;
use std::io;

/// The name of the column with an epoch's phase.
const PHASE: &str = "phase";

/// The metrics of every epoch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The epochs, the earliest first.
    pub epochs: Vec<Epoch>,
}

/// The metrics of an epoch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Epoch {
    /// The index of the phase of training that it belongs to, counted from 0.
    pub phase: usize,
    /// The index of the epoch, counted from 0.
    pub epoch: usize,
    /// The metrics by name, those of validation with `val_` before it; an epoch without validation has none of these.
    pub metrics: BTreeMap<String, f64>,
}

impl History {
    /// The epochs of a phase, in order.
    pub fn of_phase(&self, phase: usize) -> impl Iterator<Item = &Epoch> {
        self.epochs.iter().filter(move |epoch| epoch.phase == phase)
    }

    /// The epochs of a phase alone, numbered as if there were no other.
    #[must_use]
    pub fn alone(&self, phase: usize) -> Self {
        let alone = |epoch: &Epoch| Epoch {
            phase: 0,
            ..epoch.clone()
        };
        Self {
            epochs: self.of_phase(phase).map(alone).collect(),
        }
    }

    /// Whether there are epochs of a later phase than the first.
    pub fn has_phases(&self) -> bool {
        self.epochs.iter().any(|epoch| epoch.phase > 0)
    }

    /// The text of `history.csv`.
    pub(super) fn text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        let written = self.write(&mut bytes).map(|()| String::from_utf8(bytes));
        match written {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(RuntimeError::mismatch("history.csv", "text", error.to_string())),
            Err(error) => Err(RuntimeError::mismatch("history.csv", "text", error.to_string())),
        }
    }

    /// Writes what Keras's `CSVLogger` writes (`keras/src/callbacks/csv_logger.py`): a column for each metric of the
    /// first epoch, sorted; where that one has no validation, `val_` columns after them; `NA` for what an epoch
    /// lacks; Python's shortest digits; lines that end in CR LF. Metrics that the first epoch lacks have a column
    /// after those, where Keras raises an error. Of a run in phases the second column is the phase, counted from 1.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.write_with(',', out)
    }

    /// As `write`, with another separator, which must be an ASCII character.
    pub(super) fn write_with(&self, separator: char, out: &mut dyn io::Write) -> io::Result<()> {
        let mut columns: Vec<String> = self
            .epochs
            .first()
            .into_iter()
            .flat_map(|row| row.metrics.keys().cloned())
            .collect();
        if !columns.iter().any(|column| column.starts_with("val_")) {
            let validation: Vec<String> = columns.iter().map(|column| format!("val_{column}")).collect();
            columns.extend(validation);
        }
        for name in self.epochs.iter().flat_map(|row| row.metrics.keys()) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .delimiter(u8::try_from(separator).unwrap_or(b','))
            .from_writer(out);
        let phases = self.has_phases();
        let head = ["epoch"].into_iter().chain(phases.then_some(PHASE));
        csv.write_record(head.chain(columns.iter().map(String::as_str)))?;
        for row in &self.epochs {
            let values = columns.iter().map(|name| {
                row.metrics
                    .get(name)
                    .map_or_else(|| "NA".to_owned(), |&value| python(value))
            });
            let phase = phases.then(|| (row.phase + 1).to_string());
            csv.write_record([row.epoch.to_string()].into_iter().chain(phase).chain(values))?;
        }
        csv.flush()
    }

    /// Reads what `write` wrote; error messages call it `file`.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self> {
        let broken = |error: csv::Error| {
            let offset = error.position().map_or(0, csv::Position::byte);
            RuntimeError::malformed(file, offset, "comma-separated values", format!("\"{error}\""))
        };
        let mut csv = csv::Reader::from_reader(bytes);
        let columns = csv.headers().map_err(broken)?.clone();
        if columns.get(0) != Some("epoch") {
            let found = format!("\"{}\"", columns.get(0).unwrap_or_default());
            return Err(RuntimeError::malformed(file, 0, "the column \"epoch\"", found));
        }
        let has_phases = columns.get(1) == Some(PHASE);
        let mut history = Self::default();
        for record in csv.records() {
            let record = record.map_err(broken)?;
            let offset = record.position().map_or(0, csv::Position::byte);
            let wrong =
                |expected: &str, found: &str| RuntimeError::malformed(file, offset, expected, format!("\"{found}\""));
            let mut fields = record.iter();
            let field = fields.next().unwrap_or_default();
            let epoch: usize = field.parse().map_err(|_| wrong("an epoch's number", field))?;
            if epoch >= MOST_EPOCHS {
                return Err(wrong(&format!("an epoch below {MOST_EPOCHS}"), field));
            }
            let mut phase = 0;
            if has_phases {
                let field = fields.next().unwrap_or_default();
                phase = match field.parse::<usize>() {
                    Ok(counted @ 1..=MOST_PHASES) => counted - 1,
                    Ok(_) | Err(_) => return Err(wrong(&format!("a phase from 1 to {MOST_PHASES}"), field)),
                };
                if let Some(last) = history.epochs.last().filter(|last| last.phase > phase) {
                    return Err(wrong(&format!("a phase from {} on", last.phase + 1), field));
                }
            }
            let last = history.epochs.last().filter(|last| last.phase == phase);
            if let Some(last) = last.filter(|last| last.epoch >= epoch) {
                return Err(wrong(&format!("an epoch after {}", last.epoch), field));
            }
            let mut metrics = BTreeMap::new();
            let names = columns.iter().skip(if has_phases { 2 } else { 1 });
            for (name, field) in names.zip(fields).filter(|(_, field)| *field != "NA") {
                metrics.insert(
                    name.to_owned(),
                    field
                        .parse()
                        .map_err(|_| wrong(&format!("a number or NA for {name}"), field))?,
                );
            }
            history.epochs.push(Epoch { phase, epoch, metrics });
        }
        Ok(history)
    }
}

/// A number as Python's `repr` writes it: the fewest digits that give it back, with an exponent below 1e-4 and from 1e16 on.
pub fn python(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        // Rust's own plain form has the same digits, and `.0` with `:?` below 1e16.
        Ok(_) | Err(_) if value.fract() == 0.0 => format!("{value:.1}"),
        Ok(_) | Err(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn epoch(epoch: usize, metrics: &[(&str, f64)]) -> Epoch {
        Epoch {
            phase: 0,
            epoch,
            metrics: metrics.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    fn text(history: &History) -> String {
        let mut bytes = Vec::new();
        history.write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The expected text is what Keras 3.15's `CSVLogger` wrote for these two epochs.
    #[test]
    fn history_is_keras_own_file() {
        let history = History {
            epochs: vec![
                epoch(0, &[("loss", 0.9375), ("accuracy", 1e-5)]),
                epoch(
                    1,
                    &[
                        ("loss", f64::NAN),
                        ("accuracy", 1.0),
                        ("val_loss", 2e16),
                        ("val_accuracy", 0.1),
                    ],
                ),
            ],
        };
        let expected = "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,1e-05,0.9375,NA,NA\r\n1,1.0,nan,0.1,2e+16\r\n";
        assert_eq!(text(&history), expected);
        let read = History::read("h.csv", expected.as_bytes()).unwrap();
        assert_eq!(text(&read), expected);
        assert_eq!(read.epochs[0], history.epochs[0]);
    }

    #[test]
    fn a_run_that_validates_has_its_columns_sorted() {
        let metrics = [("val_loss", 0.25), ("loss", 0.5), ("acc", 0.75), ("val_acc", 1.0)];
        let history = History {
            epochs: vec![epoch(3, &metrics)],
        };
        assert_eq!(
            text(&history),
            "epoch,acc,loss,val_acc,val_loss\r\n3,0.75,0.5,1.0,0.25\r\n"
        );
        assert_eq!(text(&History::default()), "epoch\r\n");
        let late = History {
            epochs: vec![epoch(0, &[("loss", 1.0)]), epoch(1, &[("loss", 2.0), ("new", 3.0)])],
        };
        assert_eq!(
            text(&late),
            "epoch,loss,val_loss,new\r\n0,1.0,NA,NA\r\n1,2.0,NA,3.0\r\n"
        );
    }

    #[test]
    fn phases_have_a_column() {
        let second = |number, metrics: &[(&str, f64)]| Epoch {
            phase: 1,
            ..epoch(number, metrics)
        };
        let history = History {
            epochs: vec![
                epoch(0, &[("loss", 1.0)]),
                epoch(1, &[("loss", 0.5)]),
                second(0, &[("loss", 0.25), ("new", 3.0)]),
            ],
        };
        let expected = "epoch,phase,loss,val_loss,new\r\n0,1,1.0,NA,NA\r\n1,1,0.5,NA,NA\r\n0,2,0.25,NA,3.0\r\n";
        assert_eq!(text(&history), expected);
        assert_eq!(History::read("h.csv", expected.as_bytes()).unwrap(), history);
        assert_eq!(
            text(&history.alone(1)),
            "epoch,loss,new,val_loss,val_new\r\n0,0.25,3.0,NA,NA\r\n"
        );
        let read = |text: &str| History::read("h.csv", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            read("epoch,phase,loss\n0,0,1\n"),
            "h.csv: byte 17: expected a phase from 1 to 100, found \"0\""
        );
        assert_eq!(
            read("epoch,phase,loss\n0,2,1\n0,1,1\n"),
            "h.csv: byte 23: expected a phase from 2 on, found \"1\""
        );
    }

    #[test]
    fn numbers_are_pythons() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.000_099, "9.9e-05"),
            (1.5e-10, "1.5e-10"),
            (-2.5e-300, "-2.5e-300"),
            (123_456.789, "123456.789"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (f64::from(0.1_f32), "0.10000000149011612"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, expected) in cases {
            assert_eq!(python(value), expected);
        }
    }

    #[test]
    fn a_broken_history_names_its_byte() {
        let read = |text: &str| History::read("h.csv", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            read("time,loss\n"),
            "h.csv: byte 0: expected the column \"epoch\", found \"time\""
        );
        assert_eq!(
            read("epoch,loss\n0,x\n"),
            "h.csv: byte 11: expected a number or NA for loss, found \"x\""
        );
        assert_eq!(
            read("epoch,loss\n-1,0\n"),
            "h.csv: byte 11: expected an epoch's number, found \"-1\""
        );
        assert_eq!(
            read("epoch,loss\n18446744073709551615,0\n"),
            format!("h.csv: byte 11: expected an epoch below {MOST_EPOCHS}, found \"18446744073709551615\"")
        );
        assert_eq!(
            read("epoch,loss\n3,0\n3,0\n"),
            "h.csv: byte 15: expected an epoch after 3, found \"3\""
        );
        assert!(read("epoch,loss\n0\n").starts_with("h.csv: byte 11: expected comma-separated values, found "));
    }

    proptest! {
        #[test]
        fn numbers_come_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let read: f64 = python(value).parse().unwrap();
            prop_assert!(read.to_bits() == bits || value.is_nan() && read.is_nan());
        }

        #[test]
        fn no_bytes_make_the_history_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), rows in "[0-9,.e\n\"NA-]{0,40}") {
            let _ = History::read("h", &bytes);
            let _ = History::read("h", format!("epoch,loss\n{rows}").as_bytes());
        }
    }
}
