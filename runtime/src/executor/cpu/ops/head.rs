//! A head: a dense layer and its loss, with rows between them that no tensor has.

use super::super::maker::Maker;
use super::convolution::forward::{Product, push};
use super::dense::as_convolution;
use super::loss::Judging;
use super::tasked::Tasked;
use compiler::ops::Head;

impl Tasked for Head {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let output = maker.rows(self.geometry.units);
        let product = Product {
            geometry: &as_convolution(&self.geometry),
            input: self.input,
            kernel: self.kernel,
            bias: self.bias,
            relu: false,
            pool: false,
            codes: None,
            output: output.clone(),
        };
        push(&product, maker);
        let work = Judging {
            from_logits: self.from_logits,
            input: output,
            dinput: maker.maybe(self.doutput),
            losses: None,
        };
        maker.push(work, 1);
    }
}
