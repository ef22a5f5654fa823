//! The output of every layer of a network, as `compiler::plan_until` gives it, against sums in float64.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use compiler::check::check_file;
use compiler::network::CheckedNetwork;
use compiler::plan::memory::Sharing;
use compiler::training::data::DataName;
use grammar::source::Source;
use runtime::checkpoint::{self, Tensor};
use runtime::data::{self, Dataset, Split};
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::train;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

struct Case {
    network: CheckedNetwork,
    weights: BTreeMap<String, Tensor>,
    split: Arc<Split>,
}

fn case(name: &str) -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name);
    let text = std::fs::read_to_string(folder.join("model.cnn")).unwrap();
    let tree = grammar::parse(&Source::new("model.cnn", &*text)).unwrap();
    let Dataset { train, .. } = data::load(&DataName::Path("data.npz".to_owned()), &folder, None).unwrap();
    Case {
        network: check_file(&tree).unwrap().0,
        weights: checkpoint::load(&folder.join("trained.safetensors")).unwrap(),
        split: Arc::new(train),
    }
}

impl Case {
    /// The named layer's output for all samples, in Keras's order.
    fn output(&self, layer: &str) -> Vec<f32> {
        let (id, ..) = self.network.nodes().find(|(_, node, ..)| node.name == layer).unwrap();
        let plan = Arc::new(compiler::plan_until(&self.network, id, Sharing::Shared));
        let mut executor = CpuExecutor::new(Arc::clone(&plan), 1, 1, Some(1)).unwrap();
        executor
            .set_parameters(&train::parameters_from(&plan, self.weights.clone(), "").unwrap())
            .unwrap();
        executor.predict(&self.split).unwrap()
    }
}

/// `relu(conv(x) + bias)` with no padding, of the first sample: `x` is `size` x `size` x `inputs`.
fn convolved(x: &[f32], size: usize, inputs: usize, kernel: &Tensor, bias: &Tensor) -> Vec<f64> {
    let [height, width, _, filters] = kernel.shape[..] else {
        panic!()
    };
    let (rows, columns) = (size - height + 1, size - width + 1);
    let mut sums = Vec::new();
    for at in 0..rows * columns * filters {
        let (row, column, filter) = (at / filters / columns, at / filters % columns, at % filters);
        let mut sum = f64::from(bias.values[filter]);
        for tap in 0..height * width * inputs {
            let (y, x_, input) = (tap / inputs / width, tap / inputs % width, tap % inputs);
            let value = x[((row + y) * size + column + x_) * inputs + input];
            sum += f64::from(value) * f64::from(kernel.values[tap * filters + filter]);
        }
        sums.push(sum.max(0.0));
    }
    sums
}

fn close(found: &[f32], expected: &[f64]) {
    let pairs = found.iter().zip(expected);
    let worst = pairs
        .map(|(&found, expected)| (f64::from(found) - expected).abs())
        .fold(0.0, f64::max);
    assert!(worst < 1e-5, "{worst}");
}

#[test]
fn each_layer_follows_from_the_one_before() {
    let case = case("pyramid");
    let [input, conv, pool, last, flat, dense] = [
        "input_layer",
        "conv2d",
        "max_pooling2d",
        "max_pooling2d_1",
        "flatten",
        "dense",
    ]
    .map(|name| case.output(name));
    let samples = case.split.len();
    assert_eq!(input.len(), samples * 784);
    assert!((0..784).all(|index| case.split.pixels.get(index) == Some(input[index])));

    let (kernel, bias) = (&case.weights["conv2d.kernel"], &case.weights["conv2d.bias"]);
    let expected = convolved(&input[..784], 28, 1, kernel, bias);
    assert_eq!(conv.len(), samples * expected.len());
    close(&conv[..expected.len()], &expected);

    // 2x2 maxima of 24x24x10; the same numbers as the convolution's, which they are taken from.
    for (at, found) in pool[..12 * 12 * 10].iter().enumerate() {
        let (row, column, channel) = (at / 120, at / 10 % 12, at % 10);
        let value = |y: usize, x: usize| conv[((2 * row + y) * 24 + 2 * column + x) * 10 + channel];
        let most = value(0, 0).max(value(0, 1)).max(value(1, 0)).max(value(1, 1));
        assert!((found - most).abs() < 1e-6, "{at}");
    }

    // Keras flattens by position, then channel, which is the order of the map as it is predicted.
    assert_eq!(flat.len(), samples * 320);
    assert_eq!(last, flat);

    let (kernel, bias) = (&case.weights["dense.kernel"], &case.weights["dense.bias"]);
    let unit = |unit: usize| {
        let products = (0..320).map(|index| f64::from(flat[index]) * f64::from(kernel.values[index * 10 + unit]));
        products.sum::<f64>() + f64::from(bias.values[unit])
    };
    close(&dense[..10], &(0..10).map(unit).collect::<Vec<_>>());
}

#[test]
fn the_last_layer_is_the_prediction_also_of_graphs() {
    for name in ["residual", "softmax_output", "mlp"] {
        let case = case(name);
        let plan = Arc::new(compiler::plan_of(&case.network, Sharing::Shared));
        let mut executor = CpuExecutor::new(Arc::clone(&plan), 1, 1, Some(1)).unwrap();
        executor
            .set_parameters(&train::parameters_from(&plan, case.weights.clone(), "").unwrap())
            .unwrap();
        let expected = executor.predict(&case.split).unwrap();
        let output = &case.network.network().nodes[case.network.network().output.0].name;
        assert_eq!(case.output(output), expected, "{name}");
        // Every other layer can be looked at, too.
        for (_, node, shape, _) in case.network.nodes() {
            assert_eq!(
                case.output(&node.name).len(),
                shape.elements() * case.split.len(),
                "{name} {}",
                node.name
            );
        }
    }
}
