//! A layer's place in the forward pass.

use super::program::Builder;
use super::site::Site;
use crate::activation::ActivationFunction;
use crate::ops::Op;
use crate::plan::mode::Mode;
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// What a layer lowers its forward pass with. Shapes are of one sample.
#[derive(Debug)]
pub struct Forward<'a> {
    sites: &'a [Site],
    site: &'a Site,
    index: usize,
    mode: Mode,
    builder: &'a mut Builder,
}

impl<'a> Forward<'a> {
    /// The place of the site of an index; nothing where there is none.
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

    /// What the program is for.
    pub fn mode(&self) -> Mode {
        self.mode
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
        self.inputs().first().copied().unwrap_or_default()
    }

    /// The tensors of its inputs, in order.
    pub fn inputs(&self) -> Vec<TensorId> {
        let inputs = self.site.inputs.iter();
        inputs.map(|&input| self.builder.output_of(input)).collect()
    }

    /// Where its variable of a name lies; nothing where it has none of that name (no bias).
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.site.variable(name)
    }

    /// Whether training leaves the layer as it is (`trainable=False`).
    pub fn is_frozen(&self) -> bool {
        self.site.is_frozen
    }

    /// The activation that is left out here, since the layer is the network's last and the loss takes what goes into that
    /// activation (as Keras does with a softmax or a sigmoid before its crossentropy).
    pub fn absorbed(&self) -> Option<ActivationFunction> {
        self.site.absorbed.filter(|_| self.mode.has_loss())
    }

    /// Whether its output is its input's tensor under another shape.
    pub fn is_view(&self) -> bool {
        self.site.is_view
    }

    /// The samples of the batch, or the part of them that is this input's.
    pub fn sample(&mut self) -> TensorId {
        let parts = self.sites.iter().filter(|site| site.part.is_some());
        let total = parts.map(|site| site.shape.elements()).sum();
        let (name, shape, part) = (self.name(), self.shape(), self.site.part);
        self.builder.sample(name, shape, part, total)
    }

    /// A new tensor for the layer's output, with its name and shape.
    pub fn output(&mut self) -> TensorId {
        self.builder.shaped(self.name(), self.shape())
    }

    /// A new tensor, `LAYER.part` by name.
    pub fn tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.builder.shaped(format!("{}.{part}", self.name()), shape)
    }

    /// Adds an operation.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.builder.push(self.name(), op);
    }

    /// Adds `first + second + ...` of tensors that have the output's shape.
    pub fn sum(&mut self, terms: &[TensorId]) -> TensorId {
        self.builder.sum(self.name(), self.name(), self.shape(), terms)
    }

    /// Keeps a tensor for the layer's backward pass ([`Backward::recall`](super::Backward::recall)).
    pub fn remember(&mut self, name: &'static str, tensor: TensorId) {
        self.builder.remember(self.index, name, tensor);
    }
}
