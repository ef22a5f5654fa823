//! The fewest calls of `freeze` and `thaw` that bring a model's layers from one state to another.

use super::literal::{Argument, Literal};

/// `freeze("base")`, or `thaw("base", from_layer="block5_conv1")`.
pub fn call(freezes: bool, name: &str, from: Option<&str>) -> Literal {
    let mut arguments = vec![Argument::placed(Literal::Str(name.to_owned()))];
    arguments.extend(from.map(|from| Argument::named("from_layer", Literal::Str(from.to_owned()))));
    Literal::Call(if freezes { "freeze" } else { "thaw" }.to_owned(), arguments)
}

/// The calls for a layer, or for a model and the layers in it, which are `names`: which of them are frozen before and after.
pub fn calls(whole: &str, names: &[&str], before: &[bool], after: &[bool]) -> Vec<Literal> {
    let mut bases: Vec<(Vec<Literal>, Vec<bool>)> = vec![(Vec::new(), before.to_vec())];
    if let [_, _, ..] = names {
        let all = |state: bool| (vec![call(state, whole, None)], vec![state; after.len()]);
        bases.extend([all(true), all(false)]);
        for state in [true, false] {
            let first = after.iter().position(|own| *own == state);
            let behind = after.iter().rposition(|own| *own != state).map(|last| last + 1);
            for from in [first, behind].into_iter().flatten() {
                let Some(name) = names.get(from) else { continue };
                let mut more: Vec<(Vec<Literal>, Vec<bool>)> = bases.iter().take(3).cloned().collect();
                for (calls, states) in &mut more {
                    calls.push(call(state, whole, Some(own(name))));
                    states.iter_mut().skip(from).for_each(|own| *own = state);
                }
                bases.append(&mut more);
            }
        }
    }
    let finished = bases.into_iter().map(|(mut calls, states)| {
        calls.extend(exceptions(whole, names, &states, after));
        calls
    });
    finished.min_by_key(Vec::len).unwrap_or_default()
}

/// Calls for single layers, and for those whose names end alike.
fn exceptions(whole: &str, names: &[&str], before: &[bool], after: &[bool]) -> Vec<Literal> {
    let mut calls = Vec::new();
    let mut states = before.to_vec();
    for place in 0..after.len() {
        let (Some(name), Some(&wanted)) = (names.get(place), after.get(place)) else {
            continue;
        };
        if states.get(place) == Some(&wanted) {
            continue;
        }
        let alike: Vec<usize> = match own(name).rsplit_once('_') {
            Some((_, end)) => {
                let end = format!("_{end}");
                (0..names.len())
                    .filter(|&other| names.get(other).is_some_and(|other| own(other).ends_with(&end)))
                    .collect()
            }
            None => Vec::new(),
        };
        let all = alike.iter().all(|&other| after.get(other) == Some(&wanted));
        let open = alike
            .iter()
            .filter(|&&other| states.get(other) != Some(&wanted))
            .count();
        if let (true, true, Some((_, end))) = (all, open > 1, name.rsplit_once('_')) {
            calls.push(call(wanted, &format!("{whole}/*_{end}"), None));
            for other in alike {
                if let Some(state) = states.get_mut(other) {
                    *state = wanted;
                }
            }
        } else {
            calls.push(call(wanted, name, None));
            if let Some(state) = states.get_mut(place) {
                *state = wanted;
            }
        }
    }
    calls
}

/// A layer's name without that of the model that it is in.
fn own(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: &str, after: &str) -> String {
        let names = ["m/a_conv", "m/a_bn", "m/b_conv", "m/b_bn", "m/c_conv", "m/top"];
        let states = |text: &str| -> Vec<bool> { text.chars().map(|letter| letter == 'x').collect() };
        let calls = calls("m", &names, &states(before), &states(after));
        calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn as_few_calls_as_there_can_be() {
        assert_eq!(said("......", "......"), "");
        assert_eq!(said("......", "xxxxxx"), "freeze(\"m\")");
        assert_eq!(said("xxxxxx", "......"), "thaw(\"m\")");
        assert_eq!(said("xxxxxx", "xxxx.."), "thaw(\"m\", from_layer=\"c_conv\")");
        assert_eq!(
            said("......", "xxxx.."),
            "freeze(\"m\") thaw(\"m\", from_layer=\"c_conv\")"
        );
        assert_eq!(said("......", "...xxx"), "freeze(\"m\", from_layer=\"b_bn\")");
        assert_eq!(said("......", ".x.x.."), "freeze(\"m/*_bn\")");
        assert_eq!(said("xxxxxx", ".x.x.."), "thaw(\"m/*_conv\") thaw(\"m/top\")");
        assert_eq!(
            said("xxxxxx", "xx.x.."),
            "thaw(\"m\", from_layer=\"b_conv\") freeze(\"m/b_bn\")"
        );
        assert_eq!(said(".....x", "x....."), "freeze(\"m/a_conv\") thaw(\"m/top\")");
    }
}
