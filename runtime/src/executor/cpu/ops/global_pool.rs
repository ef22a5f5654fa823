//! A pool of whole maps, and its gradient.

use super::super::kernels::pool::Windows;
use super::super::maker::Maker;
use super::pool::{Backward, Forward, taken};
use super::tasked::Tasked;
use compiler::ops::{GlobalPool, GlobalPoolBackward};

impl Tasked for GlobalPool {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (input, output) = (maker.at(self.input), maker.at(self.output));
        let channels = output.len();
        let work = Forward {
            pool: self.pool,
            windows: Windows::global(input.len() / channels),
            input,
            output,
        };
        maker.push(work, channels);
    }
}

impl Tasked for GlobalPoolBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (doutput, dinput) = (maker.at(self.doutput), maker.at(self.dinput));
        let channels = doutput.len();
        let work = Backward {
            windows: Windows::global(dinput.len() / channels),
            share: true,
            taken: taken(maker, self.taken),
            doutput,
            dinput,
        };
        maker.push(work, channels);
    }
}
