//! How the sums of a variable's gradient are divided into partial sums, which the optimizer adds in order.

use crate::launch::launcher::Launcher;

/// The least number of quads that a batch is taken to have, which are 1,024 samples in eight parts: up to it, a
/// kernel is the same for every batch.
const QUADS: usize = 32;

/// The largest number of turns that all loops of an invocation may take together: Mesa's software Vulkan ends them after 65,535.
const TURNS: usize = 65_535;

/// The parts that a sum is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Splits {
    /// Parts of the output's rows.
    pub rows: usize,
    /// Parts of the batch's quads.
    pub quads: usize,
    /// The turns that the loops of one part take.
    pub turns: usize,
}

impl Splits {
    /// Divides `units` sums; `turns` is how many turns the loops take for a row of one quad.
    pub fn of(launcher: &Launcher<'_>, units: usize, rows: usize, turns: usize) -> Self {
        let tiling = &launcher.tiling;
        Self::reckoned(
            tiling.split_quads.max(1),
            tiling.dkernel_invocations,
            launcher.quads,
            (units, rows, turns),
        )
    }

    fn reckoned(split_quads: usize, invocations: usize, batch: usize, sums: (usize, usize, usize)) -> Self {
        let (units, rows, turns) = sums;
        let wanted = invocations.div_ceil((units * split_quads).max(1));
        // Whole rows are dealt out, as many to a part as it may take.
        let fit = TURNS / (turns * batch.div_ceil(split_quads).max(QUADS)).max(1);
        let needed = rows.div_ceil(fit.max(1));
        let parts = wanted.max(needed).clamp(1, rows.max(1));
        // Where a part is still too long, the batch is divided further.
        let longest = rows.div_ceil(parts) * turns;
        let most = (TURNS / longest.max(1)).max(1);
        let quads = split_quads.max(batch.div_ceil(most));
        Self {
            rows: parts,
            quads,
            turns: longest * batch.div_ceil(quads),
        }
    }

    /// The number of parts, of rows times quads.
    pub const fn parts(self) -> usize {
        self.rows * self.quads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_takes_more_turns_than_a_driver_allows_however_large_the_batch() {
        for batch in [1, 8, 256, 1024, 16_384, 262_144] {
            for rows in [1, 7, 600, 360_000] {
                for turns in [5, 640, 20_000] {
                    let splits = Splits::reckoned(8, 4096, batch, (3, rows, turns));
                    assert!(splits.turns <= TURNS, "{batch} {rows} {turns}: {splits:?}");
                    assert!(splits.rows <= rows && splits.quads <= batch.max(8), "{splits:?}");
                }
            }
        }
    }

    #[test]
    fn up_to_1024_samples_a_kernel_is_the_same() {
        let of = |batch| Splits::reckoned(8, 4096, batch, (3, 600, 640));
        let first = of(1);
        for batch in [2, 100, 256] {
            assert_eq!((of(batch).rows, of(batch).quads), (first.rows, first.quads));
        }
        assert!(of(4096).parts() > first.parts());
    }
}
