//! The arguments of a call, matched with its signature. Mistakes are reported at their spans; whatever else can be
//! read is read, so that one mistake does not hide the next.

use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use grammar::ast::{self, Call, Value};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};

/// What one class calls so, and what another calls the same.
const ELSEWHERE: [(&str, &str); 14] = [
    ("momentum", "beta_1"),
    ("nesterov", "beta_1"),
    ("rho", "beta_2"),
    ("beta_1", "momentum"),
    ("beta_2", "rho"),
    ("nb_filter", "filters"),
    ("output_dim", "units"),
    ("nb_epoch", "epochs"),
    ("border_mode", "padding"),
    ("subsample", "strides"),
    ("init", "kernel_initializer"),
    ("p", "rate"),
    ("W_regularizer", "kernel_regularizer"),
    ("b_regularizer", "bias_regularizer"),
];

/// What Keras 3 has no more, and why nothing is lost.
const GONE: [(&str, &str); 4] = [
    ("workers", "files are read on all cores"),
    ("use_multiprocessing", "files are read on all cores"),
    ("max_queue_size", "samples are read ahead by themselves"),
    ("period", "it looks at each epoch"),
];

/// The arguments of a call by parameter, with the list that messages about them are added to.
#[derive(Debug)]
pub struct Arguments<'a> {
    signature: &'static Signature,
    callee: &'a Spanned<String>,
    given: Vec<(&'static Argument, &'a ast::Argument)>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Arguments<'a> {
    /// Matches the arguments of `call` with `signature`. Reports unknown, repeated, surplus, missing and unsupported
    /// ones.
    pub fn bind(signature: &'static Signature, call: &'a Call, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        let mut bound = Self {
            signature,
            callee: &call.name,
            given: Vec::new(),
            diagnostics,
        };
        if let Some(receiver) = &call.receiver {
            bound.diagnostics.push(
                Diagnostic::error("E0111", format!("{} is not a method", call.name.node))
                    .at(receiver.span, "nothing here has methods")
                    .help("leave it out"),
            );
        }
        let mut surplus: Option<Span> = None;
        for (place, argument) in call.arguments.iter().enumerate() {
            match &argument.name {
                Some(name) => match signature.argument(&name.node) {
                    Some(parameter) => bound.put(parameter, argument),
                    None => bound.unknown(name),
                },
                None => match signature.parameters.get(place) {
                    Some(parameter) => bound.put(parameter, argument),
                    None => surplus = Some(surplus.map_or(argument.span, |span| span.to(argument.span))),
                },
            }
        }
        if let Some(span) = surplus {
            bound.surplus(span);
        }
        bound.missing();
        bound
    }

    /// The list that messages are added to.
    pub fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        self.diagnostics
    }

    /// The name of what is called, and where it stands.
    pub fn callee(&self) -> &'a Spanned<String> {
        self.callee
    }

    /// The argument as it was written; None where the call leaves it out.
    pub fn written(&self, name: &str) -> Option<&'a ast::Argument> {
        self.given
            .iter()
            .find(|(parameter, _)| parameter.name == name)
            .map(|&(_, argument)| argument)
    }

    /// Where the argument stands, or the callee's name where the call leaves it out.
    pub fn span_of(&self, name: &str) -> Span {
        self.written(name).map_or(self.callee.span, |argument| argument.span)
    }

    /// The names of the arguments that the call gives, in the order of the call, each with its place in the file.
    pub fn spans(&self) -> Vec<(&'static str, Span)> {
        self.given
            .iter()
            .map(|(parameter, argument)| (parameter.name, argument.span))
            .collect()
    }

    /// Reads the argument, or its default where the call leaves it out, with `read`, which reports what it cannot
    /// read. None after such a report, and where a required argument is missing, which [`Arguments::bind`] has
    /// reported.
    pub fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Argument, &Value, &mut Vec<Diagnostic>) -> Option<T>,
    ) -> Option<T> {
        let parameter = self.signature.argument(name)?;
        match self.written(name) {
            Some(argument) => read(parameter, &argument.value, self.diagnostics),
            None => read(parameter, &parameter.default.value(self.callee.span)?, self.diagnostics),
        }
    }

    /// Reads an integer of at least 1.
    pub fn count(&mut self, name: &str) -> Option<usize> {
        self.read(name, values::count)
    }

    /// Reads `True` or `False`.
    pub fn bool(&mut self, name: &str) -> Option<bool> {
        self.read(name, values::bool)
    }

    /// Reads an integer of at least 1, which stands for both, or a pair of such integers.
    pub fn pair(&mut self, name: &str) -> Option<(usize, usize)> {
        self.read(name, values::pair)
    }

    fn put(&mut self, parameter: &'static Argument, argument: &'a ast::Argument) {
        if let Some(&(_, first)) = self.given.iter().find(|(known, _)| known.name == parameter.name) {
            let name = parameter.name;
            let text = if argument.name.is_some() {
                "again here"
            } else {
                "again here, by its place"
            };
            let (place, kind) = match first.name {
                Some(_) => ("first given here".to_owned(), "remove one of the two"),
                None => (
                    format!("the {} positional argument is `{name}`", self.ordinal(name)),
                    "remove one of the two",
                ),
            };
            self.diagnostics.push(
                Diagnostic::error("E0105", format!("`{name}` is given twice"))
                    .at(argument.span, text)
                    .because(first.span, place)
                    .help(kind),
            );
            return;
        }
        self.given.push((parameter, argument));
        if let ArgumentKind::Unsupported(alternatives) = parameter.kind {
            let harmless = std::iter::once(&parameter.default).chain(alternatives);
            if !harmless.into_iter().any(|literal| literal.is(&argument.value.kind)) {
                self.unsupported(parameter, argument);
            }
        }
    }

    fn ordinal(&self, name: &str) -> String {
        let place = self
            .signature
            .parameters
            .iter()
            .position(|parameter| parameter.name == name)
            .unwrap_or_default();
        match place {
            0 => "first".to_owned(),
            1 => "second".to_owned(),
            2 => "third".to_owned(),
            place => format!("{}th", place + 1),
        }
    }

    fn unsupported(&mut self, parameter: &Argument, argument: &ast::Argument) {
        let mut diagnostic = Diagnostic::error("E0110", format!("`{}` is not supported", parameter.name)).at(
            argument.span,
            format!("Keras's {} has it, cnnc does not", self.signature.name),
        );
        diagnostic = match (parameter.name, parameter.default) {
            ("verbose", _) => diagnostic.help("what is printed is set on the command line: cnnc run --quiet"),
            ("seed", _) => diagnostic.help("all randomness comes from one seed: fit(..., seed=1)"),
            ("zca_whitening" | "zca_epsilon", _) => diagnostic.help(
                "no layer does this: do it to the pictures once, in Python, and train on what np.savez has written",
            ),
            ("data_format", _) => diagnostic.help("pictures are height x width x channels, \"channels_last\""),
            (_, crate::call::signature::Literal::Required) => diagnostic.help("leave it out"),
            (_, default) => diagnostic.help(format!("leave it out, which means {}={default}", parameter.name)),
        };
        self.diagnostics.push(diagnostic);
    }

    fn unknown(&mut self, name: &Spanned<String>) {
        let supported = || {
            self.signature
                .all()
                .filter(|parameter| parameter.is_supported())
                .map(|parameter| parameter.name)
        };
        let callee = &self.callee.node;
        let mut diagnostic = Diagnostic::error("E0103", format!("unknown argument `{}`", name.node))
            .at(name.span, format!("{callee} has no argument of this name"));
        if name.node == "nesterov" && supported().any(|known| known == "beta_1") {
            self.diagnostics
                .push(diagnostic.help("Nadam is Adam with Nesterov's momentum, which is its `beta_1`"));
            return;
        }
        let mut elsewhere = ELSEWHERE.iter().filter(|(other, _)| *other == name.node);
        let same = elsewhere.find(|(_, meant)| supported().any(|known| known == *meant));
        if let Some((_, meant)) = same {
            self.diagnostics
                .push(diagnostic.help(format!("in {callee} that is `{meant}`")));
            return;
        }
        if let Some((_, why)) = GONE.iter().find(|(gone, _)| *gone == name.node) {
            self.diagnostics
                .push(diagnostic.help(format!("leave it out, as Keras 3 has done: {why}")));
            return;
        }
        diagnostic = match nearest(&name.node, supported()) {
            Some(meant) => diagnostic
                .help(format!("did you mean `{meant}`?"))
                .fix(name.span, meant),
            None if supported().next().is_none() => diagnostic.help(format!("{callee} takes no arguments")),
            None => diagnostic.help(format!("{callee} takes {}", all_of(supported()))),
        };
        self.diagnostics.push(diagnostic);
    }

    fn surplus(&mut self, span: Span) {
        let takes = self.signature.parameters.len();
        let callee = &self.callee.node;
        let names = self
            .signature
            .parameters
            .iter()
            .filter(|parameter| parameter.is_supported());
        let mut diagnostic = Diagnostic::error("E0106", "too many arguments");
        diagnostic = match takes {
            0 => diagnostic.at(span, format!("{callee} takes no positional arguments")),
            1 => diagnostic.at(span, format!("{callee} takes one positional argument")),
            _ => diagnostic.at(span, format!("{callee} takes {takes} positional arguments")),
        };
        if takes > 0 {
            diagnostic = diagnostic.help(format!("in order: {}", all_of(names.map(|parameter| parameter.name))));
        }
        self.diagnostics.push(diagnostic);
    }

    fn missing(&mut self) {
        let required = || {
            self.signature
                .all()
                .filter(|parameter| parameter.default == crate::call::signature::Literal::Required)
        };
        let missing: Vec<_> = required()
            .filter(|parameter| self.written(parameter.name).is_none())
            .collect();
        if missing.is_empty() {
            return;
        }
        let callee = &self.callee.node;
        let names: Vec<String> = missing
            .iter()
            .map(|parameter| format!("`{}`", parameter.name))
            .collect();
        let names = all_of(names.iter().map(String::as_str));
        let shown: Vec<String> = required()
            .map(|parameter| format!("{}={}", parameter.name, parameter.kind.example()))
            .collect();
        let diagnostic = Diagnostic::error("E0104", format!("{callee} needs {names}")).at(
            self.callee.span,
            format!("{names} {} missing", if missing.len() == 1 { "is" } else { "are" }),
        );
        self.diagnostics.push(if callee == "preprocess_input" {
            diagnostic.help("vgg16.preprocess_input() has the mode of its application")
        } else {
            diagnostic.help(format!("such as {callee}({})", shown.join(", ")))
        });
    }
}

/// Reports the second pair of parentheses in a call such as `Adam()(x)` (E0208), for only layers are wired.
pub(crate) fn not_wired(call: &Call, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(wiring) = &call.wiring {
        diagnostics.push(
            Diagnostic::error("E0208", format!("{what} is not wired"))
                .at(wiring.span, "a second pair of parentheses")
                .help("leave it out"),
        );
    }
}
