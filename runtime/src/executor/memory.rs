//! What an executor remembers between two steps.

use std::borrow::Cow;

/// The parameters and the state of the optimizer, copied or lent by an executor.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory<'a> {
    /// All parameters, laid out flat as `Plan::parameters` says.
    pub parameters: Cow<'a, [f32]>,
    /// The optimizer's slots, in the order of `Optimizer::kept`, each in the layout of the parameters.
    pub slots: Vec<Cow<'a, [f32]>>,
}

/// Slots as an executor takes them.
pub fn slices<S: AsRef<[f32]>>(slots: &[S]) -> Vec<&[f32]> {
    slots.iter().map(AsRef::as_ref).collect()
}

impl Memory<'_> {
    /// Copies that somebody made.
    pub fn owned(parameters: Vec<f32>, slots: Vec<Vec<f32>>) -> Self {
        Self {
            parameters: Cow::Owned(parameters),
            slots: slots.into_iter().map(Cow::Owned).collect(),
        }
    }

    /// The same, with what is lent copied.
    pub fn into_owned(self) -> Memory<'static> {
        let slots = self.slots.into_iter();
        Memory {
            parameters: Cow::Owned(self.parameters.into_owned()),
            slots: slots.map(|slot| Cow::Owned(slot.into_owned())).collect(),
        }
    }
}
