//! Modules form no circles: whoever reads a file never has to read it again to understand what it uses.
//!
//! A module is a file. It uses another one where a path of its own leads there: `use` declarations and paths that begin with
//! `crate::`, `super::`, `self::` or the name of a child. That a file declares another one (`mod name;`) is no use of it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests read files and may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates' folders.
const CRATES: [&str; 5] = ["grammar/src", "compiler/src", "shaders/src", "runtime/src", "src"];

/// `circles.txt` lists the files that are still in a circle. It only ever gets shorter: `INSTA_UPDATE=always` takes off it what
/// no longer is.
#[test]
fn modules_form_no_circles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    let mut shown = String::new();
    for folder in CRATES {
        for circle in circles(&uses_of(&modules(&root.join(folder)))) {
            let names: Vec<String> = circle.iter().map(|file| format!("{folder}/{file}")).collect();
            shown.push_str(&format!("{}\n\n", names.join("\n")));
            found.extend(names);
        }
    }
    let list = root.join("tests/circles.txt");
    let text = std::fs::read_to_string(&list).unwrap();
    let known: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "new in circles: {new:#?}\nall circles:\n\n{shown}");
    let gone: Vec<&String> = known.difference(&found).collect();
    if !gone.is_empty() && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let lines: String = found.iter().map(|file| format!("{file}\n")).collect();
        std::fs::write(&list, lines).unwrap();
        return;
    }
    assert!(
        gone.is_empty(),
        "no longer in a circle, so take them off circles.txt: {gone:#?}"
    );
}

/// A crate's modules by their paths (`["layers", "dense"]`; the root's is empty): the file and its text.
type Modules = BTreeMap<Vec<String>, (String, String)>;

fn modules(folder: &Path) -> Modules {
    let mut modules = Modules::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(&path).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
                let is_root = module.len() == 1 && ["lib", "main"].contains(&module[0].as_str());
                if is_root || module.last().unwrap() == "mod" {
                    module.pop();
                }
                let text = std::fs::read_to_string(&path).unwrap();
                // A binary's root and a library's are two crates: what leads to the root leads to the library.
                if name != "main.rs" || !folder.join("lib.rs").is_file() {
                    modules.insert(module, (name, code(&text)));
                }
            }
        }
    }
    modules
}

/// The text without comments, strings and the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut code = String::new();
    for line in text.lines() {
        let mut inside = false;
        let mut before = ' ';
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if before != '\\' && before != '\'' => inside = !inside,
                '/' if !inside && letters.peek() == Some(&'/') => break,
                _ if !inside => code.push(letter),
                _ => {}
            }
            before = letter;
        }
        code.push('\n');
    }
    code
}

/// Which files each file uses.
fn uses_of(modules: &Modules) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, (file, text)) in modules {
        let used = uses.entry(file).or_default();
        for path in paths(text) {
            if let Some(other) = resolve(modules, module, &path)
                && other != file
            {
                used.insert(other);
            }
        }
    }
    uses
}

/// Every path of two names or more, groups (`a::{b, c}`) taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        if is_name(letters[at]) {
            at = path(&letters, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads the path that begins at `at`, behind a prefix. Returns where it ends.
fn path(letters: &[char], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut names = prefix.to_vec();
    loop {
        let start = at;
        while at < letters.len() && is_name(letters[at]) {
            at += 1;
        }
        if at > start {
            names.push(letters[start..at].iter().collect());
        }
        if letters.get(at) != Some(&':') || letters.get(at + 1) != Some(&':') {
            break;
        }
        at += 2;
        if letters.get(at) == Some(&'{') {
            at += 1;
            while at < letters.len() && letters[at] != '}' {
                if is_name(letters[at]) {
                    at = path(letters, at, &names, found);
                } else {
                    at += 1;
                }
            }
            return at + 1;
        }
    }
    if names.len() > 1 {
        found.push(names);
    }
    at
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The file that a path in a module leads to; nothing where it leads out of the crate.
fn resolve<'a>(modules: &'a Modules, module: &[String], path: &[String]) -> Option<&'a str> {
    let mut at = module.to_vec();
    let mut names = path.iter().peekable();
    match names.peek()?.as_str() {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
        }
        child => {
            // A child's name, unless it is that of another crate or a type.
            at.push(child.to_owned());
            modules.get(&at)?;
        }
    }
    names.next();
    for name in names {
        if name == "super" {
            at.pop();
            continue;
        }
        at.push(name.clone());
        if !modules.contains_key(&at) {
            at.pop();
            break;
        }
    }
    modules.get(&at).map(|(file, _)| file.as_str())
}

/// The files that reach each other, group by group: what can be reached from a file and reaches it.
fn circles<'a>(uses: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<BTreeSet<&'a str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses.keys().map(|&file| (file, reachable(uses, file))).collect();
    let mut circles: Vec<BTreeSet<&str>> = Vec::new();
    for (&file, others) in &reached {
        if !others.contains(file) || circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let mutual = others.iter().filter(|other| reached[*other].contains(file));
        circles.push(mutual.copied().collect());
    }
    circles
}

fn reachable<'a>(uses: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<&str> = uses[from].iter().copied().collect();
    while let Some(file) = pending.pop() {
        if reached.insert(file) {
            pending.extend(uses[file].iter().copied());
        }
    }
    reached
}

#[test]
fn a_circle_is_found_and_a_facade_is_none() {
    let module = |text: &str| (String::new(), code(text));
    let modules: Modules = [
        (vec![], "lib.rs", "pub mod a; mod b;\nuse a::inner::Deep;"),
        (
            vec!["a"],
            "a/mod.rs",
            "mod inner;\npub use inner::Deep;\nuse crate::b::{self, Other};",
        ),
        (vec!["a", "inner"], "a/inner.rs", "// use super::Deep;\nstruct Deep;"),
        (
            vec!["b"],
            "b.rs",
            "use crate::{a::Deep, outside::Thing};\nconst TEXT: &str = \"crate::lib\";",
        ),
    ]
    .into_iter()
    .map(|(path, file, text)| {
        let path = path.into_iter().map(str::to_owned).collect();
        (path, (file.to_owned(), module(text).1))
    })
    .collect();
    let uses = uses_of(&modules);
    assert_eq!(uses["lib.rs"], BTreeSet::from(["a/inner.rs"]));
    assert_eq!(uses["a/mod.rs"], BTreeSet::from(["a/inner.rs", "b.rs"]));
    assert_eq!(uses["a/inner.rs"], BTreeSet::new());
    assert_eq!(circles(&uses), [BTreeSet::from(["a/mod.rs", "b.rs"])]);
}
