//! A rectifier whose slopes are learnt, and its gradients.

use super::super::kernels::prelu;
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Dalpha, Prelu, PreluBackward, PreluGeometry};
use std::ops::Range;

struct Forward {
    geometry: PreluGeometry,
    input: Range<usize>,
    alpha: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Prelu {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            geometry: self.geometry,
            input: maker.at(self.input),
            alpha: floats(self.alpha),
            output: maker.at(self.output),
        };
        let items = work.output.len();
        maker.push(work, items);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(prelu::Prelu {
            geometry: &self.geometry,
            input: share.read(&self.input),
            alpha: share.parameters(&self.alpha),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    geometry: PreluGeometry,
    input: Range<usize>,
    alpha: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for PreluBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            geometry: self.geometry,
            input: maker.at(self.input),
            alpha: floats(self.alpha),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        let items = work.dinput.len();
        maker.push(work, items);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(prelu::PreluBackward {
            geometry: &self.geometry,
            input: share.read(&self.input),
            alpha: share.parameters(&self.alpha),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}

struct Gradient {
    geometry: PreluGeometry,
    input: Range<usize>,
    doutput: Range<usize>,
    /// The first float of the gradient.
    alpha: usize,
}

impl Tasked for Dalpha {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Gradient {
            geometry: self.geometry,
            input: maker.at(self.input),
            doutput: maker.at(self.doutput),
            alpha: self.alpha.offset,
        };
        maker.push(work, self.geometry.alphas());
    }
}

impl Work for Gradient {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.run(prelu::Dalpha {
            geometry: &self.geometry,
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            gradients,
            alpha: self.alpha,
            first: share.sets_gradients(),
            items: share.items,
        });
    }
}
