//! Names that are valid in Python and PyTorch.

use crate::export::text::c_identifier;
use std::collections::BTreeSet;

/// Names that cannot be used: attributes of `nn.Module` that a layer might be called, and Python's keywords.
const TAKEN: &str = "False None True and as assert async await break class continue def del elif else except finally for \
    from global if import in is lambda nonlocal not or pass raise return try while with yield \
    add_module apply bfloat16 buffers children compile cpu cuda double dump_patches eval extra_repr float forward \
    get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers \
    named_children named_modules named_parameters parameters register_buffer register_module register_parameter \
    requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad \
    self x F nn os torch load Network";

/// The names that have been used.
pub struct Names {
    attributes: BTreeSet<String>,
    variables: BTreeSet<String>,
}

impl Default for Names {
    fn default() -> Self {
        let taken: BTreeSet<String> = TAKEN.split_whitespace().map(str::to_owned).collect();
        Self {
            attributes: taken.clone(),
            variables: taken,
        }
    }
}

impl Names {
    /// A new name for an attribute of the module.
    pub fn attribute(&mut self, wanted: &str) -> String {
        fresh(&mut self.attributes, wanted)
    }

    /// A new name for a variable in `forward`.
    pub fn variable(&mut self, wanted: &str) -> String {
        fresh(&mut self.variables, wanted)
    }
}

/// The name that is wanted, with a number after it if it is taken.
fn fresh(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let base = c_identifier(wanted);
    let mut name = base.clone();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{base}_{count}");
    }
    name
}
