//! What a trained network says of samples whose classes are known.

use super::answer::{best, probabilities};
use super::confusion::{Confusion, MOST};
use super::error::{Error, Result};
use super::samples::image_shape;
use compiler::network::{Answer as About, CheckedNetwork};
use compiler::training::fit::TargetSource;
use runtime::data::Split;
use runtime::executor::Executor;
use std::sync::Arc;

/// The answers of a network to all samples of a split.
#[derive(Debug)]
pub struct Judged {
    /// The name of the split.
    pub which: &'static str,
    /// The samples with their labels.
    pub split: Arc<Split>,
    /// The names of the classes, as far as they are known.
    pub names: Vec<String>,
    /// The answers, one for each sample, in the order of the split.
    pub answers: Vec<Answer>,
}

/// The answer of a network to a sample whose class is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The true class of the sample.
    pub label: u32,
    /// The most probable class.
    pub predicted: u32,
    /// The probability of the most probable class, from 0 to 1.
    pub probability: f32,
    /// The probability of the true class, from 0 to 1.
    pub label_probability: f32,
    /// The cross-entropy: minus the natural logarithm of `label_probability`.
    pub loss: f64,
}

/// A sample that the network is wrong about.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// The index of the sample in its split.
    pub index: usize,
    /// The values of the image as the network takes them, row by row; empty where samples are not images.
    pub values: Vec<f32>,
    /// The name of the class that it was taken for.
    pub predicted: String,
    /// The probability that the network gives to that class.
    pub probability: f32,
    /// The name of its true class.
    pub label: String,
    /// The probability that the network gives to its true class.
    pub label_probability: f32,
}

/// The answers of the network with the executor's current parameters.
///
/// # Errors
/// When the network's output is not one number for each class, or the executor fails.
pub fn judge(
    executor: &mut dyn Executor,
    network: &CheckedNetwork,
    split: &Arc<Split>,
    which: &'static str,
    names: Vec<String>,
) -> Result<Judged> {
    let about = network.answer();
    let classes = match (about, network.output_shape().sizes()) {
        _ if split.targets.is_some() => None,
        (About::Binary { .. }, _) => Some(1),
        (About::Logits | About::Shares, &[classes]) => Some(classes),
        (About::Logits | About::Shares | About::Values, _) => None,
    };
    let Some(width) = classes.filter(|_| network.network().fit.targets == TargetSource::Labels) else {
        let message = match network.outputs() {
            [_] => format!(
                "the network's output is {}, not one number for each class",
                network.output_shape()
            ),
            several => format!("the network has {} outputs, not one that names a class", several.len()),
        };
        return Err(Error::message(message));
    };
    let outputs = executor.predict(split)?;
    let rows = outputs.chunks(width.max(1)).zip(&split.labels);
    let answers = rows.map(|(row, &label)| answer(row, label, about)).collect();
    Ok(Judged {
        which,
        split: Arc::clone(split),
        names,
        answers,
    })
}

/// The answer that the outputs for a sample amount to.
fn answer(row: &[f32], label: u32, about: About) -> Answer {
    let at = |row: &[f32]| row.get(label as usize).copied().unwrap_or(0.0);
    let shares = probabilities(about, row).unwrap_or_default();
    let loss = match about {
        // The logarithm of a sum of powers, so that a probability of zero still has its loss.
        About::Logits => {
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f64 = row.iter().map(|&value| f64::from(value - top).exp()).sum();
            sum.ln() - f64::from(at(row) - top)
        }
        About::Shares | About::Binary { .. } | About::Values => -f64::from(at(&shares)).ln(),
    };
    let (predicted, probability) = best(&shares).unwrap_or((0, f32::NAN));
    Answer {
        label,
        predicted: predicted as u32,
        probability,
        label_probability: at(&shares),
        loss,
    }
}

impl Judged {
    /// How often each class was taken for which.
    ///
    /// # Errors
    /// When there are too many classes for a matrix.
    pub fn confusion(&self) -> Result<Confusion> {
        let pairs = self.answers.iter().map(|answer| (answer.label, answer.predicted));
        Confusion::of(self.names.clone(), pairs).ok_or_else(|| {
            Error::message(format!(
                "a confusion matrix has at most {MOST} classes, and there are more"
            ))
        })
    }

    /// The wrong answers with the highest losses, at most `count` of them.
    pub fn mistakes(&self, count: usize) -> Vec<Mistake> {
        let mut wrong: Vec<(usize, &Answer)> = self.answers.iter().enumerate().collect();
        wrong.retain(|(_, answer)| answer.predicted != answer.label);
        // What is no number is worst of all; equals stay in the order of the split.
        wrong.sort_by(|(_, a), (_, b)| b.loss.abs().total_cmp(&a.loss.abs()));
        wrong.truncate(count);
        let mistake = |(index, answer): (usize, &Answer)| Mistake {
            index,
            values: self.values(index),
            predicted: self.name(answer.predicted),
            probability: answer.probability,
            label: self.name(answer.label),
            label_probability: answer.label_probability,
        };
        wrong.into_iter().map(mistake).collect()
    }

    /// The number of wrong answers.
    pub fn wrong(&self) -> usize {
        let wrong = |answer: &&Answer| answer.predicted != answer.label;
        self.answers.iter().filter(wrong).count()
    }

    /// The values of a sample as the network takes it; empty where samples are not images.
    fn values(&self, index: usize) -> Vec<f32> {
        if image_shape(&self.split.shape).is_err() {
            return Vec::new();
        }
        let size = self.split.shape.elements();
        let range = index * size..(index + 1) * size;
        range.filter_map(|index| self.split.pixels.get(index)).collect()
    }

    fn name(&self, class: u32) -> String {
        let name = self.names.get(class as usize);
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compiler::shape::Shape;
    use runtime::data::Pixels;

    #[test]
    fn losses_are_exact_where_probabilities_vanish() {
        let found = answer(&[0.0, 200.0], 0, About::Logits);
        assert_eq!((found.predicted, found.label_probability, found.loss), (1, 0.0, 200.0));
        let found = answer(&[0.25, 0.75], 1, About::Shares);
        assert_eq!((found.predicted, found.probability), (1, 0.75));
        assert!((found.loss - (4.0_f64 / 3.0).ln()).abs() < 1e-12);
    }

    #[test]
    fn the_worst_mistakes_come_first_and_right_answers_never() {
        let rows: [(&[f32], u32); 4] = [
            (&[1.0, 0.0], 0),
            (&[3.0, 0.0], 1),
            (&[9.0, 0.0], 1),
            (&[f32::NAN, f32::NAN], 1),
        ];
        let judged = Judged {
            which: "test",
            split: Arc::new(Split {
                shape: Shape::map(1, 1, 1),
                pixels: Pixels::Bytes(vec![0, 51, 102, 255]),
                labels: vec![0, 1, 1, 1],
                targets: None,
            }),
            names: vec!["a".to_owned(), "b".to_owned()],
            answers: rows
                .iter()
                .map(|(row, label)| answer(row, *label, About::Logits))
                .collect(),
        };
        let mistakes = judged.mistakes(10);
        let order: Vec<usize> = mistakes.iter().map(|mistake| mistake.index).collect();
        assert_eq!(order, [3, 2, 1]);
        assert_eq!(
            (mistakes[1].values.as_slice(), mistakes[1].label.as_str()),
            ([0.4].as_slice(), "b")
        );
        assert_eq!(judged.mistakes(1).len(), 1);
        assert_eq!(judged.wrong(), 3);
    }
}
