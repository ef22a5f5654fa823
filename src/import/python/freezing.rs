//! What training moves in each of its phases: `trainable=False` where that never changes, else calls of `freeze` and `thaw`.

use super::interpreter::Interpreter;
use super::value::Id;
use crate::import::draft::{Freezing, Layer, Phase};
use crate::import::freezing;
use crate::import::literal::{Argument, Literal};
use crate::import::naming;
use compiler::call::signature::Signature;
use std::collections::BTreeSet;

/// What the script had set at a time, by the places of layers.
type Flags = [Option<Literal>];

/// The tensors that a model gives, and those that it takes.
type Ends<'e> = (&'e [Option<Id>], &'e [Option<Id>]);

/// A layer of the network, or an application with the layers in it.
struct Whole {
    /// Its place in the draft.
    place: usize,
    layer: Id,
    lines: (usize, usize),
    /// What `freeze` calls it; of a layer without a name, empty until it needs one.
    name: String,
    /// Of an application: its layers with weights, each by its name and the object that stands for it.
    parts: Vec<(String, Id)>,
    /// Whether each of its parts is kept as it is, phase by phase.
    states: Vec<Vec<bool>>,
    /// What the script sets, where that is not known.
    unknown: Option<Literal>,
}

impl Interpreter<'_> {
    /// The phases of a model's training. Layers get names where calls need them.
    pub fn phases(&mut self, model: Id, ends: Ends<'_>, layers: &mut [Layer]) -> Vec<Phase> {
        let Some(found) = self.models.get(model) else {
            return Vec::new();
        };
        let compiled = found
            .compiled
            .as_ref()
            .map(|compiled| (compiled.call.clone(), compiled.lines));
        let mut phases: Vec<Phase> = Vec::new();
        let mut flags: Vec<Vec<Option<Literal>>> = Vec::new();
        for trained in &found.phases {
            phases.push(Phase {
                freezing: Vec::new(),
                compile: trained.compile.clone(),
                fit: Some(trained.fit.clone()),
            });
            // What was frozen when it was compiled, and not at the script's end.
            flags.push(match (&trained.compile, flags.last()) {
                (None, Some(before)) => before.clone(),
                (Some(_), _) | (None, None) => trained.frozen.clone(),
            });
        }
        match compiled {
            Some((call, _)) if phases.is_empty() => phases.push(Phase {
                compile: Some(call),
                ..Phase::default()
            }),
            Some((_, lines)) => {
                self.lines = lines;
                self.leave_out_because("compile (nothing is trained with it)");
            }
            None if phases.is_empty() => phases.push(Phase::default()),
            None => {}
        }
        if flags.is_empty() {
            flags.push(self.layers.iter().map(|layer| layer.trainable.clone()).collect());
        }
        let wholes = self.wholes(ends, layers, &flags);
        let calls = settled(wholes, layers, flags.len());
        for (phase, calls) in phases.iter_mut().zip(calls) {
            phase.freezing = calls
                .into_iter()
                .map(|(call, lines)| Freezing {
                    call,
                    place: self.source.place(lines),
                })
                .collect();
        }
        phases.retain(|phase| *phase != Phase::default());
        phases
    }

    /// The layers with weights that tensors depend on, and what of them is frozen.
    fn wholes(&mut self, (outputs, inputs): Ends<'_>, layers: &[Layer], flags: &[Vec<Option<Literal>>]) -> Vec<Whole> {
        let tensors = self.ordered(outputs, inputs);
        // An input may stand before those of the script.
        let offset = layers.len().saturating_sub(tensors.len());
        let mut seen = BTreeSet::new();
        let mut wholes = Vec::new();
        for (index, &tensor) in tensors.iter().enumerate() {
            let Some(layer) = self.tensors.get(tensor).map(|tensor| tensor.layer) else {
                continue;
            };
            let Some(object) = self.layers.get(layer).filter(|_| seen.insert(layer)) else {
                continue;
            };
            let entry = compiler::layers::entry(&object.class);
            if entry.is_some_and(|entry| !has_weights(entry.signature)) {
                continue;
            }
            let mut whole = Whole {
                place: index + offset,
                layer,
                lines: object.lines,
                name: object.name.clone().unwrap_or_default(),
                parts: Vec::new(),
                states: Vec::new(),
                unknown: flags.iter().find_map(|flags| match flags.get(layer)?.as_ref()? {
                    Literal::Bool(_) => None,
                    other => Some(other.clone()),
                }),
            };
            // Statistics that are not to move ask for the layers within.
            let asks = object.parts.is_some() || self.inference.contains(&layer);
            let parts = asks.then(|| self.parts_of(layer)).flatten();
            if let Some(parts) = parts {
                let weighted = parts.iter().filter(|part| part.has_weights);
                whole.parts = weighted.map(|part| (part.name.clone(), part.layer)).collect();
                if let Some((model, _)) = whole.parts.first().and_then(|(name, _)| name.split_once('/')) {
                    model.clone_into(&mut whole.name);
                }
            } else {
                whole.parts.push((whole.name.clone(), layer));
            }
            let mut kept = false;
            for flags in flags {
                let state = whole.parts.iter().map(|(_, part)| {
                    let is_moved = !is_frozen(flags, *part, &whole);
                    let is_kept = is_moved && self.is_kept(*part, layer);
                    kept |= is_kept;
                    !is_moved || is_kept
                });
                let state = state.collect();
                whole.states.push(state);
            }
            if kept {
                self.lines = whole.lines;
                self.leave_out_because(
                    "training=False (its BatchNormalization is frozen instead: gamma and beta do not train)",
                );
            }
            wholes.push(whole);
        }
        wholes
    }

    /// Whether a layer's statistics are never to move: it is applied as in prediction.
    fn is_kept(&self, part: Id, whole: Id) -> bool {
        let is_normalization = self
            .layers
            .get(part)
            .is_some_and(|part| part.class == "BatchNormalization");
        is_normalization && (self.inference.contains(&part) || self.inference.contains(&whole))
    }
}

