//! What training does, in words and numbers.

use super::expression::{Equation, Expression, Function, product};
use super::fact::{Fact, What};
use super::section::Section;
use super::totals;
use crate::call::suggest::all_of;
use crate::network::CheckedNetwork;
use crate::numbers::thousands;
use crate::plan::memory::Sharing;
use crate::plan::work;
use crate::training::compile::Compile;
use crate::training::data::DataName;
use crate::training::fit::Fit;
use crate::training::loss::Loss;
use crate::training::optimizer::Optimizer;

/// One section a subject; none where the network is not compiled.
pub(super) fn sections(network: &CheckedNetwork) -> Vec<Section> {
    let Some(compile) = &network.network().compile else {
        return Vec::new();
    };
    let fit = &network.network().fit;
    vec![
        loss(network, compile),
        optimizer(network, compile),
        epochs(network, fit),
    ]
}

fn loss(network: &CheckedNetwork, compile: &Compile) -> Section {
    let Loss::SparseCategoricalCrossentropy { from_logits } = compile.loss;
    let classes = network.output_shape().channels();
    let mut about = vec![
        "The loss says in one number how wrong the network is. For a picture whose right class gets the probability p it is \
         -ln(p): 0 where the network is sure and right, larger the less it believed in the right class. A batch's loss is the \
         mean over its pictures."
            .to_owned(),
    ];
    about.push(if from_logits {
        format!(
            "The network's {} numbers are logits, any numbers at all. The loss makes probabilities of them by itself, with a \
             softmax: e to the power of each, divided by the sum of all of these.",
            thousands(classes)
        )
    } else {
        "The network's numbers are taken for probabilities as they are: positive, and 1 in sum, as a softmax makes them."
            .to_owned()
    });
    if !compile.metrics.is_empty() {
        let names: Vec<&str> = compile.metrics.iter().map(|metric| metric.name.as_str()).collect();
        about.push(format!(
            "Beside it {} is reported: the share of pictures whose largest number is that of the right class. Training does \
             not look at it.",
            all_of(names.iter().copied())
        ));
    }
    let guess = Expression::from(classes).under(Function::Ln);
    let because = format!(
        "the loss where each of {} classes gets the same probability: what a fresh network has, more or less",
        thousands(classes)
    );
    Section {
        title: "Loss: SparseCategoricalCrossentropy",
        about,
        facts: vec![Fact::new(What::Guessing, vec![guess.nearly(4, "")], because)],
    }
}

fn optimizer(network: &CheckedNetwork, compile: &Compile) -> Section {
    let (title, rule) = rule(&compile.optimizer);
    let about = vec![
        "For every weight the gradient says how the loss would change if the weight grew a little. Each step moves all weights \
         a little in the direction in which the loss falls."
            .to_owned(),
        rule,
    ];
    let slots = compile.optimizer.slots();
    let numbers = slots.len() * network.trainable_params();
    let mut facts = Vec::new();
    if !slots.is_empty() {
        let left = Expression::from(slots.len()).times(network.trainable_params());
        let mut equations = vec![left.equals_of(numbers as u64, "numbers")];
        equations.extend(totals::bytes(numbers as u64));
        let because = format!(
            "from step to step, for each parameter: {}",
            all_of(slots.iter().copied())
        );
        facts.push(Fact::new(What::State, equations, because));
    }
    let because = format!(
        "the first step of a weight of {WEIGHT} whose gradient is {GRADIENT}; the last number is the new weight"
    );
    facts.push(Fact::new(What::Update, by_hand(&compile.optimizer), because));
    Section { title, about, facts }
}

/// The weight that the example begins with.
const WEIGHT: f64 = 1.0;
/// Its gradient.
const GRADIENT: f64 = 0.5;

/// How the optimizer moves a weight, with its constants.
fn rule(optimizer: &Optimizer) -> (&'static str, String) {
    match *optimizer {
        Optimizer::SGD {
            learning_rate,
            momentum,
            nesterov,
        } => {
            let mut text = format!(
                "SGD, gradient descent, takes learning_rate = {learning_rate} times the gradient off each weight."
            );
            if momentum != 0.0 {
                text.push_str(&format!(
                    " With momentum = {momentum} a step also keeps that share of the step before, as a rolling ball does."
                ));
            }
            if nesterov {
                text.push_str(" Nesterov's variant looks ahead: it adds the momentum once more.");
            }
            ("Optimizer: SGD", text)
        }
        Optimizer::RMSprop {
            learning_rate,
            rho,
            momentum,
            centered,
            ..
        } => {
            let mut text = format!(
                "RMSprop keeps for each weight a running mean of the squares of its gradients, of which each step keeps rho = \
                 {rho}. The gradient is divided by the root of that mean, so that steep and flat directions get steps of like \
                 size, and multiplied by learning_rate = {learning_rate}."
            );
            if centered {
                text.push_str(" Centered: the square of the mean gradient is taken off the mean of squares first.");
            }
            if momentum > 0.0 {
                text.push_str(&format!(
                    " With momentum = {momentum} a step also keeps that share of the step before."
                ));
            }
            ("Optimizer: RMSprop", text)
        }
        Optimizer::Adam {
            learning_rate,
            beta_1,
            beta_2,
            amsgrad,
            ..
        } => ("Optimizer: Adam", adam(learning_rate, beta_1, beta_2, amsgrad)),
        Optimizer::AdamW {
            learning_rate,
            weight_decay,
            beta_1,
            beta_2,
            amsgrad,
            ..
        } => {
            let text = format!(
                "AdamW first takes the share weight_decay * learning_rate = {weight_decay} * {learning_rate} off each weight, so \
                 that weights that nothing needs fade away, and then does as Adam. {}",
                adam(learning_rate, beta_1, beta_2, amsgrad)
            );
            ("Optimizer: AdamW", text)
        }
    }
}

