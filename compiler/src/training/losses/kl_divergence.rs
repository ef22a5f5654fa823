//! `KLDivergence`: how far one distribution is from another. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `sum y log(y / x)` over the outputs x with targets y, both clipped to 1e-7..1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KLDivergence {}

impl Objective for KLDivergence {
    const SIGNATURE: &'static Signature = &Signature {
        name: "KLDivergence",
        aliases: &[],
        doc: "The sum of target times log(target / output) over the outputs, both clipped to 1e-7..1",
        parameters: &[common::REDUCTION, common::name("kl_divergence"), common::DTYPE],
        keywords: &[],
    };

    const NAME: &'static str = "kl_divergence";

    const ALIASES: &'static [&'static str] = &["kld", "KLD"];

    fn by_name() -> Self {
        Self {}
    }

    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {})
    }

    fn targets(&self) -> Targets {
        Targets::Shares
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        common::several(ending, place, diagnostics);
    }

    fn criterion(&self, _: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::KlDivergence)
    }

    fn printed(&self) -> String {
        "KLDivergence()".to_owned()
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        vec![format!(
            "The loss is the sum, over {outputs} outputs, of what each should be times the logarithm of what it should be over what \
             it is: 0 where both distributions are the same."
        )]
    }
}
