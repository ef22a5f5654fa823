//! Turns a network's outputs into probabilities of classes.

use compiler::network::Answer;

/// The probabilities of the classes for a row of outputs; `None` where the outputs do not tell classes.
pub fn probabilities(answer: Answer, row: &[f32]) -> Option<Vec<f32>> {
    match answer {
        Answer::Logits => Some(softmax(row)),
        Answer::Shares => Some(row.to_vec()),
        Answer::Binary { is_logit } => {
            let value = row.first().copied()?;
            let second = if is_logit { 1.0 / (1.0 + (-value).exp()) } else { value };
            Some(vec![1.0 - second, second])
        }
        Answer::Values => None,
    }
}

/// The index and the value of the largest number, the first of several; `None` where one is NaN.
pub fn best(row: &[f32]) -> Option<(usize, f32)> {
    if row.iter().any(|value| value.is_nan()) {
        return None;
    }
    let start = row.first().map(|&first| (0, first))?;
    let larger =
        |best: (usize, f32), (class, &value): (usize, &f32)| if value > best.1 { (class, value) } else { best };
    Some(row.iter().enumerate().fold(start, larger))
}

/// Probabilities from raw outputs.
pub fn softmax(row: &[f32]) -> Vec<f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = row.iter().map(|value| (value - top).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_the_first_of_equals_wins() {
        let row = softmax(&[1000.0, 0.0, 1000.0]);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(best(&row), Some((0, 0.5)));
    }

    #[test]
    fn what_is_no_number_is_no_class() {
        assert_eq!(best(&[f32::NAN, 1.0]), None);
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[f32::NEG_INFINITY]), Some((0, f32::NEG_INFINITY)));
    }

    #[test]
    fn one_number_is_about_two_classes() {
        let binary = |is_logit, value| probabilities(Answer::Binary { is_logit }, &[value]);
        assert_eq!(binary(false, 0.75), Some(vec![0.25, 0.75]));
        assert_eq!(binary(true, 0.0), Some(vec![0.5, 0.5]));
        assert_eq!(probabilities(Answer::Values, &[3.0]), None);
    }
}
