use super::softmax::softmax;
use super::state::{Meaning, State};
use compiler::ops::{Compare, Criterion, Hit};

const CLIP: (f64, f64) = (1e-7, 1.0 - 1e-7);

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn inside(x: f64, most: f64, slope: f64) -> f64 {
    if x < CLIP.0 || x > most { 0.0 } else { slope }
}

/// Keras's binary crossentropy of one value, and its slope.
fn binary(x: f64, y: f64, from_logits: bool) -> (f64, f64) {
    if from_logits {
        return (x.max(0.0) - x * y + (-x.abs()).exp().ln_1p(), sigmoid(x) - y);
    }
    let p = x.clamp(CLIP.0, CLIP.1);
    let loss = -(y * p.ln() + (1.0 - y) * (1.0 - p).ln());
    (loss, inside(x, CLIP.1, (p - y) / (p * (1.0 - p))))
}

/// The loss of a row and its slopes.
fn row(criterion: Criterion, x: &[f64], y: &[f64]) -> (f64, Vec<f64>) {
    let n = x.len() as f64;
    let each = |term: &dyn Fn(f64, f64) -> (f64, f64), scale: f64| {
        let terms: Vec<(f64, f64)> = x.iter().zip(y).map(|(&x, &y)| term(x, y)).collect();
        let loss = terms.iter().map(|term| term.0).sum::<f64>() * scale;
        (loss, terms.iter().map(|term| term.1 * scale).collect())
    };
    let smoothed = |share: f32, to: f64| -> Vec<f64> {
        let share = f64::from(share);
        y.iter().map(|y| y * (1.0 - share) + share * to).collect()
    };
    match criterion {
        Criterion::SquaredError => each(&|x, y| ((x - y).powi(2), 2.0 * (x - y)), 1.0 / n),
        Criterion::AbsoluteError => each(&|x, y| ((x - y).abs(), (x - y).signum()), 1.0 / n),
        Criterion::Huber { delta } => {
            let delta = f64::from(delta);
            let term = |x: f64, y: f64| {
                let e = x - y;
                if e.abs() <= delta {
                    (0.5 * e * e, e)
                } else {
                    (delta * e.abs() - 0.5 * delta * delta, delta * e.signum())
                }
            };
            each(&term, 1.0 / n)
        }
        Criterion::KlDivergence => {
            let term = |x: f64, y: f64| {
                let (p, q) = (x.clamp(CLIP.0, 1.0), y.clamp(CLIP.0, 1.0));
                (q * (q / p).ln(), inside(x, 1.0, -q / p))
            };
            each(&term, 1.0)
        }
        Criterion::BinaryCrossentropy {
            from_logits,
            label_smoothing,
        } => {
            let y = smoothed(label_smoothing, 0.5);
            let terms: Vec<(f64, f64)> = x.iter().zip(&y).map(|(&x, &y)| binary(x, y, from_logits)).collect();
            let loss = terms.iter().map(|term| term.0).sum::<f64>() / n;
            (loss, terms.iter().map(|term| term.1 / n).collect())
        }
        Criterion::BinaryFocalCrossentropy {
            from_logits,
            label_smoothing,
            alpha,
            gamma,
        } => {
            let (y, gamma) = (smoothed(label_smoothing, 0.5), f64::from(gamma));
            let value = |x: f64, y: f64| {
                let p = if from_logits { sigmoid(x) } else { x };
                let rest = 1.0 - (y * p + (1.0 - y) * (1.0 - p));
                let weight = alpha.map_or(1.0, |alpha| {
                    let alpha = f64::from(alpha);
                    y * alpha + (1.0 - y) * (1.0 - alpha)
                });
                let dp = if from_logits { p * (1.0 - p) } else { 1.0 };
                let (loss, slope) = binary(x, y, from_logits);
                let dfactor = if gamma == 0.0 {
                    0.0
                } else {
                    -gamma * rest.powf(gamma - 1.0) * (2.0 * y - 1.0) * dp
                };
                let factor = rest.powf(gamma);
                (weight * factor * loss, weight * (dfactor * loss + factor * slope))
            };
            let terms: Vec<(f64, f64)> = x.iter().zip(&y).map(|(&x, &y)| value(x, y)).collect();
            let loss = terms.iter().map(|term| term.0).sum::<f64>() / n;
            (loss, terms.iter().map(|term| term.1 / n).collect())
        }
        Criterion::CategoricalCrossentropy {
            from_logits,
            label_smoothing,
        } => {
            let y = smoothed(label_smoothing, 1.0 / n);
            if from_logits {
                let p = softmax(x);
                let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let log = x.iter().map(|x| (x - top).exp()).sum::<f64>().ln() + top;
                let loss = x.iter().zip(&y).map(|(x, y)| y * (log - x)).sum();
                return (loss, p.iter().zip(&y).map(|(p, y)| p - y).collect());
            }
            shares(x, &y, |p, y| (-y * p.ln(), -y / p))
        }
        Criterion::CategoricalFocalCrossentropy {
            from_logits,
            label_smoothing,
            alpha,
            gamma,
        } => {
            let y = smoothed(label_smoothing, 1.0 / n);
            let (alpha, gamma) = (f64::from(alpha), f64::from(gamma));
            let term = |p: f64, y: f64| {
                let rest = 1.0 - p;
                let easier = if gamma == 0.0 {
                    0.0
                } else {
                    gamma * rest.powf(gamma - 1.0) * p.ln()
                };
                let slope = alpha * y * (easier - rest.powf(gamma) / p);
                (-alpha * rest.powf(gamma) * y * p.ln(), slope)
            };
            if from_logits {
                let p = softmax(x);
                let (loss, slopes) = shares(&p, &y, term);
                let meet: f64 = slopes.iter().zip(&p).map(|(slope, p)| slope * p).sum();
                return (
                    loss,
                    slopes.iter().zip(&p).map(|(slope, p)| p * (slope - meet)).collect(),
                );
            }
            shares(x, &y, term)
        }
    }
}

