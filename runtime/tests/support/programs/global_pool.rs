use super::Build;
use super::backward::{Around, Backward, Differentiated};
use super::pool::taken;
use compiler::ops::{GlobalPool, GlobalPoolBackward, PoolKind};
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn global_pool(&mut self, input: TensorId, pool: PoolKind) -> TensorId {
        let channels = self.sizes(input).0;
        let output = self.tensor("global_pool", channels, 1, TensorKind::Floats);
        self.push(GlobalPool { pool, input, output });
        output
    }
}

impl Differentiated for GlobalPool {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| GlobalPoolBackward {
            pool: self.pool,
            taken: taken(self.pool, self.input, self.output),
            doutput,
            dinput,
        });
    }
}
