//! What statements that are not understood would have changed.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use std::collections::BTreeSet;

/// The names of the script that statements would change.
#[derive(Default)]
pub struct Touched {
    /// The names that are assigned.
    pub assigned: BTreeSet<String>,
    /// The names whose method `add` or `pop` is called.
    pub built: BTreeSet<String>,
}

impl Touched {
    /// Collects the names in a statement.
    pub fn statement(&mut self, statement: &Stmt) {
        self.visit_stmt(statement);
    }
}

impl<'a> Visitor<'a> for Touched {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.assigned.insert(function.name.to_string());
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Store => {
                self.assigned.insert(name.id.to_string());
            }
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = call.func.as_ref()
                    && let Expr::Name(name) = attribute.value.as_ref()
                    && matches!(attribute.attr.as_str(), "add" | "pop")
                {
                    self.built.insert(name.id.to_string());
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// Whether the statements of a function make it a generator, by a `yield` of its own.
pub fn yields(body: &[Stmt]) -> bool {
    let mut search = Yields(false);
    body.iter().for_each(|statement| search.visit_stmt(statement));
    search.0
}

struct Yields(bool);

impl<'a> Visitor<'a> for Yields {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        // Inner functions are others.
        if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.0 |= matches!(expression, Expr::Yield(_) | Expr::YieldFrom(_));
        walk_expr(self, expression);
    }
}
