//! What is asked for of a folder of pictures, and what is known of its data set besides the samples.

use super::layout::Others;
use super::unreadable::{Unreadable, listed};
use crate::data::ends::Ends;
use crate::data::kept::keeping::Keeping;
use crate::data::picture::Reading;
use crate::data::words::{some_names, thousands};
use compiler::shape::Shape;

/// What is asked for of a data set.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// The shape of a sample, as the network takes it.
    pub shape: &'a Shape,
    /// The inputs and outputs of a network with several of them, whose data are an archive of arrays.
    pub ends: Option<Ends>,
    /// The seed of the order of the training samples.
    pub seed: u64,
    /// Where samples that are too large for memory are kept.
    pub keeping: Keeping,
    /// Called for every picture that has been read, with the number of all pictures; from any thread.
    pub watch: &'a (dyn Fn(usize) + Sync),
}

/// What is known of a data set because it was read from pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// How the pictures became samples.
    pub reading: Reading,
    /// The SHA-256, in hex, of the names of the classes and of every picture's label and file, in the order of their paths. It
    /// does not depend on the seed.
    pub sha256: String,
    /// The files of other kinds that were left out: how many, by extension.
    pub others: Others,
    /// The folders that lie in every class's folder, if all pictures lie in them.
    pub alike: Vec<String>,
    /// The pictures that were left out because they could not be read.
    pub unreadable: Vec<Unreadable>,
    /// How many pictures there are, including those.
    pub total: usize,
}

impl Pictures {
    /// What was left out, in at most a dozen lines for people.
    pub fn warnings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(left_out(&self.others, "of a class"));
        if !self.alike.is_empty() {
            lines.push(format!(
                "warning: all classes have the same folders ({}): if those are the classes, call the folders around them train, val and test",
                some_names(&self.alike)
            ));
        }
        if !self.unreadable.is_empty() {
            let (count, total) = (thousands(self.unreadable.len()), thousands(self.total));
            lines.push(format!(
                "warning: {count} of {total} pictures cannot be read and are left out:"
            ));
            lines.extend(listed(&self.unreadable).into_iter().map(|line| format!("  {line}")));
        }
        lines
    }
}

/// A line about files that are not pictures, if there are any; `of_what` says which pictures are looked for.
pub fn left_out(others: &Others, of_what: &str) -> Option<String> {
    let count: usize = others.values().sum();
    let kinds: Vec<String> = others.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let what = if count == 1 {
        "file that is no picture"
    } else {
        "files that are no pictures"
    };
    let line = format!("left out {} {what} {of_what}: {}", thousands(count), kinds.join(", "));
    (count > 0).then(|| line.replace(char::is_control, "\u{fffd}"))
}
