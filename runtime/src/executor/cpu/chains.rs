//! Tasks in a row that work on each map by itself are done map by map: what one has made is still in the cache when the next
//! takes it. Normalization, activation, depthwise convolution and their gradients touch many maps, each of little arithmetic,
//! and would else wait for memory.
//!
//! It changes the order in which items are done, and no result. A worker that has a block to itself does so; where several
//! share a block, they wait for each other behind every task, as before.

use super::task::{Chain, Items, Task, Touched};
use std::ops::Range;

/// Rows that the maps of a chain may take that are worked on together, 256 KiB: they stay in the second-level cache.
const ROWS: usize = 4096;

/// Cuts tasks into chains; `phases`: where they may not go on. A chain's tasks have the same number of maps; and memory that one of
/// them writes and another touches is cut into maps at the same places in both, so that no map is overwritten before its turn.
pub fn chains(tasks: &[Task], phases: impl Iterator<Item = Range<usize>>) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for phase in phases {
        let mut start = phase.start;
        for end in phase.start + 1..=phase.end {
            if end < phase.end && follows(&tasks[start..end], &tasks[end]) {
                continue;
            }
            let maps = tasks[start].maps.filter(|_| end - start > 1);
            let together = maps.map_or(1, |maps| together(&tasks[start..end], maps));
            chains.push(Chain {
                tasks: start..end,
                maps,
                together,
            });
            start = end;
        }
    }
    chains
}

fn follows(chain: &[Task], next: &Task) -> bool {
    let apart = |one: &Touched, other: &Touched| {
        let overlap = one.rows.start < other.rows.end && other.rows.start < one.rows.end;
        !overlap || one.rows == other.rows || !(one.writes || other.writes)
    };
    chain.iter().all(|task| {
        task.maps.is_some()
            && task.maps == next.maps
            && (task.touched.iter()).all(|one| next.touched.iter().all(|other| apart(one, other)))
    })
}

/// As many maps as fit into the cache with all that the tasks touch of them.
fn together(tasks: &[Task], maps: Items) -> usize {
    let mut rows: Vec<&Range<usize>> = tasks
        .iter()
        .flat_map(|task| &task.touched)
        .map(|one| &one.rows)
        .collect();
    rows.sort_by_key(|rows| (rows.start, rows.end));
    rows.dedup();
    let rows: usize = rows.iter().map(|rows| rows.len()).sum();
    (ROWS * maps.all() / rows.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::run::Share;
    use super::super::task::{Cost, Job, Work};
    use super::*;

    struct Nothing;

    impl Work for Nothing {
        fn run(&self, _: Share<'_>) {}
    }

    fn task(maps: Option<usize>, touched: &[(Range<usize>, bool)]) -> Task {
        let touched = touched.iter().map(|(rows, writes)| Touched {
            rows: rows.clone(),
            writes: *writes,
        });
        Task {
            operation: 0,
            job: Job::Apart(Box::new(Nothing)),
            items: Items::Block(8),
            maps: maps.map(Items::Block),
            touched: touched.collect(),
            once: false,
            adds: false,
            cycles: Cost::Block(1),
        }
    }

    /// The chains of tasks whose phases end before these.
    fn cut(tasks: &[Task], ends: &[usize]) -> Vec<Range<usize>> {
        let starts = std::iter::once(&0).chain(ends);
        let chains = chains(tasks, starts.zip(ends).map(|(&start, &end)| start..end));
        chains.into_iter().map(|chain| chain.tasks).collect()
    }

    #[test]
    fn tasks_with_the_same_maps_are_a_chain() {
        let tasks = [
            task(Some(8), &[(0..80, false), (80..160, true)]),
            task(Some(8), &[(80..160, false), (160..176, true)]),
            // In place of what the first one took, cut at the same places.
            task(Some(8), &[(160..176, false), (0..80, true)]),
            task(Some(4), &[(0..80, false), (200..280, true)]),
            task(None, &[]),
            task(None, &[]),
        ];
        assert_eq!(cut(&tasks, &[6]), [0..3, 3..4, 4..5, 5..6]);
        assert_eq!(cut(&tasks, &[1, 6]), [0..1, 1..3, 3..4, 4..5, 5..6]);
    }

    #[test]
    fn no_map_is_overwritten_before_its_turn() {
        let first = || task(Some(8), &[(0..80, false), (80..160, true)]);
        // A part of what the first one takes: its later maps would be gone.
        let over = task(Some(8), &[(80..160, false), (0..40, true)]);
        assert_eq!(cut(&[first(), over], &[2]), [0..1, 1..2]);
        // What both only read may overlap.
        let beside = task(Some(8), &[(0..40, false), (160..240, true)]);
        assert_eq!(cut(&[first(), beside], &[2]).len(), 1);
    }

    #[test]
    fn maps_that_fit_are_worked_on_together() {
        let chain = |rows: usize| {
            let tasks = [
                task(Some(8), &[(0..rows, false), (rows..2 * rows, true)]),
                task(Some(8), &[(rows..2 * rows, false), (2 * rows..3 * rows, true)]),
            ];
            chains(&tasks, std::iter::once(0..2))[0].together
        };
        assert_eq!(chain(ROWS / 3), 8);
        assert_eq!(chain(8 * ROWS), 1);
    }
}
