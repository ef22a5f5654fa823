use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{
    Adjust, Affine, Drawn, Erase, MIXTURE, Mix, Mixture, Mixtures, Moments, Motion, Noise, Op, Sampling, SetStatistics,
    Sets, Transforms,
};
use compiler::plan::{TensorId, TensorKind};

const STREAM: [u32; 2] = [0x1319_8a2e, 0x0370_7344];

impl Build {
    pub fn moved(
        &mut self,
        input: TensorId,
        (from, to): ((usize, usize), (usize, usize)),
        motion: Motion,
        sampling: Sampling,
    ) -> TensorId {
        let channels = self.sizes(input).0;
        let transforms = self.tensor("transforms", 6, 1, TensorKind::Floats);
        self.push(Transforms {
            motion,
            from,
            to,
            stream: STREAM,
            output: transforms,
        });
        let output = self.tensor("moved", channels, to.0 * to.1, TensorKind::Floats);
        self.push(Affine {
            sampling,
            from,
            to,
            channels,
            input,
            transforms,
            output,
        });
        output
    }

    pub fn adjust(&mut self, input: TensorId, drawn: Drawn, contrast: bool) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let sets = Sets {
            channels,
            positions,
            groups: Some(channels),
        };
        let statistics = contrast.then(|| {
            let moments = self.tensor("moments", sets.chunks() * 2, sets.sets(), TensorKind::Floats);
            self.push(Moments { sets, input, moments });
            let statistics = self.tensor("statistics", 2, sets.sets(), TensorKind::Floats);
            self.push(SetStatistics {
                sets,
                epsilon: 1.0,
                moments,
                statistics,
            });
            statistics
        });
        let output = self.tensor("adjusted", channels, positions, TensorKind::Floats);
        self.push(Adjust {
            drawn,
            range: [0.1, 0.9],
            stream: STREAM,
            input,
            statistics,
            output,
        });
        output
    }

    pub fn erase(&mut self, input: TensorId, size: (usize, usize), fill: Option<[f32; 3]>) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("erased", channels, positions, TensorKind::Floats);
        self.push(Erase {
            scale: [0.1, 0.6],
            factor: [0.5, 1.0],
            fill,
            normal: 0.7,
            range: [-1.0, 1.0],
            size,
            stream: STREAM,
            input,
            output,
        });
        output
    }

    pub fn mix(&mut self, input: TensorId, size: (usize, usize), mixture: Mixture) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let mixtures = self.tensor("mixtures", MIXTURE, 1, TensorKind::Floats);
        self.push(Mixtures {
            mixture,
            size,
            stream: STREAM,
            output: mixtures,
        });
        let output = self.tensor("mixed", channels, positions, TensorKind::Floats);
        self.push(Mix {
            cut: mixture.cuts().then_some(size),
            input,
            mixtures,
            output,
        });
        output
    }

    pub fn noise(&mut self, input: TensorId, stddev: f32) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("noisy", channels, positions, TensorKind::Floats);
        self.push(Noise {
            stddev,
            stream: STREAM,
            input,
            output,
        });
        output
    }
}

/// Where nothing is trained: what an operation's output is then, `None` where the operation stays; and the operation.
pub fn instead(op: &Op) -> Option<(TensorId, TensorId)> {
    match op {
        Op::Affine(Affine { from, to, .. }) if from != to => None,
        Op::Affine(Affine { input, output, .. })
        | Op::Adjust(Adjust { input, output, .. })
        | Op::Erase(Erase { input, output, .. })
        | Op::Noise(Noise { input, output, .. })
        | Op::Mix(Mix { input, output, .. }) => Some((*output, *input)),
        _ => None,
    }
}

/// What is drawn in training alone.
pub fn undrawn(op: Op) -> Op {
    match op {
        Op::Transforms(transforms) if transforms.motion == Motion::Crop => Op::Transforms(Transforms {
            motion: Motion::Window { size: transforms.to },
            ..transforms
        }),
        op => op,
    }
}

/// Nothing goes back through these; they stand first.
macro_rules! first {
    ($($name:ident),+) => {
        $(impl Differentiated for $name {
            fn backward(&self, _: &mut Backward<'_>, _: &Around<'_>) {}
        })+
    };
}

first!(Transforms, Affine, Adjust, Erase, Mixtures, Mix);

impl Differentiated for Noise {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| compiler::ops::Rescale::by(1.0, doutput, dinput));
    }
}
