//! Pictures that a script reads one by one: nothing of theirs is known but their shapes, which networks are often made for.

use super::interpreter::Interpreter;
use super::plain::{Given, argument, named, shown};
use super::value::{Array, Scope, Value};
use ruff_python_ast::{Expr, Stmt};

/// The value of a call of `OpenCV`'s, or of one of Keras's that reads a picture; `None` where it is not known.
fn call<'a>(path: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
    let first = argument(arguments, 0, "src");
    let shape = match name(path)? {
        "imread" => {
            let mode = argument(arguments, 1, "flags");
            let gray = match mode {
                Some(Value::Path(path)) => path.contains("GRAYSCALE"),
                Some(mode) => match mode.int()? {
                    0 => true,
                    1 => false,
                    _ => return None,
                },
                None => false,
            };
            vec![None, None].into_iter().chain((!gray).then_some(Some(3))).collect()
        }
        "resize" => {
            // The width comes first.
            let sizes = argument(arguments, 1, "dsize")?.items()?;
            let [width, height] = sizes.as_slice() else { return None };
            let channels = match first? {
                Value::Array(array) => array.shape.as_ref()?.get(2..)?.to_vec(),
                _ => return None,
            };
            let mut shape = vec![Some(height.int()?), Some(width.int()?)];
            shape.extend(channels);
            shape
        }
        "cvtColor" => {
            let Some(Value::Path(code)) = argument(arguments, 1, "code") else {
                return None;
            };
            let Value::Array(array) = first? else { return None };
            let (_, to) = code.rsplit_once('2')?;
            let mut shape = array.shape.as_ref()?.get(..2)?.to_vec();
            match to {
                "GRAY" => {}
                "RGB" | "BGR" | "HSV" | "LAB" | "Lab" => shape.push(Some(3)),
                _ => return None,
            }
            shape
        }
        "load_img" => {
            let sizes = named(arguments, "target_size")?.items()?;
            let [height, width] = sizes.as_slice() else { return None };
            let gray = named(arguments, "grayscale").and_then(Value::truth).unwrap_or(false)
                || named(arguments, "color_mode")
                    .and_then(shown)
                    .is_some_and(|mode| mode == "grayscale");
            vec![Some(height.int()?), Some(width.int()?), Some(if gray { 1 } else { 3 })]
        }
        "img_to_array" => match argument(arguments, 0, "img")? {
            Value::Array(array) => {
                let mut shape = array.shape.clone()?;
                if shape.len() == 2 {
                    shape.push(Some(1));
                }
                shape
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::array(Array {
        shape: Some(shape),
        scale: 1.0,
        ..Array::default()
    }))
}

/// The name of the function; `None` for one that reads no picture.
fn name(path: &str) -> Option<&str> {
    if let Some(name) = path.strip_prefix("cv2.") {
        return Some(name);
    }
    match super::paths::module_and_name(path)? {
        ("preprocessing" | "utils", name @ ("load_img" | "img_to_array")) => Some(name),
        (_, _) => None,
    }
}

impl<'a> Interpreter<'a> {
    /// The value of a call that reads a picture, or makes another one of it. Which picture it is no description says.
    pub fn picture(&mut self, path: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let picture = call(path, arguments)?;
        self.leave_out_here();
        Some(picture)
    }

    /// The pictures that a loop over what is not known reads: each name has the shape that it has behind the loop.
    pub fn read_in_loop(&mut self, body: &'a [Stmt], scope: &Scope<'a>) {
        for statement in body {
            let Stmt::Assign(assign) = statement else { continue };
            let ([Expr::Name(target)], Expr::Call(call)) = (assign.targets.as_slice(), assign.value.as_ref()) else {
                continue;
            };
            let is_picture = matches!(self.value(&call.func, scope), Value::Path(path) if name(&path).is_some());
            if is_picture && let array @ Value::Array(_) = self.value(&assign.value, scope) {
                scope.set(target.id.as_str(), array);
            }
        }
    }
}
