//! What `optimizer=` asks for: an update rule, and the options that go with every rule.

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use crate::explanation::expression::{Equation, Expression, product};
use crate::training::optimizers::rule::{GRADIENT, WEIGHT, significant};
use crate::training::optimizers::{Clipping, Options, Rates, Rule, Slot};
use crate::training::schedules::{InverseTimeDecay, LearningRate, Schedule};
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use serde::Serialize;

/// An optimizer: how parameters follow their gradients.
///
/// A step clips the gradients, lets the parameters decay, applies the rule, and averages the parameters, each only if
/// asked to, and only for parameters that train.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Optimizer {
    /// The update rule and its constants.
    #[serde(flatten)]
    pub rule: Rule,
    /// The options that go with every rule.
    #[serde(flatten)]
    pub options: Options,
}

impl<R: Into<Rule>> From<R> for Optimizer {
    fn from(rule: R) -> Self {
        Self {
            rule: rule.into(),
            options: Options::default(),
        }
    }
}

impl Optimizer {
    /// The buffers that are kept from step to step, laid out like the parameters: those of the rule, then the averages.
    pub fn kept(&self) -> Vec<Slot> {
        let mut kept = self.rule.slots();
        if self.options.ema.is_some() {
            kept.push(Slot::zero("average"));
        }
        kept
    }

    /// The names of these buffers in files.
    pub fn slots(&self) -> Vec<&'static str> {
        self.kept().iter().map(|slot| slot.name).collect()
    }

    /// The share of each parameter that decays in a step, before it is multiplied by the learning rate; 0 without decay.
    pub fn weight_decay(&self) -> f64 {
        self.rule.weight_decay().or(self.options.weight_decay).unwrap_or(0.0)
    }

    /// The same optimizer with a constant learning rate.
    #[must_use]
    pub fn with_learning_rate(&self, rate: f64) -> Self {
        let mut other = self.clone();
        other.rule.set_learning_rate(LearningRate::Constant(rate));
        other
    }

    /// The learning rate of step `step`, counted from 1.
    pub fn learning_rate(&self, step: u64) -> f64 {
        self.rule.learning_rate().at(step.saturating_sub(1))
    }

    /// The numbers that the host computes for step `step`, counted from 1, in `f64`.
    pub fn rates(&self, step: u64) -> Rates {
        self.rule.rates(self.learning_rate(step), step)
    }

    /// The call that makes the optimizer, with all defaults: `SGD(learning_rate=0.01, momentum=0, nesterov=False)`.
    pub fn printed(&self) -> String {
        let mut arguments = vec![("learning_rate", self.rule.learning_rate().to_string())];
        arguments.extend(self.rule.printed());
        arguments.extend(self.options.printed());
        let arguments: Vec<String> = arguments
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}({})", self.rule.name(), arguments.join(", "))
    }

    /// Sentences for learners about what it does.
    pub(crate) fn words(&self) -> String {
        self.rule.words() + &self.options.words()
    }

    /// The first step of a weight of [`WEIGHT`] whose gradient is [`GRADIENT`]; the last equation gives the new
    /// weight. Clipping by norms is left out, since it depends on other weights.
    pub(crate) fn by_hand(&self) -> Vec<Equation> {
        let rate = self.learning_rate(1);
        let decay = self.weight_decay();
        if decay == 0.0 {
            return self.rule.by_hand(Expression::from(WEIGHT), rate);
        }
        let share = product([Expression::from(WEIGHT), decay.into(), rate.into()]);
        let decayed = significant(Expression::from(WEIGHT).minus(share), "(decayed)");
        let weight = decayed.rounded();
        let mut equations = vec![decayed];
        equations.extend(self.rule.by_hand(weight, rate));
        equations
    }

    /// Whether clipping would change the gradient of the example of [`Optimizer::by_hand`], so that it is not a whole step.
    pub(crate) fn clips_example(&self) -> bool {
        match self.options.clipping {
            Some(Clipping::Norm(most) | Clipping::Value(most) | Clipping::GlobalNorm(most)) => most < GRADIENT,
            None => false,
        }
    }
}

/// The optimizer that a name stands for; in quotes upper and lower case are the same, as in Keras.
fn signature(name: &str, any_case: bool) -> Option<&'static Signature> {
    Rule::SIGNATURES.iter().copied().find(|signature| {
        if any_case {
            signature.name.eq_ignore_ascii_case(name)
        } else {
            signature.name == name
        }
    })
}

