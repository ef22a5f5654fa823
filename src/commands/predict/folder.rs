//! Predictions for all pictures of a folder, as a table in CSV.

use crate::cli::predict::PredictArgs;
use crate::commands::console::Console;
use crate::commands::{Failure, Outcome};
use crate::render::terminal;
use cnnc::session::predict::Predictor;
use cnnc::session::predict::folder::{Folder, Prediction};
use runtime::data::folder::Unreadable;
use runtime::files::write_atomically;
use std::io::{self, IsTerminal, Write};

/// Writes the table to the file that was named, whole or not at all, or else to standard output, batch by batch.
pub fn run(args: &PredictArgs, predictor: &mut Predictor<'_>, console: &Console) -> Outcome {
    let folder = Folder::list(predictor, &args.input, console)?;
    predictor.ready()?;
    let table = Table {
        folder: &folder,
        names: predictor.names().to_vec(),
        all: args.all,
    };
    let Some(path) = &args.output else {
        // On a terminal the rows stand where the bar would.
        let shown = Console::new(io::stdout().is_terminal());
        let unreadable = table.write(predictor, &shown, &mut terminal::print)?;
        return Ok(folder.tolerate(&unreadable, console)?);
    };
    let mut outcome = Err(Failure::Reported);
    write_atomically(path, |out: &mut dyn Write| {
        outcome = table.write(predictor, console, &mut |text| {
            out.write_all(text.as_bytes())
                .map_err(|error| Failure::file("write", path, &error))
        });
        match &outcome {
            // A table without a line would only hide what went wrong.
            Ok(unreadable) if unreadable.len() < folder.len() => Ok(()),
            Ok(_) | Err(_) => Err(io::Error::other("no table was made")),
        }
    })
    .or_else(|error| match &outcome {
        Ok(unreadable) if unreadable.len() < folder.len() => Err(Failure::from(error)),
        // What went wrong is in the outcome.
        Ok(_) | Err(_) => Ok(()),
    })?;
    let unreadable = outcome?;
    if unreadable.len() < folder.len() {
        terminal::say(&format!("wrote {}", path.display()));
    }
    Ok(folder.tolerate(&unreadable, console)?)
}

/// What the table of predictions has.
struct Table<'a> {
    folder: &'a Folder,
    /// The names of the classes, as far as they are known.
    names: Vec<String>,
    /// Whether it has a column for the probability of each class.
    all: bool,
}

impl Table<'_> {
    /// Writes the heads of the columns, then the rows, batch by batch; returns the pictures that could not be read.
    fn write(
        &self,
        predictor: &mut Predictor<'_>,
        console: &Console,
        write: &mut dyn FnMut(&str) -> Outcome,
    ) -> Result<Vec<Unreadable>, Failure> {
        write(&text_of(|csv| csv.write_record(self.columns()))?)?;
        self.folder.predict(predictor, console, &mut |predictions| {
            write(&text_of(|csv| {
                for prediction in predictions {
                    csv.write_record(self.fields(prediction))?;
                }
                Ok(())
            })?)
        })
    }

    fn columns(&self) -> Vec<String> {
        let mut columns = ["path", "class", "name", "probability"].map(str::to_owned).to_vec();
        if self.all {
            let classes = 0..self.folder.classes();
            columns.extend(classes.map(|class| format!("p_{}", self.name(class).unwrap_or(&class.to_string()))));
        }
        columns
    }

    fn fields(&self, prediction: &Prediction<'_>) -> Vec<String> {
        let mut fields = vec![
            prediction.path.display().to_string(),
            prediction.class.map_or_else(String::new, |class| class.to_string()),
            prediction
                .class
                .and_then(|class| self.name(class))
                .unwrap_or_default()
                .to_owned(),
            prediction.probability.to_string(),
        ];
        if self.all {
            fields.extend(prediction.probabilities.iter().map(ToString::to_string));
        }
        fields
    }

    fn name(&self, class: usize) -> Option<&str> {
        self.names.get(class).map(String::as_str)
    }
}

/// The CSV text of the records that `records` writes.
fn text_of(records: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<String, Failure> {
    let failed = |cause: &dyn std::fmt::Display| Failure::message(format!("cannot write the table: {cause}"));
    let mut csv = csv::Writer::from_writer(Vec::new());
    records(&mut csv).map_err(|error| failed(&error))?;
    let bytes = csv.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
