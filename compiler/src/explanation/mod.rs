//! A network in words and arithmetic, for learners: every number of its summary, and what training does with it.
//!
//! The numbers are those that the compiler works with: sizes of [`crate::window::Sliding`], parameters of a layer's
//! variables, costs of [`crate::verbose`] and [`crate::plan::work`]. An [`Equation`] puts the arithmetic before such a number;
//! the tests make sure that the two agree.

mod arithmetic;
pub(crate) mod expression;
pub(crate) mod fact;
mod glossary;
mod section;
mod totals;
mod training;
mod view;
pub(crate) mod windows;
mod words;

pub use expression::{Equation, Expression, Function, Right};
pub use fact::{Axis, Fact, What};
pub use section::{LayerExplanation, Section};

use crate::network::CheckedNetwork;
use crate::variable::Variable;
use view::{Stop, View};

/// Everything that `cnnc explain` says of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The name that the description gives the model.
    pub model: String,
    /// What goes in and what comes out, in a sentence or two.
    pub about: Vec<String>,
    /// Every layer, the input first, the others as the summary orders them.
    pub layers: Vec<LayerExplanation>,
    /// The sums over all layers.
    pub totals: Section,
    /// What training does, a section for each subject. Empty where the network is not compiled.
    pub training: Vec<Section>,
    /// The terms of the field that the explanation uses, each with its meaning.
    pub glossary: Vec<(&'static str, &'static str)>,
}

/// Works out every number of a network, and of its training where it is compiled, with the arithmetic behind it.
pub fn explain(network: &CheckedNetwork) -> Explanation {
    let view = View::of(network);
    let mut order = crate::summary::order(network);
    order.retain(|id| id.0 > 0);
    let ids = std::iter::once(0).chain(order.iter().map(|id| id.0));
    let layers: Vec<LayerExplanation> = ids
        .filter_map(|id| view.stops.get(id))
        .map(|stop| layer(&view, stop))
        .collect();
    let totals = totals::section(network, &layers);
    let training = training::sections(network);
    Explanation {
        model: network.network().name.clone(),
        about: words::network(network),
        totals,
        training,
        glossary: glossary::glossary(&layers, network.network().compile.is_some()),
        layers,
    }
}

fn layer(view: &View<'_>, stop: &Stop<'_>) -> LayerExplanation {
    LayerExplanation {
        name: stop.node.name.clone(),
        class: stop.node.layer.class(),
        input: stop.place.input().cloned(),
        output: stop.place.output.clone(),
        parameters: stop.variables.iter().map(Variable::count).sum(),
        macs: stop.macs,
        weight_use: stop.node.layer.weight_use(),
        about: words::layer(view, stop),
        facts: arithmetic::facts(view, stop),
    }
}
