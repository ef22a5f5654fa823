//! Predictions for all pictures of a folder, as a table.

use super::{best, outputs_of, probabilities};
use crate::cli::PredictArgs;
use crate::commands::{Failure, Outcome};
use crate::render::loading::Loading;
use crate::render::terminal;
use compiler::network::CheckedNetwork;
use runtime::data::folder::{self, Unreadable, listed, read_batch, tolerated};
use runtime::data::{Form, Pixels, Reading};
use runtime::executor::Executor;
use runtime::files::write_atomically;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The samples of a batch take no more than this many bytes, and are no more than this many: the memory that a folder
/// of any size takes.
const BATCH: (usize, usize) = (32 << 20, 4096);

/// What is to be done.
pub struct Job<'a> {
    args: &'a PredictArgs,
    network: &'a CheckedNetwork,
    files: Vec<PathBuf>,
    form: Form,
    reading: Reading,
    /// Of the classes, as far as they are known.
    names: Vec<String>,
    n_classes: usize,
}

impl<'a> Job<'a> {
    /// Lists the pictures, and says what else lies there.
    pub fn new(
        args: &'a PredictArgs,
        network: &'a CheckedNetwork,
        names: Vec<String>,
        reading: Reading,
    ) -> Result<Self, Failure> {
        let &[n_classes] = network.output_shape().sizes() else {
            let message = "the network's output is no row of classes, so there is no table of them";
            return Err(
                Failure::message(message).with_help("name an array with --input, and an .npy file with --output")
            );
        };
        let form = Form::of(network.input_shape()).ok_or_else(|| {
            let message = format!("the network takes {}, which no picture is", network.input_shape());
            Failure::message(message).with_help("name an array with --input")
        })?;
        let listing = folder::list(&args.input)?;
        if listing.files.is_empty() {
            let message = format!("there is no picture in {}", args.input.display());
            return Err(Failure::message(message).with_help("looked for .png, .jpg, .jpeg, .webp and .bmp"));
        }
        if let Some(line) = folder::left_out(&listing.others, "to predict") {
            terminal::say(&line);
        }
        terminal::say(&format!(
            "{} pictures from {}, resized to {} ({})",
            listing.files.len(),
            args.input.display(),
            network.input_shape(),
            reading.filter()
        ));
        Ok(Self {
            args,
            network,
            files: listing.files,
            form,
            reading,
            names,
            n_classes,
        })
    }

    /// Writes the table: to the file that was named, whole or not at all, or to standard output as it comes.
    pub fn run(&self, executor: &mut dyn Executor) -> Outcome {
        let Some(path) = &self.args.output else {
            let unreadable = self.table(executor, &mut terminal::print)?;
            return self.judge(&unreadable);
        };
        let mut outcome = Err(Failure::Reported);
        write_atomically(path, |out: &mut dyn Write| {
            outcome = self.table(executor, &mut |text| {
                out.write_all(text.as_bytes())
                    .map_err(|error| Failure::file("write", path, &error))
            });
            match &outcome {
                // A table without a line would only hide what went wrong.
                Ok(unreadable) if unreadable.len() < self.files.len() => Ok(()),
                Ok(_) | Err(_) => Err(io::Error::other("no table was made")),
            }
        })
        .or_else(|error| match &outcome {
            Ok(unreadable) if unreadable.len() < self.files.len() => Err(Failure::from(error)),
            // What went wrong is in the outcome.
            Ok(_) | Err(_) => Ok(()),
        })?;
        let unreadable = outcome?;
        if unreadable.len() < self.files.len() {
            terminal::say(&format!("wrote {}", path.display()));
        }
        self.judge(&unreadable)
    }

    /// The table, a batch after the other, and the pictures that are not in it.
    fn table(
        &self,
        executor: &mut dyn Executor,
        write: &mut dyn FnMut(&str) -> Outcome,
    ) -> Result<Vec<Unreadable>, Failure> {
        let loading = Loading::begin("pictures");
        let count = (BATCH.0 / self.form.bytes().max(1)).clamp(1, BATCH.1);
        let mut unreadable = Vec::new();
        write(&text_of(|csv| csv.write_record(self.columns()))?)?;
        for files in self.files.chunks(count) {
            let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
            let batch = read_batch(&files, self.form, self.reading, &|| loading.one_of(self.files.len()))?;
            unreadable.extend(batch.unreadable);
            if batch.kept.is_empty() {
                continue;
            }
            let outputs = outputs_of(executor, self.network, Pixels::Bytes(batch.pixels), batch.kept.len())?;
            let kept = batch.kept.iter().filter_map(|&index| files.get(index));
            let rows = kept.zip(outputs.chunks(self.n_classes.max(1)));
            write(&text_of(|csv| {
                for (path, row) in rows {
                    csv.write_record(self.fields(path, row))?;
                }
                Ok(())
            })?)?;
        }
        Ok(unreadable)
    }

    fn columns(&self) -> Vec<String> {
        let mut columns = ["path", "class", "name", "probability"].map(str::to_owned).to_vec();
        if self.args.all {
            columns.extend(
                (0..self.n_classes).map(|class| format!("p_{}", self.name(class).unwrap_or(&class.to_string()))),
            );
        }
        columns
    }

    fn fields(&self, path: &Path, row: &[f32]) -> Vec<String> {
        let probabilities = probabilities(self.network, row);
        let (class, probability) = best(&probabilities);
        let mut fields = vec![
            path.display().to_string(),
            class.to_string(),
            self.name(class).unwrap_or_default().to_owned(),
            probability.to_string(),
        ];
        if self.args.all {
            fields.extend(probabilities.iter().map(ToString::to_string));
        }
        fields
    }

    fn name(&self, class: usize) -> Option<&str> {
        self.names.get(class).map(String::as_str)
    }

    /// Lists what could not be read; too many of them, or none besides, is a failure.
    fn judge(&self, unreadable: &[Unreadable]) -> Outcome {
        if unreadable.is_empty() {
            return Ok(());
        }
        let (count, total) = (unreadable.len(), self.files.len());
        let message = format!(
            "{count} of {total} pictures in {} cannot be read",
            self.args.input.display()
        );
        let list = listed(unreadable);
        if count < total && count <= tolerated(total) {
            terminal::say(&format!("warning: {message} and are left out:"));
            for line in list {
                terminal::say(&format!("  {line}"));
            }
            return Ok(());
        }
        Err(Failure::message(message).with_help(list.join("\n")))
    }
}

/// Records as text.
fn text_of(records: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<String, Failure> {
    let failed = |cause: &dyn std::fmt::Display| Failure::message(format!("cannot write the table: {cause}"));
    let mut csv = csv::Writer::from_writer(Vec::new());
    records(&mut csv).map_err(|error| failed(&error))?;
    let bytes = csv.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
