//! A convolution in groups of channels, and its two gradients.

use super::super::kernels::grouped;
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{GroupedConvolution, GroupedConvolutionDinput, GroupedConvolutionDkernel, GroupedGeometry};
use std::ops::Range;

fn plan(geometry: &GroupedGeometry) -> grouped::Grouped {
    grouped::Grouped::new(
        geometry.group_inputs(),
        geometry.group_outputs(),
        geometry.out_channels,
        geometry.grid,
    )
}

struct Forward {
    plan: grouped::Grouped,
    blocks: Option<usize>,
    input: Range<usize>,
    kernel: Range<usize>,
    bias: Option<Range<usize>>,
    output: Range<usize>,
}

impl Tasked for GroupedConvolution {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            plan: plan(&self.geometry),
            blocks: maker.blocks(self.output),
            input: maker.at(self.input),
            kernel: floats(self.kernel),
            bias: self.bias.map(floats),
            output: maker.at(self.output),
        };
        let planes = maker.planes(self.geometry.out_channels);
        maker.push(work, planes);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(grouped::Forward {
            plan: &self.plan,
            blocks: self.blocks,
            input: share.read(&self.input),
            weights: share.parameters(&self.kernel),
            bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Dkernel {
    plan: grouped::Grouped,
    input: Range<usize>,
    doutput: Range<usize>,
    places: (usize, Option<usize>),
}

impl Tasked for GroupedConvolutionDkernel {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Dkernel {
            plan: plan(&self.geometry),
            input: maker.at(self.input),
            doutput: maker.at(self.doutput),
            places: (self.kernel.offset, self.bias.map(|bias| bias.offset)),
        };
        maker.push(work, self.geometry.out_channels);
    }
}

impl Work for Dkernel {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.run(grouped::Dkernel {
            plan: &self.plan,
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            gradients,
            places: self.places,
            first: share.sets_gradients(),
            items: share.items,
        });
    }
}

struct Dinput {
    plan: grouped::Grouped,
    doutput: Range<usize>,
    kernel: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for GroupedConvolutionDinput {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Dinput {
            plan: plan(&self.geometry),
            doutput: maker.at(self.doutput),
            kernel: floats(self.kernel),
            dinput: maker.at(self.dinput),
        };
        maker.push(work, self.geometry.in_channels);
    }
}

impl Work for Dinput {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(grouped::Dinput {
            plan: &self.plan,
            doutput: share.read(&self.doutput),
            weights: share.parameters(&self.kernel),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
