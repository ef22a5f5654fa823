use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{
    BatchMeans, BatchStatistics, Dgamma, Moments, Normalize, NormalizeBackward, NormalizeMoving,
    NormalizeMovingBackward, NormalizeSums, Op, SetMeans, SetStatistics, Sets,
};
use compiler::plan::{ParameterLayout, Range, TensorId, TensorKind};

/// So large that random numbers of either sign can stand for the moving variance.
pub const EPSILON: f32 = 1.5;
pub const MOMENTUM: f32 = 0.75;

impl Build {
    fn affine(&mut self, sets: &Sets, gamma: bool, beta: bool) -> [Option<Range>; 2] {
        let channels = vec![sets.channels];
        [("gamma", gamma), ("beta", beta)]
            .map(|(name, there)| there.then(|| self.parameter(name, channels.clone(), ParameterLayout::Vector)))
    }

    /// Moving mean and variance.
    fn moving(&mut self, channels: usize) -> [Range; 2] {
        ["moving_mean", "moving_variance"].map(|name| self.untrained(name, channels))
    }

    /// A variable that the optimizer does not change.
    fn untrained(&mut self, name: &str, channels: usize) -> Range {
        let range = self.parameter(name, vec![channels], ParameterLayout::Vector);
        self.parameters.last_mut().expect("it was just added").trainable = false;
        range
    }

    /// Normalizes over sets of each sample or, with `batch`, over channels of the whole batch.
    pub fn normalize(&mut self, input: TensorId, sets: Sets, (gamma, beta): (bool, bool), batch: bool) -> TensorId {
        let [gamma, beta] = self.affine(&sets, gamma, beta);
        let moments = self.tensor("moments", sets.sets(), 2 * sets.chunks(), TensorKind::Floats);
        self.push(Moments { sets, input, moments });
        let statistics = self.tensor("statistics", sets.sets(), 2, TensorKind::Floats);
        if batch {
            let [moving_mean, moving_variance] = self.moving(sets.channels);
            self.push(BatchStatistics {
                sets,
                momentum: MOMENTUM,
                epsilon: EPSILON,
                moments,
                statistics,
                moving_mean,
                moving_variance,
            });
        } else {
            self.push(SetStatistics {
                sets,
                epsilon: 0.01,
                moments,
                statistics,
            });
        }
        let output = self.tensor("normalized", sets.channels, sets.positions, TensorKind::Floats);
        self.push(Normalize {
            sets,
            input,
            statistics,
            gamma,
            beta,
            output,
        });
        output
    }

    /// Normalizes by the moving mean and variance, as batch normalization does without training.
    pub fn normalize_moving(&mut self, input: TensorId, (gamma, beta): (bool, bool)) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let sets = Sets {
            channels,
            positions,
            groups: Some(channels),
        };
        let [gamma, beta] =
            [("gamma", gamma), ("beta", beta)].map(|(name, there)| there.then(|| self.untrained(name, channels)));
        let [moving_mean, moving_variance] = self.moving(channels);
        let output = self.tensor("normalized", channels, positions, TensorKind::Floats);
        self.push(NormalizeMoving {
            sets,
            epsilon: EPSILON,
            input,
            gamma,
            beta,
            moving_mean,
            moving_variance,
            output,
        });
        output
    }
}

/// The operations of a network that is not trained: moving statistics replace those of the batch.
pub fn by_moving(ops: &[Op]) -> Vec<Op> {
    let statistics: Vec<&BatchStatistics> = ops
        .iter()
        .filter_map(|op| match op {
            Op::BatchStatistics(statistics) => Some(statistics),
            _ => None,
        })
        .collect();
    let one = |op: &Op| match op {
        Op::Moments(moments) if statistics.iter().any(|of| of.moments == moments.moments) => None,
        Op::BatchStatistics(_) => None,
        Op::Normalize(normalize) => {
            let of = statistics.iter().find(|of| of.statistics == normalize.statistics);
            Some(of.map_or_else(
                || op.clone(),
                |of| {
                    Op::NormalizeMoving(NormalizeMoving {
                        sets: of.sets,
                        epsilon: of.epsilon,
                        input: normalize.input,
                        gamma: normalize.gamma,
                        beta: normalize.beta,
                        moving_mean: of.moving_mean,
                        moving_variance: of.moving_variance,
                        output: normalize.output,
                    })
                },
            ))
        }
        _ => Some(op.clone()),
    };
    ops.iter().filter_map(one).collect()
}

impl Differentiated for Moments {
    fn backward(&self, _: &mut Backward<'_>, _: &Around<'_>) {}
}

impl Differentiated for SetStatistics {
    fn backward(&self, _: &mut Backward<'_>, _: &Around<'_>) {}
}

impl Differentiated for BatchStatistics {
    fn backward(&self, _: &mut Backward<'_>, _: &Around<'_>) {}
}

impl Differentiated for Normalize {
    fn backward(&self, to: &mut Backward<'_>, around: &Around<'_>) {
        let (sets, input, statistics, gamma) = (self.sets, self.input, self.statistics, self.gamma);
        let doutput = to.doutput(self.output);
        if gamma.is_some() || self.beta.is_some() {
            to.push(Dgamma {
                sets,
                input,
                statistics,
                doutput,
                gamma,
                beta: self.beta,
            });
        }
        let sums = to
            .build
            .tensor("sums", sets.sets(), 2 * sets.chunks(), TensorKind::Floats);
        to.push(NormalizeSums {
            sets,
            input,
            statistics,
            gamma,
            doutput,
            sums,
        });
        let means = to.build.tensor("means", sets.sets(), 2, TensorKind::Floats);
        let joined = around
            .before
            .iter()
            .any(|op| matches!(op, Op::BatchStatistics(of) if of.statistics == statistics));
        if joined {
            to.push(BatchMeans { sets, sums, means });
        } else {
            to.push(SetMeans { sets, sums, means });
        }
        to.contribute(input, |dinput| NormalizeBackward {
            sets,
            input,
            statistics,
            gamma,
            means,
            doutput,
            dinput,
        });
    }
}

impl Differentiated for NormalizeMoving {
    /// Gamma and beta stay as they are.
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (sets, epsilon, gamma, moving_variance) = (self.sets, self.epsilon, self.gamma, self.moving_variance);
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| NormalizeMovingBackward {
            sets,
            epsilon,
            gamma,
            moving_variance,
            doutput,
            dinput,
        });
    }
}
