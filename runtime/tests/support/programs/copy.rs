use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::Copy;
use compiler::plan::{TensorId, TensorKind};

impl Build {
    /// Concatenates maps of (channels, height, width) along `axis`: 0 channels, 1 height, 2 width.
    pub fn concatenate(&mut self, inputs: &[(TensorId, [usize; 3])], axis: usize) -> TensorId {
        let mut shape = inputs[0].1;
        shape[axis] = inputs.iter().map(|(_, shape)| shape[axis]).sum();
        let output = self.tensor("concatenate", shape[0], shape[1] * shape[2], TensorKind::Floats);
        let inner = |shape: &[usize; 3]| shape[axis..].iter().product::<usize>();
        let mut output_offset = 0;
        for (input, part) in inputs {
            let block = inner(part);
            self.push(Copy {
                blocks: shape[..axis].iter().product(),
                block,
                input_stride: block,
                input_offset: 0,
                output_stride: inner(&shape),
                output_offset,
                input: *input,
                output,
            });
            output_offset += block;
        }
        output
    }
}

impl Differentiated for Copy {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| Copy {
            blocks: self.blocks,
            block: self.block,
            input_stride: self.output_stride,
            input_offset: self.output_offset,
            output_stride: self.input_stride,
            output_offset: self.input_offset,
            input: doutput,
            output: dinput,
        });
    }
}