fn adam(learning_rate: f64, beta_1: f64, beta_2: f64, amsgrad: bool) -> String {
    let mut text = format!(
        "Adam keeps two running means for each weight: of its gradients (each step keeps beta_1 = {beta_1} of it) and of their \
         squares (beta_2 = {beta_2}). A step is learning_rate = {learning_rate} times the first divided by the root of the \
         second: where gradients agree it goes far, where they contradict each other it hardly moves. Both means begin at 0, \
         which the first steps make up for."
    );
    if amsgrad {
        text.push_str(" Amsgrad: the divisor is the largest that there has been.");
    }
    text
}

/// The first step of one weight; `shaders/optimizer.wgsl` and Keras's optimizers have the rules.
fn by_hand(optimizer: &Optimizer) -> Vec<Equation> {
    let number = Expression::from;
    let square = |keep: f64| product([number(1.0).minus(keep), GRADIENT.into(), GRADIENT.into()]);
    match *optimizer {
        Optimizer::SGD {
            learning_rate,
            momentum,
            nesterov,
        } => {
            let step = number(learning_rate).times(GRADIENT);
            if nesterov {
                // w += momentum m - rate g, where m = -rate g.
                return vec![significant(
                    number(WEIGHT).minus(number(1.0).plus(momentum).times(step)),
                    "",
                )];
            }
            vec![significant(number(WEIGHT).minus(step), "")]
        }
        Optimizer::RMSprop {
            learning_rate,
            rho,
            epsilon,
            centered,
            ..
        } => {
            let squares = significant(square(rho), "(mean of squares)");
            let mut mean = squares.rounded();
            let mut equations = vec![squares];
            if centered {
                let gradients = significant(number(1.0).minus(rho).times(GRADIENT), "(mean of gradients)");
                let average = gradients.rounded();
                mean = mean.minus(average.clone().times(average));
                equations.push(gradients);
            }
            let root = mean.plus(epsilon).under(Function::Sqrt);
            let step = number(learning_rate).times(GRADIENT).over(root);
            equations.push(significant(number(WEIGHT).minus(step), ""));
            equations
        }
        Optimizer::Adam {
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            ..
        } => adam_by_hand(number(WEIGHT), Vec::new(), learning_rate, [beta_1, beta_2, epsilon]),
        Optimizer::AdamW {
            learning_rate,
            weight_decay,
            beta_1,
            beta_2,
            epsilon,
            ..
        } => {
            let share = product([number(WEIGHT), weight_decay.into(), learning_rate.into()]);
            let decayed = significant(number(WEIGHT).minus(share), "(decayed)");
            let weight = decayed.rounded();
            adam_by_hand(weight, vec![decayed], learning_rate, [beta_1, beta_2, epsilon])
        }
    }
}

fn adam_by_hand(
    weight: Expression,
    mut equations: Vec<Equation>,
    learning_rate: f64,
    [beta_1, beta_2, epsilon]: [f64; 3],
) -> Vec<Equation> {
    let rest = |beta: f64| Expression::from(1.0).minus(beta);
    let gradients = significant(rest(beta_1).times(GRADIENT), "(mean of gradients)");
    let squares = significant(
        product([rest(beta_2), GRADIENT.into(), GRADIENT.into()]),
        "(mean of squares)",
    );
    let rate = Expression::from(learning_rate)
        .times(rest(beta_2).under(Function::Sqrt))
        .over(rest(beta_1));
    let rate = significant(rate, "(rate of the first step)");
    let step = rate.rounded().times(gradients.rounded());
    let new = weight.minus(step.over(squares.rounded().under(Function::Sqrt).plus(epsilon)));
    equations.extend([gradients, squares, rate, significant(new, "")]);
    equations
}

/// About what it comes to, with five significant digits.
fn significant(left: Expression, unit: &'static str) -> Equation {
    let size = left.value().abs().log10().floor();
    let decimals = if size.is_finite() {
        (4.0 - size).clamp(0.0, 12.0) as usize
    } else {
        1
    };
    left.nearly(decimals, unit)
}

