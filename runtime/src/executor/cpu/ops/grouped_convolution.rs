//! A convolution in groups of channels, and its two gradients. Where each channel is a group they have kernels of their own.

use super::super::kernels::elementwise::Rectifier;
use super::super::kernels::{depthwise, grouped};
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{GroupedConvolution, GroupedConvolutionDinput, GroupedConvolutionDkernel, GroupedGeometry};
use std::ops::Range;

/// The kernel laid over the input, for the kernels that compute it.
enum Plan {
    Grouped(grouped::Grouped),
    Depthwise(depthwise::Depthwise),
}

fn plan(geometry: &GroupedGeometry, maker: &Maker<'_>) -> Plan {
    let (inputs, outputs) = (geometry.group_inputs(), geometry.group_outputs());
    let wide = maker.instructions.wide();
    match depthwise::Depthwise::new((inputs, outputs, geometry.out_channels), geometry.grid, wide) {
        Some(plan) => Plan::Depthwise(plan),
        None => Plan::Grouped(grouped::Grouped::new(
            inputs,
            outputs,
            geometry.out_channels,
            geometry.grid,
        )),
    }
}

/// Adds a task of so many channels, each of which meets one other alone where it is a group.
fn push(maker: &mut Maker<'_>, work: impl Work + 'static, geometry: &GroupedGeometry, items: usize) {
    if geometry.group_inputs() == 1 && geometry.group_outputs() == 1 {
        maker.push_by_map(work, items, items);
    } else {
        maker.push(work, items);
    }
}

struct Forward {
    plan: Plan,
    blocks: Option<usize>,
    input: Range<usize>,
    kernel: Range<usize>,
    bias: Option<Range<usize>>,
    rectifier: Option<Rectifier>,
    output: Range<usize>,
}

impl Tasked for GroupedConvolution {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            plan: plan(&self.geometry, maker),
            blocks: maker.blocks(self.output),
            input: maker.at(self.input),
            kernel: floats(self.kernel),
            bias: self.bias.map(floats),
            rectifier: maker.rectifier,
            output: maker.at(self.output),
        };
        let planes = maker.planes(self.geometry.out_channels);
        push(maker, work, &self.geometry, planes);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        match &self.plan {
            Plan::Grouped(plan) => share.instructions.run(grouped::Forward {
                plan,
                blocks: self.blocks,
                input: share.read(&self.input),
                weights: share.parameters(&self.kernel),
                bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
                rectifier: self.rectifier,
                output: share.write(&self.output),
                items: share.items,
            }),
            Plan::Depthwise(plan) => share.instructions.run(depthwise::Forward {
                plan,
                blocks: self.blocks,
                input: share.read(&self.input),
                weights: share.parameters(&self.kernel),
                bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
                rectifier: self.rectifier,
                output: share.write(&self.output),
                items: share.items,
            }),
        }
    }
}

struct Dkernel {
    plan: Plan,
    input: Range<usize>,
    doutput: Range<usize>,
    places: (usize, Option<usize>),
}

impl Tasked for GroupedConvolutionDkernel {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Dkernel {
            plan: plan(&self.geometry, maker),
            input: maker.at(self.input),
            doutput: maker.at(self.doutput),
            places: (self.kernel.offset, self.bias.map(|bias| bias.offset)),
        };
        push(maker, work, &self.geometry, self.geometry.out_channels);
    }
}

impl Work for Dkernel {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        match &self.plan {
            Plan::Grouped(plan) => share.instructions.run(grouped::Dkernel {
                plan,
                input: share.read(&self.input),
                doutput: share.read(&self.doutput),
                gradients,
                places: self.places,
                first: share.sets_gradients(),
                items: share.items,
            }),
            Plan::Depthwise(plan) => share.instructions.run(depthwise::Dkernel {
                plan,
                input: share.read(&self.input),
                doutput: share.read(&self.doutput),
                gradients,
                places: self.places,
                first: share.sets_gradients(),
                items: share.items,
            }),
        }
    }
}

struct Dinput {
    plan: Plan,
    doutput: Range<usize>,
    kernel: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for GroupedConvolutionDinput {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Dinput {
            plan: plan(&self.geometry, maker),
            doutput: maker.at(self.doutput),
            kernel: floats(self.kernel),
            dinput: maker.at(self.dinput),
        };
        push(maker, work, &self.geometry, self.geometry.in_channels);
    }
}

impl Work for Dinput {
    fn run(&self, share: Share<'_>) {
        match &self.plan {
            Plan::Grouped(plan) => share.instructions.run(grouped::Dinput {
                plan,
                doutput: share.read(&self.doutput),
                weights: share.parameters(&self.kernel),
                dinput: share.write(&self.dinput),
                items: share.items,
            }),
            Plan::Depthwise(plan) => share.instructions.run(depthwise::Dinput {
                plan,
                doutput: share.read(&self.doutput),
                weights: share.parameters(&self.kernel),
                dinput: share.write(&self.dinput),
                items: share.items,
            }),
        }
    }
}
