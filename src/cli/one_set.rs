//! The name of a data set as an argument.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use compiler::training::data::KnownData;

/// A data set with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneSet(KnownData);

impl OneSet {
    pub const MNIST: Self = Self(KnownData::Mnist);
    pub const FASHION_MNIST: Self = Self(KnownData::FashionMnist);
    pub const CIFAR10: Self = Self(KnownData::Cifar10);
    pub const CIFAR100: Self = Self(KnownData::Cifar100);

    /// The set that the name stands for.
    pub fn known(&self) -> &KnownData {
        &self.0
    }
}

impl ValueEnum for OneSet {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::MNIST, Self::FASHION_MNIST, Self::CIFAR10, Self::CIFAR100]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}
