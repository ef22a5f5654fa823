//! The cnnc compiler: syntax tree -> [`network::Network`] -> [`network::CheckedNetwork`] -> plan. Pure: it uses no
//! files, clock, threads or devices.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::wildcard_enum_match_arm))]

pub mod activation;
pub mod applications;
pub mod call;
pub mod check;
pub mod entering;
pub mod explanation;
pub mod frozen;
pub mod host;
pub mod ir;
pub mod language;
pub mod launch;
pub mod layers;
pub mod lower;
pub mod network;
pub mod numbers;
pub mod ops;
pub mod plan;
pub mod portable;
pub mod resolve;
pub mod rules;
pub mod saved;
pub mod shape;
pub mod summary;
pub mod training;
pub mod variable;
pub mod verbose;
pub mod window;

/// The plan of a checked network: lowered, fused, and with its memory assigned.
pub fn plan_of(checked: &network::CheckedNetwork, sharing: plan::memory::Sharing) -> plan::Plan {
    finish(lower::lower(checked), sharing)
}

/// The plan of a network whose weights stay as they are: it predicts and judges, with batch normalizations folded into the
/// products before them, and does not train. What its weights add to the loss is not in it; the plan that trains has it.
pub fn plan_to_infer(checked: &network::CheckedNetwork, sharing: plan::memory::Sharing) -> plan::Plan {
    finish(plan::fold::fold(lower::lower(checked)), sharing)
}

/// The plan whose prediction is the output of one of the layers, like Keras's `Model(model.inputs, layer.output)`. It
/// does not train; its parameters are those of the whole network.
pub fn plan_until(
    checked: &network::CheckedNetwork,
    layer: network::NodeId,
    sharing: plan::memory::Sharing,
) -> plan::Plan {
    finish(lower::lower_until(checked, layer), sharing)
}

fn finish(lowered: plan::Plan, sharing: plan::memory::Sharing) -> plan::Plan {
    plan::phases::assign(plan::memory::assign(plan::fuse::fuse(lowered), sharing))
}
