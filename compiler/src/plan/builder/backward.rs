//! What a layer sees while it lowers its backward pass.

use super::program::Builder;
use super::site::Site;
use crate::activation::ActivationFunction;
use crate::ops::Op;
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// A layer's place in the backward pass, which only training has. Shapes are of one sample, inputs are counted from 0.
#[derive(Debug)]
pub struct Backward<'a> {
    sites: &'a [Site],
    site: &'a Site,
    index: usize,
    doutput: TensorId,
    builder: &'a mut Builder,
}

impl<'a> Backward<'a> {
    /// The place of the site with this index, with the gradient of its output. None where there is no such site,
    /// where the gradient is of no use, or where no user has made one.
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

    /// The layer's name, which prefixes the names of its tensors.
    pub fn name(&self) -> &'a str {
        &self.site.name
    }

    /// The shape of the layer's output.
    pub fn shape(&self) -> &'a Shape {
        &self.site.shape
    }

    /// The shape of the first input; that of the output where the layer has no input.
    pub fn input_shape(&self) -> &'a Shape {
        self.input_shapes().next().unwrap_or(&self.site.shape)
    }

    /// The shapes of the inputs, in order.
    pub fn input_shapes(&self) -> impl Iterator<Item = &'a Shape> + use<'a> {
        let sites = self.sites;
        let inputs = self.site.inputs.iter();
        inputs.filter_map(|&input| sites.get(input)).map(|site| &site.shape)
    }

    /// The tensor of the first input.
    pub fn input(&self) -> TensorId {
        self.site
            .inputs
            .first()
            .map_or_else(TensorId::default, |&input| self.builder.output_of(input))
    }

    /// The tensors of the inputs, in order.
    pub fn inputs(&self) -> Vec<TensorId> {
        let inputs = self.site.inputs.iter();
        inputs.map(|&input| self.builder.output_of(input)).collect()
    }

    /// The tensor of the output, as the forward pass made it.
    pub fn output(&self) -> TensorId {
        self.builder.output_of(self.index)
    }

    /// The gradient of the output, summed over all users.
    pub fn doutput(&self) -> TensorId {
        self.doutput
    }

    /// The place of the layer's variable `name` in the flat buffer; None where it has none of that name.
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.site.variable(name)
    }

    /// Whether the optimizer moves the layer's variable `name`, so that its gradient is of use.
    pub fn trains(&self, name: &str) -> bool {
        self.site.trains(name)
    }

    /// The activation that the loss takes over ([`Forward::absorbed`](super::Forward::absorbed)).
    pub fn absorbed(&self) -> Option<ActivationFunction> {
        self.site.absorbed
    }

    /// Whether the output is the input's tensor under another shape.
    pub fn is_view(&self) -> bool {
        self.site.is_view
    }

    /// The tensor that the forward pass kept under `name`.
    pub fn recall(&self, name: &str) -> Option<TensorId> {
        self.builder.recall(self.index, name)
    }

    /// The site of an input, where its gradient is of use, and its index.
    fn below(&self, input: usize) -> Option<(usize, &'a Site)> {
        let &index = self.site.inputs.get(input)?;
        let site = self.sites.get(index).filter(|site| site.needs_gradient)?;
        Some((index, site))
    }

    /// Whether the gradient of an input is of use.
    pub fn needs(&self, input: usize) -> bool {
        self.below(input).is_some()
    }

    /// Makes a tensor for the gradient of an input, with the input's shape, and gives it to that input. None where
    /// the gradient is of no use. The layer adds the operation that writes it.
    pub fn dinput(&mut self, input: usize) -> Option<TensorId> {
        let (index, site) = self.below(input)?;
        let dinput = self.builder.shaped(format!("d{}", site.name), &site.shape);
        self.builder.give(index, dinput);
        Some(dinput)
    }

    /// Gives an input a gradient that exists already; does nothing where the gradient is of no use.
    pub fn give(&mut self, input: usize, gradient: TensorId) {
        if let Some((index, _)) = self.below(input) {
            self.builder.give(index, gradient);
        }
    }

    /// Makes a tensor with the name `dLAYER.part`.
    pub fn tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.builder.shaped(format!("d{}.{part}", self.name()), shape)
    }

    /// Appends an operation to the program under the layer's name.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.builder.push(self.name(), op);
    }
}
