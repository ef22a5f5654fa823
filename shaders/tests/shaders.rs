//! Every shader as it lies on disk is valid WGSL, and every loop of every shader ends.

#![allow(clippy::panic)]

use cnnc_shaders::File;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Block, Expression, Function, Handle, LocalVariable, Module, Statement};

fn module(file: File) -> Module {
    naga::front::wgsl::parse_str(file.source())
        .unwrap_or_else(|error| panic!("{}.wgsl: {}", file.name(), error.emit_to_string(file.source())))
}

#[test]
fn every_file_is_valid_as_it_lies() {
    for file in File::ALL {
        let result = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module(file));
        result.unwrap_or_else(|error| panic!("{}.wgsl: {}", file.name(), error.emit_to_string(file.source())));
    }
}

/// Modules are made without naga's own loop counters, which would keep drivers from unrolling. That is sound because
/// every loop is `for (var i = a; i < b; i++)` with an `i` that its body does not assign: it ends whatever `b` is.
#[test]
fn every_loop_counts_up_to_a_bound() {
    for file in File::ALL {
        let module = module(file);
        let functions = module
            .functions
            .iter()
            .map(|(_, f)| f)
            .chain(module.entry_points.iter().map(|e| &e.function));
        let mut loops = 0;
        for function in functions {
            visit(&function.body, &mut |body, continuing| {
                loops += 1;
                let counter = counter(continuing, function)
                    .unwrap_or_else(|| panic!("{}.wgsl: a loop whose last step is not `i += c`", file.name()));
                assert!(
                    breaks_on(body, counter, function),
                    "{}.wgsl: a loop without `i < bound`",
                    file.name()
                );
                assert!(
                    !stores(body, counter, function),
                    "{}.wgsl: a loop that sets its counter",
                    file.name()
                );
            });
        }
        let source = file.source();
        assert_eq!(loops, source.matches("for (").count(), "{}.wgsl", file.name());
        assert_eq!(
            source.matches("while").count() + source.matches("loop {").count(),
            0,
            "{}.wgsl",
            file.name()
        );
    }
}

fn visit(block: &Block, on_loop: &mut dyn FnMut(&Block, &Block)) {
    for statement in block {
        match statement {
            Statement::Loop { body, continuing, .. } => {
                on_loop(body, continuing);
                visit(body, on_loop);
            }
            Statement::Block(block) => visit(block, on_loop),
            Statement::If { accept, reject, .. } => {
                visit(accept, on_loop);
                visit(reject, on_loop);
            }
            Statement::Switch { cases, .. } => cases.iter().for_each(|case| visit(&case.body, on_loop)),
            _ => {}
        }
    }
}

fn variable(pointer: Handle<Expression>, function: &Function) -> Option<Handle<LocalVariable>> {
    match function.expressions[pointer] {
        Expression::LocalVariable(variable) => Some(variable),
        _ => None,
    }
}

/// The variable that the continuing block steps by a positive constant.
fn counter(continuing: &Block, function: &Function) -> Option<Handle<LocalVariable>> {
    continuing.iter().find_map(|statement| {
        let Statement::Store { pointer, value } = statement else {
            return None;
        };
        let counter = variable(*pointer, function)?;
        let Expression::Binary {
            op: naga::BinaryOperator::Add,
            left,
            right,
        } = function.expressions[*value]
        else {
            return None;
        };
        let Expression::Load { pointer } = function.expressions[left] else {
            return None;
        };
        let constant = matches!(
            function.expressions[right],
            Expression::Literal(_) | Expression::Constant(_)
        );
        (constant && variable(pointer, function) == Some(counter)).then_some(counter)
    })
}

/// Whether the body begins with `if (i < bound) {} else { break; }`.
fn breaks_on(body: &Block, counter: Handle<LocalVariable>, function: &Function) -> bool {
    let first = body
        .iter()
        .find(|statement| !matches!(statement, Statement::Emit(_) | Statement::Call { .. }));
    let Some(Statement::If { condition, reject, .. }) = first else {
        return false;
    };
    let Expression::Binary {
        op: naga::BinaryOperator::Less,
        left,
        ..
    } = function.expressions[*condition]
    else {
        return false;
    };
    let Expression::Load { pointer } = function.expressions[left] else {
        return false;
    };
    variable(pointer, function) == Some(counter) && matches!(reject.first(), Some(Statement::Break))
}

fn stores(block: &Block, counter: Handle<LocalVariable>, function: &Function) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Store { pointer, .. } => variable(*pointer, function) == Some(counter),
        Statement::Call { arguments, .. } => arguments.iter().any(|&a| variable(a, function) == Some(counter)),
        Statement::Loop { body, continuing, .. } => {
            stores(body, counter, function) || stores(continuing, counter, function)
        }
        Statement::Block(block) => stores(block, counter, function),
        Statement::If { accept, reject, .. } => stores(accept, counter, function) || stores(reject, counter, function),
        Statement::Switch { cases, .. } => cases.iter().any(|case| stores(&case.body, counter, function)),
        _ => false,
    })
}
