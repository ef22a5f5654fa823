//! How the sums of a variable's gradient are cut into partial sums, which the optimizer adds in order.

use crate::launch::tiling::Tiling;

/// Quads of a part that are reckoned with where the batch is not known: 1,024 samples in eight parts.
const QUADS: usize = 32;

/// The turns that all loops of an invocation together may take: Mesa's software Vulkan ends them after 65,535.
const TURNS: usize = 65_535;

/// Into how many parts rows and samples are cut. `units`: how many sums there are; `turns`: what a row of one quad takes.
pub(super) fn splits(tiling: &Tiling, units: usize, rows: usize, turns: usize) -> (usize, usize) {
    let quads = tiling.split_quads.max(1);
    let wanted = tiling.dkernel_invocations.div_ceil((units * quads).max(1));
    let needed = (rows * turns * QUADS).div_ceil(TURNS);
    (wanted.max(needed).clamp(1, rows.max(1)), quads)
}
