//! A function of each value, and its gradient step.

use super::super::kernels::elementwise::{Activate, ActivateBackward};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::activation::ActivationFunction;
use compiler::ops::{Activation, ActivationBackward};
use std::ops::Range;

struct Forward {
    function: ActivationFunction,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Activation {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            function: self.function,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        let (items, maps) = (work.output.len(), maker.planes(maker.channels(self.output)));
        maker.push_by_map(work, items, maps);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Activate {
            function: self.function,
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    function: ActivationFunction,
    input: Option<Range<usize>>,
    output: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for ActivationBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            function: self.function,
            input: maker.maybe(self.input),
            output: maker.at(self.output),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        let (items, maps) = (work.dinput.len(), maker.planes(maker.channels(self.dinput)));
        maker.push_by_map(work, items, maps);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(ActivateBackward {
            function: self.function,
            input: share.read_maybe(self.input.as_ref()),
            output: share.read(&self.output),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
