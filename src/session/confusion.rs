//! How often each class was taken for which.

use compiler::numbers::thousands;

/// The most classes that a matrix is made for: with more, a cell would be smaller than a pixel.
pub const MOST: usize = 1000;

/// How many samples of each true class were predicted as which class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// The names of the classes.
    pub names: Vec<String>,
    /// The counts, row by row: a row for each true class, a column for each predicted one.
    counts: Vec<usize>,
}

impl Confusion {
    /// Counts pairs of (true, predicted) classes; classes without a name are called by their numbers. `None` where there are more
    /// than [`MOST`] classes.
    pub fn of(mut names: Vec<String>, pairs: impl IntoIterator<Item = (u32, u32)>) -> Option<Self> {
        let pairs: Vec<(usize, usize)> = pairs
            .into_iter()
            .map(|(label, predicted)| (label as usize, predicted as usize))
            .collect();
        let most = pairs.iter().map(|&(label, predicted)| label.max(predicted) + 1).max();
        if names.len().max(most.unwrap_or(0)) > MOST {
            return None;
        }
        for class in names.len()..most.unwrap_or(0) {
            names.push(class.to_string());
        }
        let mut counts = vec![0; names.len() * names.len()];
        for (label, predicted) in pairs {
            counts[label * names.len() + predicted] += 1;
        }
        Some(Self { names, counts })
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// How many samples of the class `label` were predicted as the class `predicted`.
    pub fn count(&self, label: usize, predicted: usize) -> usize {
        self.counts
            .get(label * self.classes() + predicted)
            .copied()
            .unwrap_or(0)
    }

    /// How many samples are of the class `label`.
    pub fn samples_of(&self, label: usize) -> usize {
        (0..self.classes()).map(|predicted| self.count(label, predicted)).sum()
    }

    /// The wrong pairs (true, predicted, count), the most frequent first.
    pub fn frequent_errors(&self) -> Vec<(usize, usize, usize)> {
        let classes = 0..self.classes();
        let pairs = classes
            .clone()
            .flat_map(|label| classes.clone().map(move |predicted| (label, predicted)));
        let mut errors: Vec<_> = pairs
            .filter(|(label, predicted)| label != predicted)
            .map(|(label, predicted)| (label, predicted, self.count(label, predicted)))
            .filter(|(_, _, count)| *count > 0)
            .collect();
        errors.sort_by_key(|&(_, _, count)| std::cmp::Reverse(count));
        errors
    }

    /// How many samples there are altogether.
    pub fn samples(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many samples were predicted correctly.
    pub fn right(&self) -> usize {
        (0..self.classes()).map(|class| self.count(class, class)).sum()
    }

    /// The share of a class's samples that was predicted as that class; `None` without samples.
    pub fn recall(&self, class: usize) -> Option<f64> {
        share(self.count(class, class), self.samples_of(class))
    }

    /// The share of what was predicted as a class that is of that class; `None` where nothing was.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let taken = (0..self.classes()).map(|label| self.count(label, class)).sum();
        share(self.count(class, class), taken)
    }

    /// The accuracy in words: `1,940 of 2,000 right: 97.0 %`.
    pub fn accuracy(&self) -> String {
        let (right, samples) = (self.right(), self.samples());
        let share = percent(share(right, samples), 1);
        format!("{} of {} right: {share}", thousands(right), thousands(samples))
    }
}

/// A part of a whole, from 0 to 1; `None` where the whole is 0.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A share as a percentage, such as `97.0 %`; a dash for `None`.
pub fn percent(share: Option<f64>, decimals: usize) -> String {
    share.map_or_else(
        || "\u{2013}".to_owned(),
        |share| format!("{:.decimals$} %", share * 100.0),
    )
}
