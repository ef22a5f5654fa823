//! What is wanted of a folder of pictures, and what is known of its data set besides the samples.

use super::layout::Others;
use super::unreadable::{Unreadable, listed};
use crate::data::ends::Ends;
use crate::data::kept::keeping::Keeping;
use crate::data::picture::Reading;
use crate::data::words::thousands;
use compiler::shape::Shape;

/// What the pictures of a folder are to become.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// The shape of a sample: what the network takes.
    pub shape: &'a Shape,
    /// The inputs and outputs of a network that has several; its data are an archive of arrays.
    pub ends: Option<Ends>,
    /// Where the order of the training samples starts.
    pub seed: u64,
    /// Where samples are kept that are too large for memory.
    pub keeping: Keeping,
    /// Called for every picture that has been read, with the number of all; from any thread.
    pub watch: &'a (dyn Fn(usize) + Sync),
}

/// What is known of a data set because it was read from pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// How each became a sample.
    pub reading: Reading,
    /// The sha256, in hex, of the classes' names and of every picture's label and file, in the order of their paths. The
    /// seed has no part in it.
    pub sha256: String,
    /// Files of other kinds, which were left out, counted by the endings of their names.
    pub others: Others,
    /// Pictures that could not be read and were left out.
    pub unreadable: Vec<Unreadable>,
    /// How many pictures there are, those included.
    pub total: usize,
}

impl Pictures {
    /// What was left out, in lines for people; no more than a dozen.
    pub fn warnings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(left_out(&self.others, "of a class"));
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

/// What lies beside pictures, in a line, if there is any; `of_what`: what pictures are looked for.
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
