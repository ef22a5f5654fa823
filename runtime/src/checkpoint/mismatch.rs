//! How the variables of a file differ from a network's.

use std::collections::BTreeMap;
use std::fmt;

/// The variables in which a file of weights differs from what a network needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableMismatch {
    /// The network's variables that the file lacks: name and shape.
    pub missing: Vec<(String, Vec<usize>)>,
    /// The file's variables that the network lacks: name and shape.
    pub surplus: Vec<(String, Vec<usize>)>,
    /// The variables that have another shape: name, the network's shape, the file's.
    pub differing: Vec<(String, Vec<usize>, Vec<usize>)>,
}

impl VariableMismatch {
    /// The differences between the names and shapes that were found and those that are expected; `None` where there are none.
    pub(super) fn of(found: &BTreeMap<String, Vec<usize>>, expected: &[(String, Vec<usize>)]) -> Option<Self> {
        let mut mismatch = Self {
            missing: Vec::new(),
            surplus: Vec::new(),
            differing: Vec::new(),
        };
        let mut rest = found.clone();
        for (name, shape) in expected {
            match rest.remove(name) {
                Some(found) if found == *shape => {}
                Some(found) => mismatch.differing.push((name.clone(), shape.clone(), found)),
                None => mismatch.missing.push((name.clone(), shape.clone())),
            }
        }
        mismatch.surplus = rest.into_iter().collect();
        let Self {
            missing,
            surplus,
            differing,
        } = &mismatch;
        let same = missing.is_empty() && surplus.is_empty() && differing.is_empty();
        (!same).then_some(mismatch)
    }
}

/// A line for each variable.
impl fmt::Display for VariableMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the weights are of another network")?;
        for (name, network, file) in &self.differing {
            write!(f, "\n  {name} has the shape {file:?}, the network needs {network:?}")?;
        }
        for (name, shape) in &self.missing {
            write!(f, "\n  {name} {shape:?} is missing")?;
        }
        for (name, shape) in &self.surplus {
            write!(f, "\n  {name} {shape:?} is not in the network")?;
        }
        Ok(())
    }
}