/// A loss of values over their sum, clipped, and its slopes by the values.
fn shares(x: &[f64], y: &[f64], term: impl Fn(f64, f64) -> (f64, f64)) -> (f64, Vec<f64>) {
    let sum: f64 = x.iter().sum();
    let p: Vec<f64> = x.iter().map(|x| x / sum).collect();
    let terms: Vec<(f64, f64)> = p
        .iter()
        .zip(y)
        .map(|(&p, &y)| {
            let (loss, slope) = term(p.clamp(CLIP.0, CLIP.1), y);
            (loss, inside(p, CLIP.1, slope))
        })
        .collect();
    let meet: f64 = terms.iter().zip(&p).map(|(term, p)| term.1 * p).sum();
    let loss = terms.iter().map(|term| term.0).sum();
    (loss, terms.iter().map(|term| (term.1 - meet) / sum).collect())
}

fn largest(values: &[f64]) -> usize {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().position(|&value| value == top).unwrap_or_default()
}

impl Meaning for Compare {
    fn run(&self, state: &mut State<'_>) {
        let positions = state.sizes[self.verdict.0].1;
        let channels = state.elements(self.input) / positions;
        let n = state.samples;
        let (made, wanted) = (state.tensor(self.input).to_vec(), state.tensor(self.target).to_vec());
        let (mut slopes, mut verdict) = (vec![0.0; made.len()], vec![0.0; 2 * positions * n]);
        for sample in 0..n {
            for position in 0..positions {
                let at = |channel: usize| (channel * positions + position) * n + sample;
                let x: Vec<f64> = (0..channels).map(|channel| made[at(channel)]).collect();
                let y: Vec<f64> = (0..channels).map(|channel| wanted[at(channel)]).collect();
                let (loss, slope) = row(self.criterion, &x, &y);
                for (channel, slope) in slope.into_iter().enumerate() {
                    slopes[at(channel)] = slope * f64::from(self.weight) / (positions * n) as f64;
                }
                let right = match self.hit {
                    Hit::Above(threshold) => {
                        let side = |x: f64| f64::from(u8::from(x > f64::from(threshold)));
                        let hits = x.iter().zip(&y).filter(|&(&x, &y)| side(x) == y).count();
                        hits as f64 / channels as f64
                    }
                    Hit::Largest => f64::from(u8::from(largest(&x) == largest(&y))),
                };
                verdict[position * n + sample] = loss;
                verdict[(positions + position) * n + sample] = right;
                state.outcome.loss += loss * f64::from(self.weight) / positions as f64;
                state.outcome.correct += right / positions as f64;
            }
        }
        state.set(self.verdict, verdict);
        if let Some(dinput) = self.dinput {
            state.set(dinput, slopes);
        }
    }
}
