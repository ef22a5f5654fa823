//! What training does, in words and numbers.

use super::expression::{Equation, Expression, Function};
use super::fact::{Fact, What};
use super::section::Section;
use super::totals;
use crate::call::suggest::all_of;
use crate::network::{CheckedNetwork, Port};
use crate::numbers::thousands;
use crate::plan::memory::Sharing;
use crate::plan::work;
use crate::training::compile::{Compile, Judgement};
use crate::training::data::DataName;
use crate::training::fit::Fit;
use crate::training::optimizers::{GRADIENT, WEIGHT};

/// The sections on training, one for each subject; empty where the network is not compiled.
pub(super) fn sections(network: &CheckedNetwork) -> Vec<Section> {
    let Some(compile) = &network.network().compile else {
        return Vec::new();
    };
    let fit = &network.network().fit;
    let mut sections: Vec<Section> = network
        .outputs()
        .iter()
        .zip(compile.judgements())
        .map(|(port, judgement)| loss(network, port, &judgement))
        .collect();
    sections.push(optimizer(network, compile));
    sections.push(epochs(network, fit));
    if network.phase_count() > 1 {
        sections.push(phases(network));
    }
    sections
}

/// The section on what each phase trains, and how.
fn phases(network: &CheckedNetwork) -> Section {
    let mut about = vec![
        "Training goes on in phases with the same weights. What was said above is of the first one; an optimizer that begins anew has \
         no memory of the steps before."
            .to_owned(),
    ];
    let later = &network.network().later;
    for index in 0..network.phase_count() {
        let phase = network.phase(index);
        let fit = &phase.network().fit;
        let epochs = fit.epochs.saturating_sub(fit.initial_epoch);
        let many = if epochs == 1 { "epoch" } else { "epochs" };
        let compiled = index.checked_sub(1).and_then(|before| later.get(before));
        let optimizer = match (
            compiled.is_some_and(|phase| phase.compile.is_none()),
            &phase.network().compile,
        ) {
            (false, Some(compile)) => {
                let name = compile.optimizer.rule.title().trim_start_matches("Optimizer: ");
                format!(" with {name} from its beginning")
            }
            (true, _) => ", going on with the optimizer".to_owned(),
            (false, None) => String::new(),
        };
        about.push(format!(
            "Phase {}: {} of {} parameters train, {} {many} of batches of {} pictures{optimizer}.",
            index + 1,
            thousands(phase.trainable_params()),
            thousands(phase.total_params()),
            thousands(epochs),
            thousands(fit.batch_size)
        ));
    }
    Section {
        title: "Phases",
        about,
        facts: Vec::new(),
    }
}

fn loss(network: &CheckedNetwork, port: &Port, judgement: &Judgement) -> Section {
    let outputs = port.shape.channels();
    let mut about = judgement.loss.words(outputs);
    if network.outputs().len() > 1 {
        about.insert(
            0,
            format!(
                "This is the loss of the output {name}, reported as {name}_loss. Times {}, it is added to those of the other outputs; \
                 training lowers the sum.",
                judgement.loss_weight,
                name = port.name,
            ),
        );
    }
    // One sentence tells all the names of a metric.
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for metric in &judgement.metrics {
        let mut words = metric.kind.words(outputs);
        if metric.weighted {
            words.push_str(" Samples count by their weights in it.");
        }
        match told.iter_mut().find(|(known, _)| *known == words) {
            Some((_, names)) => names.push(&metric.name),
            None => told.push((words, vec![&metric.name])),
        }
    }
    for (words, names) in told {
        about.push(format!("Beside it {} is reported: {words}", all_of(names)));
    }
    let weights = &network.network().fit.class_weight;
    if !weights.is_empty() {
        let each: Vec<String> = weights
            .iter()
            .map(|(class, weight)| format!("{weight} times for class {class}"))
            .collect();
        about.push(format!(
            "In training the loss of a picture counts by its class: {}, and once for the others. Where the network is measured, \
             all count the same.",
            all_of(each.iter().map(String::as_str))
        ));
    }
    let guess = judgement.loss.guess(outputs);
    let facts = guess.map(|(guess, because)| Fact::new(What::Guessing, vec![guess.nearly(4, "")], because));
    Section {
        title: judgement.loss.title(),
        about,
        facts: facts.into_iter().collect(),
    }
}