/// Reads an optimizer: a name in quotes, or a call.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Optimizer> {
    match &value.kind {
        ValueKind::String(name) => {
            let Some(signature) = signature(name, true) else {
                diagnostics.push(unknown(name, value.span, true));
                return None;
            };
            let call = Call {
                span: value.span,
                name: Spanned::new(signature.name.to_owned(), value.span),
                prefix: Vec::new(),
                receiver: None,
                arguments: Vec::new(),
                wiring: None,
            };
            bind(signature, &call, diagnostics)
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "optimizers", &[], diagnostics);
            not_wired(call, "an optimizer", diagnostics);
            let Some(signature) = signature(&call.name.node, false) else {
                diagnostics.push(unknown(&call.name.node, call.name.span, false));
                return None;
            };
            let (call, decay) = modern(call, diagnostics);
            let mut optimizer = bind(signature, &call, diagnostics)?;
            if let Some((decay, span)) = decay {
                decayed(&mut optimizer.rule, decay, span, diagnostics)?;
            }
            Some(optimizer)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            let known: Vec<String> = Rule::SIGNATURES.iter().map(|known| known.name.to_lowercase()).collect();
            let known = known.iter().map(String::as_str);
            diagnostics.push(values::unquoted(values::wrong_type(argument, value), value, known));
            None
        }
    }
}

fn bind(signature: &'static Signature, call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Option<Optimizer> {
    let mut arguments = Arguments::bind(signature, call, diagnostics);
    let rule = Rule::read(signature, &mut arguments);
    let decays = signature
        .argument("weight_decay")
        .is_some_and(|decay| decay.default == Literal::None);
    let options = Options::read(&mut arguments, decays);
    Some(Optimizer {
        rule: rule?,
        options: options?,
    })
}

/// The argument `decay` of Keras 2.
const OLD_DECAY: Argument = Argument::optional("decay", ArgumentKind::Number, Literal::Float(0.0), "");

/// Replaces the argument names of Keras 2 by today's, and takes out the value of `decay`, which has no new name. A
/// warning for each says what to write.
fn modern(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> (Call, Option<(f64, Span)>) {
    let mut call = call.clone();
    let mut decay = None;
    call.arguments.retain_mut(|argument| {
        let Some(name) = &mut argument.name else { return true };
        if name.node == "lr" {
            diagnostics.push(
                Diagnostic::warning("W0421", "`lr` is an old name")
                    .at(name.span, "now `learning_rate`")
                    .help("learning_rate means the same")
                    .fix(name.span, "learning_rate"),
            );
            "learning_rate".clone_into(&mut name.node);
        } else if name.node == "decay" {
            if let Some(value) = values::non_negative(&OLD_DECAY, &argument.value, diagnostics) {
                diagnostics.push(
                    Diagnostic::warning("W0421", "`decay` is an old argument")
                        .at(argument.span, "Keras 3 removed it")
                        .help(format!(
                            "the same is learning_rate=InverseTimeDecay(RATE, decay_steps=1, decay_rate={value})"
                        )),
                );
                decay = Some((value, argument.span));
            }
            return false;
        }
        true
    });
    (call, decay)
}

/// Gives a constant rate the decay of Keras 2: `rate / (1 + decay step)`.
fn decayed(rule: &mut Rule, decay: f64, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    if decay == 0.0 {
        return Some(());
    }
    let LearningRate::Constant(rate) = *rule.learning_rate() else {
        diagnostics.push(
            Diagnostic::error("E0109", "`decay` does not go with a schedule")
                .at(span, "the schedule decays already")
                .help("leave it out"),
        );
        return None;
    };
    rule.set_learning_rate(LearningRate::Schedule(Schedule::InverseTimeDecay(InverseTimeDecay {
        initial_learning_rate: rate,
        decay_steps: 1,
        decay_rate: decay,
        staircase: false,
    })));
    Some(())
}

fn unknown(name: &str, span: Span, quoted: bool) -> Diagnostic {
    let spell = |class: &str| {
        if quoted {
            format!("\"{}\"", class.to_lowercase())
        } else {
            class.to_owned()
        }
    };
    let known: Vec<String> = Rule::SIGNATURES.iter().map(|signature| spell(signature.name)).collect();
    let all = any_of(known.iter().map(String::as_str));
    if names::KERAS_OPTIMIZERS
        .iter()
        .any(|keras| keras.eq_ignore_ascii_case(name))
    {
        return Diagnostic::error("E0401", format!("optimizer `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not")
            .help(format!("there is {all}"));
    }
    let diagnostic =
        Diagnostic::error("E0401", format!("unknown optimizer `{name}`")).at(span, "no optimizer has this name");
    match nearest(name, Rule::SIGNATURES.iter().map(|signature| signature.name)) {
        Some(meant) => diagnostic
            .help(format!("did you mean {}?", spell(meant)))
            .fix(span, spell(meant)),
        None => diagnostic.help(format!("there is {all}")),
    }
}
