//! Maps made larger by whole factors, and the gradient of that.

use super::super::kernels::upsampling::{Axis, UpSample as Kernel, UpSampleBackward as BackwardKernel};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Interpolation, UpSample, UpSampleBackward, UpSamplingGeometry};
use std::ops::Range;

/// How height and width are made longer.
fn axes(geometry: &UpSamplingGeometry) -> (Axis, Axis) {
    let ((height, width), (down, across)) = (geometry.size, geometry.factors);
    match geometry.interpolation {
        Interpolation::Nearest => (Axis::nearest(height, down), Axis::nearest(width, across)),
        Interpolation::Bilinear => (Axis::bilinear(height, down), Axis::bilinear(width, across)),
    }
}

struct Forward {
    axes: (Axis, Axis),
    between: bool,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for UpSample {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            axes: axes(&self.geometry),
            between: self.geometry.interpolation == Interpolation::Bilinear,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        maker.push(work, self.geometry.channels);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Kernel {
            axes: (&self.axes.0, &self.axes.1),
            between: self.between,
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    axes: (Axis, Axis),
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for UpSampleBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            axes: axes(&self.geometry),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        maker.push(work, self.geometry.channels);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(BackwardKernel {
            axes: (&self.axes.0, &self.axes.1),
            doutput: share.read(&self.doutput),
            dinput: share.own(&self.dinput),
            items: share.items,
        });
    }
}
