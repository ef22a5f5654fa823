//! What losses of overlaps share: the axes that they sum over.

use super::objective::{Ending, Place};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::ops::{Overlap, Overlapping};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// The axes that sums are taken over, a bit for each; 0 is the axis of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Axes {
    /// Axes that the description counts from the first, 0.
    from_first: u8,
    /// Axes that the description counts from the last, -1.
    from_last: u8,
}

/// The largest number of axes of an output, with that of the batch.
const MOST: i64 = 8;
const LEAST: i64 = -MOST;

pub(super) const AXIS: Argument = Argument::optional(
    "axis",
    ArgumentKind::IntegerOrIntegers,
    Literal::None,
    "axes that are summed over, of which 0 is the batch: (1, 2, 3) of a map, or (1, 2) of each channel by itself; None means all",
);

impl Axes {
    /// All axes, so that a whole batch has one sum, as is Keras's default.
    pub(super) const ALL: Self = Self {
        from_first: u8::MAX,
        from_last: u8::MAX,
    };

    /// Reads the axes of the argument `axis`.
    pub(super) fn read(given: &mut Arguments<'_>) -> Option<Self> {
        given.read("axis", |argument, value, diagnostics| {
            let items = match &value.kind {
                ValueKind::None => return Some(Self::ALL),
                ValueKind::Tuple(items) | ValueKind::List(items) if !items.is_empty() => items.as_slice(),
                ValueKind::Integer(_) => std::slice::from_ref(value),
                ValueKind::String(_)
                | ValueKind::Float(_)
                | ValueKind::Bool(_)
                | ValueKind::Name(_)
                | ValueKind::Tuple(_)
                | ValueKind::List(_)
                | ValueKind::Call(_)
                | ValueKind::Dictionary(_)
                | ValueKind::Arithmetic(_) => {
                    diagnostics.push(values::wrong_type(argument, value));
                    return None;
                }
            };
            let mut axes = Self {
                from_first: 0,
                from_last: 0,
            };
            for item in items {
                axes.add(argument, item, diagnostics)?;
            }
            Some(axes)
        })
    }

    fn add(&mut self, argument: &Argument, item: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
        let ValueKind::Integer(axis) = item.kind else {
            diagnostics.push(values::wrong_type(argument, item));
            return None;
        };
        match axis {
            0..MOST => self.from_first |= 1_u8 << axis,
            LEAST..0 => self.from_last |= 1_u8 << (-1 - axis),
            _ => {
                diagnostics.push(values::out_of_range(argument, item, "an axis of the output", axis));
                return None;
            }
        }
        Some(())
    }

    /// The axes of an output of that rank, to which the batch's axis is added; a bit for each.
    fn of(self, rank: usize) -> u16 {
        let last = (0..=rank.min(7)).filter(|place| self.from_last >> place & 1 == 1);
        last.fold(u16::from(self.from_first), |axes, place| axes | 1_u16 << (rank - place))
    }

    /// Whether each channel has its own sum, and whether sums go over all samples of a batch. None for axes that are
    /// not supported.
    fn sets(self, rank: usize) -> Option<(bool, bool)> {
        let own = |last: usize| (1..=last).fold(0_u16, |axes, axis| axes | 1_u16 << axis);
        if self == Self::ALL {
            return Some((false, true));
        }
        if rank == 0 || rank >= MOST as usize {
            return None;
        }
        let axes = self.of(rank);
        let joint = axes & 1 == 1;
        if axes >> 1 == own(rank) >> 1 {
            Some((false, joint))
        } else if axes >> 1 == own(rank - 1) >> 1 && (rank > 1 || joint) {
            Some((true, joint))
        } else {
            None
        }
    }

    /// The loss with these axes, for an output of that rank.
    pub(super) fn overlapping(self, overlap: Overlap, rank: usize) -> Overlapping {
        let (of_channels, joint) = self.sets(rank).unwrap_or((false, true));
        Overlapping {
            overlap,
            of_channels,
            joint,
        }
    }

    /// The axes as a description would give them.
    pub(super) fn printed(self) -> String {
        if self == Self::ALL {
            return "None".to_owned();
        }
        let first = (0..MOST).filter(|axis| self.from_first >> axis & 1 == 1);
        let last = (0..MOST).filter(|place| self.from_last >> place & 1 == 1);
        let axes: Vec<String> = first
            .chain(last.map(|place| -1 - place))
            .map(|axis| axis.to_string())
            .collect();
        format!("[{}]", axes.join(", "))
    }

    /// Reports axes that are not supported.
    pub(super) fn check(self, class: &str, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        let rank = ending.shape.rank();
        if self.sets(rank).is_some() {
            return;
        }
        let all: Vec<String> = (1..=rank).map(|axis| axis.to_string()).collect();
        let all = if rank == 1 {
            "1".to_owned()
        } else {
            format!("({})", all.join(", "))
        };
        diagnostics.push(
            Diagnostic::error("E0446", format!("these axes of {class} are not supported"))
                .at(place.loss, "sums over some axes of a sample")
                .because(ending.span, format!("gives {}", ending.shape))
                .help(format!(
                    "axis={all} sums over each sample, axis=None over the whole batch"
                )),
        );
    }
}
