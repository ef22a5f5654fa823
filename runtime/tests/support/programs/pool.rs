use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Pool, PoolBackward, PoolKind, PoolingGeometry, Taken};
use compiler::plan::{TensorId, TensorKind};
use compiler::window::Window;

impl Build {
    pub fn pool(
        &mut self,
        input: TensorId,
        (height, width): (usize, usize),
        pool: PoolKind,
        window: Window,
    ) -> TensorId {
        let channels = self.sizes(input).0;
        let grid = window.over(height, width).expect("the window fits");
        let positions = grid.vertical.output * grid.horizontal.output;
        let output = self.tensor("pool", channels, positions, TensorKind::Floats);
        self.push(Pool {
            pool,
            geometry: PoolingGeometry { channels, grid },
            input,
            output,
        });
        output
    }
}

/// What a maximum pool's backward operation needs of the forward one.
pub fn taken(pool: PoolKind, input: TensorId, output: TensorId) -> Option<Taken> {
    (pool == PoolKind::Max).then_some(Taken { input, output })
}

impl Differentiated for Pool {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| PoolBackward {
            pool: self.pool,
            geometry: self.geometry,
            taken: taken(self.pool, self.input, self.output),
            doutput,
            dinput,
        });
    }
}
