//! `cnnc data list`: which data sets are on this machine.

use crate::commands::Outcome;
use crate::render::table::{Align, table};
use crate::render::terminal;
use compiler::training::data::{DataName, KnownData};
use runtime::data;
use runtime::error::RuntimeError;
use std::path::Path;

/// Lists the data sets. They are read, so that those listed as present are known to be whole.
pub fn run() -> Outcome {
    let cache = data::cache_folder();
    let rows = KnownData::ALL.map(|known| {
        let origin = match data::load(&DataName::Known(known), Path::new(""), cache.as_deref()) {
            Ok(dataset) => dataset.origin,
            Err(RuntimeError::NotHere { looked_in, .. }) => {
                let folders: Vec<String> = looked_in.iter().map(|folder| folder.display().to_string()).collect();
                let fetch = format!("`cnnc data fetch {}` gets it", known.name());
                if folders.is_empty() {
                    format!("not here; {fetch}")
                } else {
                    format!("not here: no such files in {}; {fetch}", folders.join(", "))
                }
            }
            Err(error) => format!("damaged: {error}; `cnnc data fetch {}` gets it again", known.name()),
        };
        let shape = known.shape().to_string();
        [known.name().to_owned(), shape, known.classes().to_string(), origin]
    });
    let heads = [
        ("name", Align::Left),
        ("pictures", Align::Left),
        ("classes", Align::Right),
        ("training + test samples", Align::Left),
    ];
    terminal::print(&table(heads, &rows, terminal::table_columns()))
}
