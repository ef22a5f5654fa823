//! A layer's place in the backward pass.

use super::program::Builder;
use super::site::Site;
use crate::activation::ActivationFunction;
use crate::ops::Op;
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// What a layer lowers its backward pass with; there is one in training alone. Shapes are of one sample, inputs are
/// counted from 0.
#[derive(Debug)]
pub struct Backward<'a> {
    sites: &'a [Site],
    site: &'a Site,
    index: usize,
    doutput: TensorId,
    builder: &'a mut Builder,
}

impl<'a> Backward<'a> {
    /// The place of the site of an index, with the gradient of its output; nothing where there is no such site, or where
    /// nobody needs its gradient or has made any.
    pub fn at(sites: &'a [Site], index: usize, builder: &'a mut Builder) -> Option<Self> {
        let site = sites.get(index).filter(|site| site.needs_gradient)?;
        let doutput = builder.take_gradient(index, site)?;
        let doutput = builder.penalise_gradient(index, site, doutput);
        Some(Self {
            sites,
            site,
            index,
            doutput,
            builder,
        })
    }

    /// The layer's name.
    pub fn name(&self) -> &'a str {
        &self.site.name
    }

    /// The shape of its output.
    pub fn shape(&self) -> &'a Shape {
        &self.site.shape
    }

    /// The shape of its first input; its own where it has no input.
    pub fn input_shape(&self) -> &'a Shape {
        self.input_shapes().next().unwrap_or(&self.site.shape)
    }

    /// The shapes of its inputs, in order.
    pub fn input_shapes(&self) -> impl Iterator<Item = &'a Shape> + use<'a> {
        let sites = self.sites;
        let inputs = self.site.inputs.iter();
        inputs.filter_map(|&input| sites.get(input)).map(|site| &site.shape)
    }

    /// The tensor of its first input.
    pub fn input(&self) -> TensorId {
        self.site
            .inputs
            .first()
            .map_or_else(TensorId::default, |&input| self.builder.output_of(input))
    }

    /// The tensors of its inputs, in order.
    pub fn inputs(&self) -> Vec<TensorId> {
        let inputs = self.site.inputs.iter();
        inputs.map(|&input| self.builder.output_of(input)).collect()
    }

    /// The tensor of its output.
    pub fn output(&self) -> TensorId {
        self.builder.output_of(self.index)
    }

    /// The gradient of its output.
    pub fn doutput(&self) -> TensorId {
        self.doutput
    }

    /// Where its variable of a name lies; nothing where it has none of that name.
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.site.variable(name)
    }

    /// Whether the optimizer moves its variable of a name, so that its gradient is of use.
    pub fn trains(&self, name: &str) -> bool {
        self.site.trains(name)
    }

    /// The activation that was left out ([`Forward::absorbed`](super::Forward::absorbed)).
    pub fn absorbed(&self) -> Option<ActivationFunction> {
        self.site.absorbed
    }

    /// Whether its output is its input's tensor under another shape.
    pub fn is_view(&self) -> bool {
        self.site.is_view
    }

    /// What the forward pass kept under a name.
    pub fn recall(&self, name: &str) -> Option<TensorId> {
        self.builder.recall(self.index, name)
    }

    /// The site of an input whose gradient somebody needs.
    fn below(&self, input: usize) -> Option<(usize, &'a Site)> {
        let &index = self.site.inputs.get(input)?;
        let site = self.sites.get(index).filter(|site| site.needs_gradient)?;
        Some((index, site))
    }

    /// Whether somebody needs the gradient of an input.
    pub fn needs(&self, input: usize) -> bool {
        self.below(input).is_some()
    }

    /// A new tensor for the gradient of an input, with the input's shape, already given to it; nothing where nobody needs
    /// it. The layer adds the operation that writes it.
    pub fn dinput(&mut self, input: usize) -> Option<TensorId> {
        let (index, site) = self.below(input)?;
        let dinput = self.builder.shaped(format!("d{}", site.name), &site.shape);
        self.builder.give(index, dinput);
        Some(dinput)
    }

    /// Gives an input a gradient that is there already; does nothing where nobody needs it.
    pub fn give(&mut self, input: usize, gradient: TensorId) {
        if let Some((index, _)) = self.below(input) {
            self.builder.give(index, gradient);
        }
    }

    /// A new tensor, `dLAYER.part` by name.
    pub fn tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.builder.shaped(format!("d{}.{part}", self.name()), shape)
    }

    /// Adds an operation.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.builder.push(self.name(), op);
    }
}
