//! What outputs are compared with, as a tensor: values of the data set or the samples themselves, moved as the layers at the
//! front of the network move pictures, and mixed as they mix samples.

use crate::network::CheckedNetwork;
use crate::ops::{Affine, FillMode, Mix, Op, Sampling, Target};
use crate::plan::builder::{Builder, Site};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::training::fit::TargetSource;

/// The source of the values that outputs are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// One class number or one row of values for each sample, from the data set.
    Labels,
    /// Values for each place of a sample, from the data set, moved as pictures are. Classes have no mean, so that a
    /// place between pixels takes the nearest one.
    Places {
        /// Whether the values are classes, or others that have no mean.
        whole: bool,
    },
    /// The samples themselves, as they enter the network.
    Samples,
    /// The samples as they leave the layers that a generator's description or `scale` became; the index is the last layer's.
    Front(usize),
}

impl Compared {
    /// Decides from what `fit` and the loader of a network say.
    pub(super) fn of(checked: &CheckedNetwork) -> Self {
        let fit = &checked.network().fit;
        let loading = fit.loading.as_deref();
        match fit.targets {
            TargetSource::Input => {
                let whole = loading.is_none_or(|loading| loading.train.is_own_target);
                match if whole { fit.front().len() } else { 0 } {
                    0 => Self::Samples,
                    last => Self::Front(last),
                }
            }
            TargetSource::Labels if checked.output_shape().as_map().is_some() => {
                let masks = loading.and_then(|loading| loading.train.masks.as_ref());
                Self::Places {
                    whole: masks.is_none_or(|masks| masks.mode.is_whole()),
                }
            }
            TargetSource::Labels => Self::Labels,
        }
    }

    /// Adds the operations that make the tensor for the output of `site`, and returns it. `builder` has the
    /// operations of all layers; `beside_numbers` says that the loss takes class numbers as they are, and others need
    /// values.
    pub(super) fn tensor(self, site: &Site, beside_numbers: bool, builder: &mut Builder) -> TensorId {
        let changes = changes(builder);
        match self {
            Self::Labels => {
                let target = loaded(&site.shape, beside_numbers, builder);
                mixed(target, builder)
            }
            Self::Places { whole } => {
                let (channels, shape) = (site.shape.channels(), &site.shape);
                let first = changes.iter().find_map(|change| match change {
                    Change::Moved(affine) => Some(affine.from),
                    Change::Mixed(_) => None,
                });
                let shape = match first {
                    Some((height, width)) => Shape::map(height, width, channels),
                    None => shape.clone(),
                };
                let target = loaded(&shape, beside_numbers, builder);
                let sampling = |of: Sampling| Sampling {
                    bilinear: of.bilinear && !whole,
                    fill_value: 0.0,
                    fill_mode: match of.fill_mode {
                        // Exactly one of several classes is right everywhere: beyond the edges it is that of the nearest pixel.
                        FillMode::Constant if whole && channels > 1 => FillMode::Nearest,
                        mode @ (FillMode::Constant | FillMode::Nearest | FillMode::Reflect | FillMode::Wrap) => mode,
                    },
                };
                changed(target, &changes, &sampling, builder)
            }
            Self::Samples => changed(builder.output_of(0), &changes, &|of| of, builder),
            Self::Front(last) => {
                let mixes = changes.into_iter().filter(|change| matches!(change, Change::Mixed(_)));
                changed(builder.output_of(last), &mixes.collect::<Vec<_>>(), &|of| of, builder)
            }
        }
    }
}

fn loaded(shape: &Shape, beside_numbers: bool, builder: &mut Builder) -> TensorId {
    let output = builder.shaped("target", shape);
    builder.push("loss", Target { output, beside_numbers });
    output
}

/// What a layer makes of the samples that what outputs are compared with takes part in.
enum Change {
    Moved(Affine),
    Mixed(Mix),
}

/// What the layers do, in their order.
fn changes(builder: &Builder) -> Vec<Change> {
    let change = |op: &Op| {
        if let Op::Affine(affine) = op {
            Some(Change::Moved(affine.clone()))
        } else if let Op::Mix(mix) = op {
            Some(Change::Mixed(mix.clone()))
        } else {
            None
        }
    };
    builder.operations().filter_map(change).collect()
}

/// Moves and mixes a target as the pictures were, by the same numbers.
fn changed(
    target: TensorId,
    changes: &[Change],
    sampling: &dyn Fn(Sampling) -> Sampling,
    builder: &mut Builder,
) -> TensorId {
    let (channels, _) = builder.sizes(target);
    changes.iter().fold(target, |input, change| match change {
        Change::Moved(pictures) => {
            let output = builder.shaped("target.moved", &Shape::map(pictures.to.0, pictures.to.1, channels));
            builder.push(
                "loss",
                Affine {
                    sampling: sampling(pictures.sampling),
                    channels,
                    input,
                    output,
                    ..pictures.clone()
                },
            );
            output
        }
        Change::Mixed(samples) => mix(input, samples, builder),
    })
}

/// Mixes a row of values in the shares that the samples were mixed in.
pub(super) fn mixed(target: TensorId, builder: &mut Builder) -> TensorId {
    changes(builder).into_iter().fold(target, |input, change| match change {
        Change::Moved(_) => input,
        Change::Mixed(samples) => mix(input, &Mix { cut: None, ..samples }, builder),
    })
}

fn mix(input: TensorId, samples: &Mix, builder: &mut Builder) -> TensorId {
    let (channels, positions) = builder.sizes(input);
    let output = builder.tensor("target.mixed", channels, positions);
    builder.push(
        "loss",
        Mix {
            input,
            output,
            ..samples.clone()
        },
    );
    output
}