fn epochs(network: &CheckedNetwork, fit: &Fit) -> Section {
    let mut about = vec![format!(
        "One step takes a batch of {} pictures: forward for the loss, backward for the gradients, one update of all parameters. \
         An epoch shows every training picture once{}.",
        thousands(fit.batch_size),
        if fit.shuffle {
            ", each time in a new order"
        } else {
            ", in the order of the data set"
        }
    )];
    let mut facts = Vec::new();
    match &fit.data {
        Some(DataName::Known(data)) => {
            let (train, test) = data.samples();
            about.push(format!(
                "{} has {} pictures to train on and {} to test with.",
                data.name(),
                thousands(train),
                thousands(test)
            ));
            facts.extend(known(fit, train));
            if let Some((train, test)) = data.carried() {
                let steps = steps(Fit::cut(train, fit.validation_split), fit.batch_size);
                let because = format!(
                    "where the whole set is not at hand: cnnc carries {} + {} of its pictures",
                    thousands(train),
                    thousands(test)
                );
                facts.push(Fact::new(What::Steps, vec![steps], because));
            }
        }
        Some(DataName::Path(path)) => about.push(format!(
            "How many steps an epoch has depends on {path}: its training pictures divided by {}, rounded up.",
            thousands(fit.batch_size)
        )),
        None => about.push(format!(
            "No data set is named: with --data a run has as many steps an epoch as it has training pictures, divided by {}, \
             rounded up.",
            thousands(fit.batch_size)
        )),
    }
    facts.push(work(fit, passes(network)));
    about.push(if fit.validation_split > 0.0 {
        "The last part of the training pictures is held back: after an epoch the network is measured on them, without learning \
         from them."
            .to_owned()
    } else {
        "After an epoch the network is measured on the test pictures, without learning from them: that says whether it learnt \
         something that holds for pictures it has not seen."
            .to_owned()
    });
    Section {
        title: "Epochs and steps",
        about,
        facts,
    }
}

fn known(fit: &Fit, train: usize) -> Vec<Fact> {
    let mut facts = Vec::new();
    let trained = Fit::cut(train, fit.validation_split);
    if fit.validation_split > 0.0 {
        let kept = Expression::from(train).times(Expression::from(1.0).minus(fit.validation_split));
        let because = format!("without the share of {} that validates", fit.validation_split);
        facts.push(Fact::new(
            What::Samples,
            vec![kept.under(Function::Floor).equals(trained as u64)],
            because,
        ));
    }
    let mut because = format!("steps of {} pictures", thousands(fit.batch_size));
    if let rest @ 1.. = trained % fit.batch_size {
        because = format!("{because}; {} in the last one", thousands(rest));
    }
    facts.push(Fact::new(What::Steps, vec![steps(trained, fit.batch_size)], because));
    let epochs = fit.epochs.saturating_sub(fit.initial_epoch);
    let each = trained.div_ceil(fit.batch_size) as u64;
    let all = Expression::from(each).times(epochs).equals(each * epochs as u64);
    let many = if epochs == 1 {
        "1 epoch".to_owned()
    } else {
        format!("{} epochs", thousands(epochs))
    };
    facts.push(Fact::new(
        What::Updates,
        vec![all],
        format!("updates of every parameter in {many}"),
    ));
    facts
}

/// The steps of an epoch.
fn steps(samples: usize, batch_size: usize) -> Equation {
    let quotient = Expression::from(samples).over(batch_size);
    let quotient = if samples.is_multiple_of(batch_size) {
        quotient
    } else {
        quotient.under(Function::Ceil)
    };
    quotient.equals_of(samples.div_ceil(batch_size) as u64, "steps")
}

/// The multiply-adds of a training step, by what they are for.
fn passes(network: &CheckedNetwork) -> work::Passes {
    work::passes(&crate::plan_of(network, Sharing::Shared).training)
}

fn work(fit: &Fit, passes: work::Passes) -> Fact {
    let work::Passes {
        forward,
        dkernel,
        dinput,
    } = passes;
    let each = forward.saturating_add(dkernel).saturating_add(dinput);
    let parts = [forward, dkernel, dinput].into_iter().map(Expression::from);
    let mut equations = vec![Expression::Sum(parts.collect()).equals_of(each, "a picture")];
    let step = Expression::from(each).times(fit.batch_size);
    equations.push(step.equals_of(each.saturating_mul(fit.batch_size as u64), "a step"));
    if let Some(DataName::Known(data)) = fit.data {
        let samples = Fit::cut(data.samples().0, fit.validation_split);
        equations.push(
            Expression::from(each)
                .times(samples)
                .equals_of(each.saturating_mul(samples as u64), "an epoch"),
        );
    }
    let because = "multiply-adds: forward, for the weights' gradients, and for the gradients that go back from layer to layer; \
                   the picture itself needs none";
    Fact::new(What::Work, equations, because)
}
