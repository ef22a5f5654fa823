//! What a layer sees while it lowers its forward pass.

use super::program::Builder;
use super::site::Site;
use crate::activation::ActivationFunction;
use crate::ops::Op;
use crate::plan::mode::Mode;
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// A layer's place in the forward pass. Shapes are of one sample.
#[derive(Debug)]
pub struct Forward<'a> {
    sites: &'a [Site],
    site: &'a Site,
    index: usize,
    mode: Mode,
    builder: &'a mut Builder,
}

impl<'a> Forward<'a> {
    /// The place of the site with this index; None where there is no such site.
    pub fn at(sites: &'a [Site], index: usize, mode: Mode, builder: &'a mut Builder) -> Option<Self> {
        let site = sites.get(index)?;
        Some(Self {
            sites,
            site,
            index,
            mode,
            builder,
        })
    }

    /// The purpose of the program: training, evaluation or prediction.
    pub fn mode(&self) -> Mode {
        self.mode
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
        self.inputs().first().copied().unwrap_or_default()
    }

    /// The tensors of the inputs, in order.
    pub fn inputs(&self) -> Vec<TensorId> {
        let inputs = self.site.inputs.iter();
        inputs.map(|&input| self.builder.output_of(input)).collect()
    }

    /// The place of the layer's variable `name` in the flat buffer; None where it has none of that name, as without a bias.
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.site.variable(name)
    }

    /// Whether training leaves the layer as it is (`trainable=False`).
    pub fn is_frozen(&self) -> bool {
        self.site.is_frozen
    }

    /// The activation that is left out here, since the layer is the network's last and the loss takes the numbers
    /// that go into the activation, as Keras does with a softmax or a sigmoid before its crossentropy. None in
    /// prediction.
    pub fn absorbed(&self) -> Option<ActivationFunction> {
        self.site.absorbed.filter(|_| self.mode.has_loss())
    }

    /// Whether the output is the input's tensor under another shape.
    pub fn is_view(&self) -> bool {
        self.site.is_view
    }

    /// The samples of the batch; with several inputs, the part of them that belongs to this one.
    pub fn sample(&mut self) -> TensorId {
        let parts = self.sites.iter().filter(|site| site.part.is_some());
        let total = parts.map(|site| site.shape.elements()).sum();
        let (name, shape, part) = (self.name(), self.shape(), self.site.part);
        self.builder.sample(name, shape, part, total)
    }

    /// Makes a tensor for the layer's output, with its name and shape.
    pub fn output(&mut self) -> TensorId {
        self.builder.shaped(self.name(), self.shape())
    }

    /// Makes a tensor with the name `LAYER.part`.
    pub fn tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.builder.shaped(format!("{}.{part}", self.name()), shape)
    }

    /// Appends an operation to the program under the layer's name.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.builder.push(self.name(), op);
    }

    /// Adds up tensors that have the output's shape, from the left; returns the tensor of the sum.
    pub fn sum(&mut self, terms: &[TensorId]) -> TensorId {
        self.builder.sum(self.name(), self.name(), self.shape(), terms)
    }

    /// Keeps a tensor for the layer's backward pass ([`Backward::recall`](super::Backward::recall)).
    pub fn remember(&mut self, name: &'static str, tensor: TensorId) {
        self.builder.remember(self.index, name, tensor);
    }
}
