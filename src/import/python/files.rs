//! The files beside a script that it imports, and the names of modules.

use std::collections::VecDeque;

/// The most files that are followed, so that a folder full of them does not take without end.
const MOST_FILES: usize = 32;

/// A file beside the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The module's name, such as `blocks.encoder`.
    pub module: String,
    /// The file as messages name it, such as `blocks/encoder.py`.
    pub file: String,
    /// What is in it.
    pub text: String,
}

/// The files that a script imports and those that they import in turn. `read` gives the text of a file, by its path from the
/// script's folder; `None` where there is none.
pub fn files(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<Beside> {
    let mut found: Vec<Beside> = Vec::new();
    let mut open: VecDeque<String> = imported(text, "").into();
    while let Some(module) = open.pop_front() {
        if found.len() >= MOST_FILES || found.iter().any(|known| known.module == module) {
            continue;
        }
        let path = module.replace('.', "/");
        let (file, package) = (format!("{path}.py"), format!("{path}/__init__.py"));
        for (file, is_package) in [(file, false), (package, true)] {
            let Some(text) = read(&file) else { continue };
            open.extend(imported(&text, package_of(&module, is_package)));
            found.push(Beside { module, file, text });
            break;
        }
    }
    found
}

/// The package that a module is in: itself, where it is one.
pub fn package_of(module: &str, is_package: bool) -> &str {
    if is_package {
        return module;
    }
    module.rsplit_once('.').map_or("", |(package, _)| package)
}

/// The modules that lines of a text import, by their full names.
fn imported(text: &str, package: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import")) {
            let module = module.trim();
            let level = module.len() - module.trim_start_matches('.').len();
            let Some(module) = absolute(module.trim_start_matches('.'), level, package) else {
                continue;
            };
            // `from blocks import encoder` may mean the module `blocks.encoder`.
            let names = names
                .split([',', '(', ')', '#'])
                .filter_map(|name| name.split_whitespace().next());
            modules.extend(names.map(|name| joined(&module, name)));
            modules.push(module);
        } else if let Some(names) = line.strip_prefix("import ") {
            let names = names.split(',').filter_map(|name| name.split_whitespace().next());
            modules.extend(names.map(str::to_owned));
        }
    }
    modules.retain(|module| is_module(module));
    modules
}

/// The full name of a module or a name in a package.
pub fn joined(package: &str, name: &str) -> String {
    if package.is_empty() {
        name.to_owned()
    } else {
        format!("{package}.{name}")
    }
}

/// Whether a text is a module's name; nothing else becomes a path.
fn is_module(name: &str) -> bool {
    name.len() <= 200
        && name.split('.').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        })
}

/// The full name of a module, which `level` dots before it count from a package; `None` for what lies above the script.
pub fn absolute(module: &str, level: usize, package: &str) -> Option<String> {
    let Some(up) = level.checked_sub(1) else {
        return Some(module.to_owned());
    };
    let mut package = package;
    for _ in 0..up {
        if package.is_empty() {
            return None;
        }
        package = package_of(package, false);
    }
    Some(if module.is_empty() {
        package.to_owned()
    } else {
        joined(package, module)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn files_that_are_imported_are_found_once() {
        let read = |path: &str| {
            let text = match path {
                "blocks.py" => "from .sizes import WIDTH\nimport os\n",
                "sizes.py" => "import blocks",
                "parts/__init__.py" => "from .head import top",
                "parts/head.py" => "from ..blocks import x",
                _ => return None,
            };
            Some(text.to_owned())
        };
        let text =
            "import keras, blocks as b\nif True:\n    from parts import (top, bottom)\nfrom keras.layers import Dense";
        let found = files(text, &read);
        let names: Vec<(&str, &str)> = found
            .iter()
            .map(|own| (own.module.as_str(), own.file.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("blocks", "blocks.py"),
                ("parts", "parts/__init__.py"),
                ("sizes", "sizes.py"),
                ("parts.head", "parts/head.py")
            ]
        );
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let asked = RefCell::new(Vec::new());
        let read = |path: &str| -> Option<String> {
            asked.borrow_mut().push(path.to_owned());
            None
        };
        let found = files(
            "from ..above import x\nimport /etc/passwd\nimport a/b\nfrom ... import y\nimport ..c",
            &read,
        );
        assert!(found.is_empty());
        assert!(asked.borrow().is_empty(), "{:?}", asked.borrow());
    }
}