fn optimizer(network: &CheckedNetwork, compile: &Compile) -> Section {
    let optimizer = &compile.optimizer;
    let about = vec![
        "For every weight the gradient says how the loss would change if the weight grew a little. Each step moves all weights \
         a little in the direction in which the loss falls."
            .to_owned(),
        optimizer.words(),
    ];
    let slots = optimizer.slots();
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
    let clipped = if optimizer.clips_example() { ", not clipped" } else { "" };
    let because = format!(
        "the first step of a weight of {WEIGHT} whose gradient is {GRADIENT}{clipped}; the last number is the new weight"
    );
    facts.push(Fact::new(What::Update, optimizer.by_hand(), because));
    Section {
        title: optimizer.rule.title(),
        about,
        facts,
    }
}

fn epochs(network: &CheckedNetwork, fit: &Fit) -> Section {
    let order = if fit.shuffle {
        ", each time in a new order"
    } else {
        ", in the order of the data set"
    };
    let epoch = match fit.steps_per_epoch {
        None => format!("An epoch shows every training picture once{order}."),
        Some(steps) => format!(
            "An epoch has at most {} steps, and the next one goes on with the pictures that are left, until each was shown \
             once{order}.",
            thousands(steps)
        ),
    };
    let mut about = vec![format!(
        "One step takes a batch of {} pictures: forward for the loss, backward for the gradients, one update of all parameters. \
         {epoch}",
        thousands(fit.batch_size),
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
    if let Some(steps) = fit.validation_steps {
        let batch = fit.validation_batch_size.unwrap_or(fit.batch_size);
        about.push(format!(
            "A validation takes at most {} steps of {} pictures, the first ones.",
            thousands(steps),
            thousands(batch)
        ));
    }
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
    if let Some(most) = fit.steps_per_epoch {
        because = format!("{because}; an epoch takes at most {} of these steps", thousands(most));
    }
    facts.push(Fact::new(What::Steps, vec![steps(trained, fit.batch_size)], because));
    let epochs = fit.epochs.saturating_sub(fit.initial_epoch);
    let all = updates(fit, trained);
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

/// The steps of all epochs over so many training samples: those of whole passes, then those of the epochs that remain.
fn updates(fit: &Fit, samples: usize) -> Equation {
    let after = fit.stretch(fit.epochs, samples);
    let pass = fit.steps_of_a_pass(samples);
    let passes = after.pass.saturating_sub(fit.initial_epoch);
    let whole = Expression::from(pass as u64).times(passes);
    let rest = after.steps_before - pass as u64 * passes as u64;
    let all = match (passes, rest) {
        (_, 0) => whole,
        (0, rest) => Expression::from(rest),
        (_, rest) => Expression::Sum(vec![whole, Expression::from(rest)]),
    };
    all.equals(after.steps_before)
}

/// The steps of a pass over the samples, rounded up.
fn steps(samples: usize, batch_size: usize) -> Equation {
    let quotient = Expression::from(samples).over(batch_size);
    let quotient = if samples.is_multiple_of(batch_size) {
        quotient
    } else {
        quotient.under(Function::Ceil)
    };
    quotient.equals_of(samples.div_ceil(batch_size) as u64, "steps")
}

/// The multiply-adds of a training step, by purpose.
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
        let trained = Fit::cut(data.samples().0, fit.validation_split);
        let samples = fit.stretch(fit.initial_epoch, trained).samples.len();
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
