//! The arithmetic of explanations is right for random networks, too.

use super::*;
use proptest::prelude::*;

/// One layer of a random network, images until a `Flatten` or a global pool.
fn image_layer() -> impl Strategy<Value = String> {
    let padding = || prop::sample::select(vec!["valid", "same"]);
    prop_oneof![
        4 => (1_usize..6, 1_usize..5, 1_usize..5, 1_usize..4, 1_usize..4, padding(), any::<bool>()).prop_map(
            |(filters, height, width, down, right, padding, bias)| {
                let bias = if bias { "True" } else { "False" };
                format!("Conv2D({filters}, ({height}, {width}), ({down}, {right}), '{padding}', use_bias={bias})")
            }
        ),
        1 => (1_usize..4, 1_usize..4, 1_usize..4, padding()).prop_map(|(filters, size, dilation, padding)| {
            format!("Conv2D({filters}, {size}, padding='{padding}', dilation_rate={dilation}, activation='relu')")
        }),
        2 => (prop::sample::select(vec!["MaxPooling2D", "AveragePooling2D"]), 1_usize..4, 1_usize..4, 1_usize..4, padding())
            .prop_map(|(class, height, width, stride, padding)| {
                format!("{class}(({height}, {width}), {stride}, '{padding}')")
            }),
        1 => Just("ReLU()".to_owned()),
        1 => Just("Dense(3)".to_owned()),
        1 => (prop::sample::select(vec!["GlobalAveragePooling2D", "GlobalMaxPooling2D"])).prop_map(|class| format!("{class}(keepdims=True)")),
    ]
}

fn description() -> impl Strategy<Value = String> {
    let optimizer = prop::sample::select(vec![
        "'sgd'",
        "SGD(0.1, momentum=0.5)",
        "SGD(0.03, 0.9, True)",
        "'rmsprop'",
        "RMSprop(0.01, 0.8, 0.5, 1e-6, True)",
        "'adam'",
        "Adam(0.002, amsgrad=True)",
        "AdamW(0.02, 0.1)",
    ]);
    let data = prop::sample::select(vec![
        ("28, 28, 1", "mnist"),
        ("32, 32, 3", "cifar10"),
        ("17, 11, 2", "./a.npz"),
        ("9, 9, 1", "./b.npz"),
    ]);
    let flat = prop::sample::select(vec!["Flatten()", "GlobalAveragePooling2D()", "GlobalMaxPooling2D()"]);
    let merge = prop::option::of(prop::sample::select(vec![
        "Add()([a, b])",
        "Concatenate(axis=1)([a, b, a])",
        "Concatenate()([b, a])",
    ]));
    let fit = (1_usize..200, 1_usize..9, 0_u32..9);
    (data, prop::collection::vec(image_layer(), 0..4), merge, flat, prop::collection::vec(1_usize..30, 0..3), optimizer, fit).prop_map(
        |((shape, data), layers, merge, flat, dense, optimizer, (batch, epochs, split))| {
            let mut lines = vec![format!("Input(shape=({shape}))")];
            lines.extend(layers);
            if let Some(merge) = merge {
                lines.push("a = Activation('sigmoid')".to_owned());
                lines.push("b = Activation('tanh')(a)".to_owned());
                lines.push(merge.to_owned());
            }
            lines.push(flat.to_owned());
            lines.extend(dense.iter().map(|units| format!("Dense({units}, activation='relu')")));
            lines.push("Dense(10)".to_owned());
            let split = f64::from(split) / 10.0;
            format!(
                "model m {{\n {}\n}}\ncompile({optimizer}, SparseCategoricalCrossentropy(True), metrics=['acc'])\nfit(data='{data}', \
                 batch_size={batch}, epochs={epochs}, validation_split={split:?})\n",
                lines.join("\n ")
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_networks(text in description()) {
        let file = grammar::parse(&Source::new("m", text.as_str())).unwrap();
        // A window may not fit what the layers before it have left.
        if let Ok((network, _)) = check_file(&file) {
            check(&network);
        }
    }
}

/// Most random networks are sound, so that the property above means something.
#[test]
fn most_random_networks_hold_together() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sound = (0..100).filter(|_| {
        let text = description().new_tree(&mut runner).unwrap().current();
        check_file(&grammar::parse(&Source::new("m", text.as_str())).unwrap()).is_ok()
    });
    let sound = sound.count();
    assert!(sound > 70, "only {sound} of 100 hold together");
}