/// Whether layers of a class have weights that train: how these begin is an argument.
fn has_weights(signature: &Signature) -> bool {
    signature
        .all()
        .any(|parameter| parameter.name.ends_with("_initializer"))
}

/// Whether a layer is kept as it is by what the script has set.
fn is_frozen(flags: &Flags, part: Id, whole: &Whole) -> bool {
    let frozen = |layer: Id| flags.get(layer).map(|flag| *flag == Some(Literal::Bool(false)));
    // The layers within an application may not have been asked for yet.
    frozen(part).or_else(|| frozen(whole.layer)).unwrap_or(false)
}

/// Freezes what is frozen all the time by its argument; the calls for all else, for each phase.
fn settled(wholes: Vec<Whole>, layers: &mut [Layer], phases: usize) -> Vec<Vec<(Literal, (usize, usize))>> {
    let mut changing = Vec::new();
    let mut has_constant = false;
    let mut taken: BTreeSet<String> = layers.iter().filter_map(|layer| layer.name.clone()).collect();
    for mut whole in wholes {
        if let (Some(unknown), Some(layer)) = (whole.unknown.take(), layers.get_mut(whole.place)) {
            layer.arguments.push(Argument::named("trainable", unknown));
        }
        let all = |wanted: bool| whole.states.iter().flatten().all(|state| *state == wanted);
        if all(false) {
            changing.push(whole);
            continue;
        }
        let Some(layer) = layers.get_mut(whole.place) else {
            continue;
        };
        if all(true) {
            layer.arguments.push(Argument::named("trainable", Literal::Bool(false)));
            has_constant = true;
            continue;
        }
        if whole.name.is_empty() {
            let stem = naming::stem(&layer.class);
            let free = |name: &String| !taken.contains(name);
            let name = (1..=taken.len() + 1)
                .map(|number| format!("{stem}{number}"))
                .find(free)
                .unwrap_or_default();
            taken.insert(name.clone());
            layer.name = Some(name.clone());
            for (part, _) in &mut whole.parts {
                part.clone_from(&name);
            }
            whole.name = name;
        }
        changing.push(whole);
    }
    let mut before: Vec<Vec<bool>> = changing.iter().map(|whole| vec![false; whole.parts.len()]).collect();
    let mut all = Vec::new();
    for phase in 0..phases {
        let after = changing
            .iter()
            .map(|whole| whole.states.get(phase).cloned().unwrap_or_default());
        let after: Vec<Vec<bool>> = after.collect();
        let mut calls = Vec::new();
        for ((whole, before), after) in changing.iter().zip(&before).zip(&after) {
            let names: Vec<&str> = whole.parts.iter().map(|(name, _)| name.as_str()).collect();
            let own = freezing::calls(&whole.name, &names, before, after);
            calls.extend(own.into_iter().map(|call| (call, whole.lines)));
        }
        let mut states = after.iter().flatten();
        if let Some(first) = states.next()
            && calls.len() > 1
            && !has_constant
            && states.all(|state| state == first)
        {
            let lines = calls.first().map_or((0, 0), |(_, lines)| *lines);
            calls = vec![(freezing::call(*first, "*", None), lines)];
        }
        all.push(calls);
        before = after;
    }
    all
}
