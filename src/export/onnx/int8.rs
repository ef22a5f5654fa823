//! Integers in ONNX by QDQ: each tensor that is rounded goes through `QuantizeLinear` and `DequantizeLinear`, and a runtime
//! computes what lies between the two in integers.

use super::{Attribute, Order, Writer, wire};
use crate::export::text::transposed;
use compiler::portable::{ValueId, WeightId};

impl Writer<'_> {
    /// Rounds the samples, where operations take them as integers.
    pub(super) fn begin(&mut self) {
        let graph = self.graph;
        for &input in &graph.inputs {
            if let Some(name) = self.names.get(&(input, Order::Last)).cloned() {
                let name = self.rounded(input, name);
                self.names.insert((input, Order::Last), name);
            }
        }
    }

    /// A tensor rounded to the numbers that its integers stand for; the same tensor where it holds floats.
    pub(super) fn rounded(&mut self, value: ValueId, name: String) -> String {
        let Some(params) = self.int8.and_then(|int8| int8.params_of(value)) else {
            return name;
        };
        let of = self.graph.name_of(value).to_owned();
        let scale = self.number(&of, params.scale);
        let zero = self.fresh(&of);
        self.constants.push(wire::bytes(&zero, &[], &[params.zero as i8]));
        let integers = self.push(&of, "QuantizeLinear", &[name, scale.clone(), zero.clone()], &[]);
        self.push(&of, "DequantizeLinear", &[integers, scale, zero], &[])
    }

    /// A kernel as integers, its axes in another order, in which `outputs` is the index of the outputs' axis; `None` where it has
    /// no integers.
    pub(super) fn integers_of(&mut self, kernel: WeightId, order: &[usize], outputs: i64) -> Option<String> {
        let made = self.int8?.kernels.get(&kernel)?;
        let held = self.graph.weight(kernel);
        let values: Vec<f32> = made.values.iter().map(|&value| f32::from(value)).collect();
        let (shape, values) = transposed(&held.shape, &values, order);
        let values: Vec<i8> = values.iter().map(|&value| value as i8).collect();
        let (integers, zeros) = (self.fresh(&held.name), self.fresh(&held.name));
        self.constants.push(wire::bytes(&integers, &shape, &values));
        let count = made.scales.len();
        self.constants.push(wire::bytes(&zeros, &[count], &vec![0; count]));
        let scales = self.floats(&held.name, &[count], &made.scales);
        let axis = [("axis", Attribute::Int(outputs))];
        Some(self.push(&held.name, "DequantizeLinear", &[integers, scales, zeros], &axis))
    }

    /// The bias of a kernel that has integers, as integers.
    pub(super) fn integer_bias(&mut self, kernel: WeightId, bias: WeightId) -> Option<String> {
        let made = self.int8?.kernels.get(&kernel)?;
        let held = self.graph.weight(bias);
        let count = made.bias.len();
        let (integers, zeros) = (self.fresh(&held.name), self.fresh(&held.name));
        self.constants.push(wire::words(&integers, &[count], &made.bias));
        self.constants.push(wire::words(&zeros, &[count], &vec![0; count]));
        let scales = self.floats(&held.name, &[count], &made.bias_scales);
        let axis = [("axis", Attribute::Int(0))];
        Some(self.push(&held.name, "DequantizeLinear", &[integers, scales, zeros], &axis))
    }
}
