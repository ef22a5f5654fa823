//! A check that never fails proves nothing: a test asks for a wrong value.

use compiler::ops::Op;

/// A wrong value on purpose, for tests: what the operation that `CNNC_TEST_WRONG_KERNEL` names makes is off by a tenth of
/// a per cent at its first element. A release build has none of this.
#[cfg(debug_assertions)]
pub(super) fn spoil(op: &Op, values: &mut [f64]) {
    let wrong = std::env::var("CNNC_TEST_WRONG_KERNEL");
    if wrong.is_ok_and(|name| name == crate::reference::name(op)) {
        let scale = values.iter().fold(1e-6_f64, |largest, value| largest.max(value.abs()));
        values.iter_mut().take(1).for_each(|value| *value += scale / 1000.0);
    }
}

/// A release build spoils nothing.
#[cfg(not(debug_assertions))]
pub(super) const fn spoil(_: &Op, _: &mut [f64]) {}
