use super::dense::product;
use super::loss::judge;
use super::state::{Meaning, State};
use compiler::ops::Head;

impl Meaning for Head {
    fn run(&self, state: &mut State<'_>) {
        let made = product(state, &self.geometry, self.input, self.kernel, self.bias);
        judge(state, &made, self.from_logits, self.doutput);
    }
}
