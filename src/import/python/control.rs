//! Branches and loops, which are executed where the script alone decides how they go.

use super::interpreter::{Flow, Interpreter};
use super::plain::MOST_TURNS;
use super::value::{Scope, Value};
use ruff_python_ast::{Comprehension, Expr, Stmt, StmtFor, StmtIf, StmtWhile};
use ruff_text_size::Ranged;

/// How many expressions a loop may evaluate before it is left out; code that builds a network needs far fewer.
const LOOP_FUEL: usize = 100_000;

impl<'a> Interpreter<'a> {
    /// Executes the branch of an `if` that is taken.
    pub fn branch(&mut self, branch: &'a StmtIf, scope: &Scope<'a>) -> Flow<'a> {
        let mut bodies: Vec<(Option<&'a Expr>, &'a [Stmt])> = vec![(Some(&branch.test), &branch.body)];
        bodies.extend(
            branch
                .elif_else_clauses
                .iter()
                .map(|clause| (clause.test.as_ref(), &clause.body[..])),
        );
        for (test, body) in bodies {
            let Some(test) = test else {
                return self.run(body, scope);
            };
            let value = self.value(test, scope);
            match value.truth() {
                Some(true) => return self.run(body, scope),
                Some(false) => {}
                None => {
                    self.lines = self.source.lines(branch.range());
                    self.left_out.entry(self.lines).or_insert_with(|| {
                        format!(
                            "{} (it is not known which way this goes)",
                            self.source.excerpt(branch.range())
                        )
                    });
                    self.undecided(branch, scope);
                    return Flow::Next;
                }
            }
        }
        Flow::Next
    }

    /// Makes everything unknown that a branch may have changed.
    fn undecided(&mut self, branch: &'a StmtIf, scope: &Scope<'a>) {
        let mut touched = super::touched::Touched::default();
        let clauses = branch.elif_else_clauses.iter().flat_map(|clause| &clause.body);
        branch
            .body
            .iter()
            .chain(clauses)
            .for_each(|statement| touched.statement(statement));
        for name in touched.assigned {
            scope.set(&name, Value::unknown(&name));
        }
        self.uncertain(touched.built, scope);
    }

    /// Executes a `for` loop, round by round, where its elements are known.
    pub fn repeat(&mut self, looped: &'a StmtFor, scope: &Scope<'a>) -> Flow<'a> {
        let over = self.value(&looped.iter, scope);
        let Some(items) = self.iterate(&over) else {
            return self.skipped(&looped.body, looped.range(), scope);
        };
        let before = self.begin_loop();
        for item in items {
            self.assign(&looped.target, item, scope);
            match self.run(&looped.body, scope) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => {
                    self.end_loop(before);
                    return Flow::Next;
                }
                Flow::Return(value) => {
                    self.end_loop(before);
                    return Flow::Return(value);
                }
            }
            if self.fuel == 0 {
                break;
            }
        }
        if self.end_loop(before) {
            return self.skipped(&looped.body, looped.range(), scope);
        }
        self.run(&looped.orelse, scope)
    }

    /// Executes a `while` loop as long as its condition is known.
    pub fn repeat_while(&mut self, looped: &'a StmtWhile, scope: &Scope<'a>) -> Flow<'a> {
        let before = self.begin_loop();
        let mut flow = None;
        for _ in 0..MOST_TURNS {
            match self.value(&looped.test, scope).truth() {
                Some(true) => {}
                Some(false) => {
                    flow = Some(Flow::Next);
                    break;
                }
                None => break,
            }
            match self.run(&looped.body, scope) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => {
                    self.end_loop(before);
                    return Flow::Next;
                }
                Flow::Return(value) => {
                    self.end_loop(before);
                    return Flow::Return(value);
                }
            }
            if self.fuel == 0 {
                break;
            }
        }
        if self.end_loop(before) || flow.is_none() {
            return self.skipped(&looped.body, looped.range(), scope);
        }
        self.run(&looped.orelse, scope)
    }

    /// Limits what a loop may evaluate; returns the limit so far.
    fn begin_loop(&mut self) -> usize {
        let before = self.fuel;
        self.fuel = before.min(LOOP_FUEL);
        before
    }

    /// Restores the limit; returns whether the loop reached its own.
    fn end_loop(&mut self, before: usize) -> bool {
        let allowed = before.min(LOOP_FUEL);
        let over = self.fuel == 0;
        self.fuel = before - (allowed - self.fuel);
        if over && self.fuel > 0 {
            self.exhausted = false;
        }
        over
    }

    fn skipped(&mut self, body: &'a [Stmt], range: ruff_text_size::TextRange, scope: &Scope<'a>) -> Flow<'a> {
        self.lines = self.source.lines(range);
        self.leave_out(range);
        let mut touched = super::touched::Touched::default();
        body.iter().for_each(|statement| touched.statement(statement));
        for name in touched.assigned {
            scope.set(&name, Value::unknown(&name));
        }
        self.read_in_loop(body, scope);
        self.uncertain(touched.built, scope);
        Flow::Next
    }

    /// The elements that a loop goes through; `None` where they are not known or too many.
    pub fn iterate(&self, over: &Value<'a>) -> Option<Vec<Value<'a>>> {
        over.items().filter(|items| items.len() <= MOST_TURNS)
    }

    /// The value of `[f(x) for x in xs if p(x)]`, with one loop or several.
    pub fn comprehension(
        &mut self,
        generators: &'a [Comprehension],
        scope: &Scope<'a>,
        each: &mut dyn FnMut(&mut Self, &Scope<'a>) -> Option<()>,
    ) -> Option<()> {
        let Some((first, rest)) = generators.split_first() else {
            return each(self, scope);
        };
        let over = self.value(&first.iter, scope);
        let items = self.iterate(&over)?;
        for item in items {
            let inner = scope.inner();
            self.assign(&first.target, item, &inner);
            let mut wanted = true;
            for condition in &first.ifs {
                wanted &= self.value(condition, &inner).truth()?;
            }
            if wanted {
                self.deeper(|own| own.comprehension(rest, &inner, each)).flatten()?;
            }
        }
        Some(())
    }
}
