//! Carries out imports of modules of the script's own, which lie beside it.

use super::files::{absolute, joined, package_of};
use super::interpreter::Interpreter;
use super::value::{Record, Scope, Value};
use ruff_python_ast::{Alias, StmtImportFrom};
use std::cell::RefCell;
use std::rc::Rc;

/// The name under which a module's scope holds the package that it is in.
const PACKAGE: &str = "__package__";

impl<'a> Interpreter<'a> {
    /// Carries out `import blocks as b`; whether `blocks` lies beside the script.
    pub fn import_beside(&mut self, alias: &Alias, scope: &Scope<'a>) -> bool {
        let module = alias.name.as_str();
        let Some(value) = self.module_value(module) else {
            return false;
        };
        match &alias.asname {
            Some(name) => scope.set(name.as_str(), value),
            None if module.contains('.') => return false,
            None => scope.set(module, value),
        }
        true
    }

    /// Carries out `from blocks import encoder`; whether `blocks` lies beside the script.
    pub fn import_from_beside(&mut self, import: &StmtImportFrom, scope: &Scope<'a>) -> bool {
        let package = match scope.get(PACKAGE) {
            Some(Value::Str(package)) => package.to_string(),
            _ => String::new(),
        };
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let level = usize::try_from(import.level).unwrap_or(usize::MAX);
        let Some(module) = absolute(module, level, &package) else {
            return false;
        };
        let names = self.module(&module);
        let mut is_beside = names.is_some();
        for alias in &import.names {
            let wanted = alias.name.as_str();
            if wanted == "*" {
                for (name, value) in names.iter().flat_map(|names| names.names.borrow().clone()) {
                    if !name.starts_with('_') {
                        scope.set(&name, value);
                    }
                }
                continue;
            }
            let value = names
                .as_ref()
                .and_then(|names| names.names.borrow().get(wanted).cloned());
            let value = value.or_else(|| self.module_value(&joined(&module, wanted)));
            is_beside |= value.is_some();
            if is_beside {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                scope.set(name.as_str(), value.unwrap_or_else(|| Value::unknown(wanted)));
            }
        }
        is_beside
    }

    /// A module beside the script as an object with its names.
    fn module_value(&mut self, module: &str) -> Option<Value<'a>> {
        let scope = self.module(module)?;
        let names = scope.names.borrow().clone();
        Some(Value::Record(Rc::new(Record {
            values: RefCell::new(names),
            class: None,
        })))
    }

    /// The names of a module beside the script, which is executed when it is imported for the first time.
    fn module(&mut self, name: &str) -> Option<Scope<'a>> {
        let module = self.modules.get_mut(name)?;
        if let Some(scope) = &module.scope {
            return Some(scope.clone());
        }
        let scope = Scope::default();
        scope.set("__name__", Value::str(name));
        let is_package = self.packages.contains(name);
        scope.set(PACKAGE, Value::str(package_of(name, is_package)));
        // Modules that import one another see what there is so far, as in Python.
        module.scope = Some(scope.clone());
        let body = module.body;
        let lines = self.lines;
        let _ = self.deeper(|own| own.run(body, &scope));
        self.lines = lines;
        Some(scope)
    }
}
