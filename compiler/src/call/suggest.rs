//! "Did you mean": finds the nearest of the names that would have been right.

/// The candidate that fewest edits lead to from `written`, in upper or lower case; None where even the nearest is
/// more than a third of the word away.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let limit = (written.chars().count() / 3).max(1);
    let length = written.chars().count();
    // Words of a very different length are too far away, and need not be compared letter by letter.
    let near = candidates
        .into_iter()
        .filter(|name| name.chars().count().abs_diff(length) <= limit);
    let distances = near.map(|name| (strsim::damerau_levenshtein(&written, &name.to_lowercase()), name));
    distances
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Names as a choice: `a, b or c`.
pub fn any_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "or")
}

/// Names as a list: `a, b and c`.
pub fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    join(names, "and")
}

fn join<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{any_of, nearest};

    #[test]
    fn finds_what_was_meant() {
        let names = ["relu", "selu", "softmax", "MaxPooling2D"];
        assert_eq!(nearest("rleu", names), Some("relu"));
        assert_eq!(nearest("maxpoling2d", names), Some("MaxPooling2D"));
        assert_eq!(nearest("banana", names), None);
        assert_eq!(nearest("", ["a"]), Some("a"));
    }

    #[test]
    fn joins() {
        assert_eq!(any_of(["a"]), "a");
        assert_eq!(any_of(["a", "b", "c"]), "a, b or c");
    }
}
