//! `NonNeg`: keras/src/constraints/constraints.py.

use super::limit::{Constraining, Limit};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use serde::Serialize;

/// `NonNeg`: numbers below 0 become 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NonNeg {}

impl Constraining for NonNeg {
    const SIGNATURE: &'static Signature = &Signature {
        name: "NonNeg",
        aliases: &["non_neg"],
        doc: "What is below 0 becomes 0",
        parameters: &[],
        keywords: &[],
    };

    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {})
    }

    fn limit(&self) -> Limit {
        Limit::NonNegative
    }

    fn axes(&self) -> &[i64] {
        &[]
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
