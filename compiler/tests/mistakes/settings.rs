//! Messages about `compile` and `fit`.

use super::*;

#[test]
fn settings() {
    line(
        "unknown_optimizer",
        "compile",
        "compile(optimizer=\"adma\", loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "keras_optimizer",
        "compile",
        "compile(optimizer=Nadam(), loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "optimizer_ranges",
        "compile",
        "compile(optimizer=SGD(learning_rate=0, momentum=1.5, clipnorm=1.0), loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "schedule",
        "compile",
        "compile(optimizer=Adam(ExponentialDecay(0.1, 100, 0.9)), loss=SparseCategoricalCrossentropy(True))",
    );
    line(
        "unknown_loss",
        "compile",
        "compile(loss=\"sparse_categorical_crosentropy\")",
    );
    line(
        "keras_loss",
        "compile",
        "compile(loss=\"cosine_similarity\", metrics=[\"mae\"])",
    );
    line(
        "loss_call",
        "compile",
        "compile(loss=keras.losses.SparseCategoricalCrossEntropy(from_logit=True))",
    );
    line("no_loss", "compile", "compile(optimizer=\"adam\")");
    line(
        "unknown_metric",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"acuracy\"])",
    );
    line(
        "weighted_metrics",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), weighted_metrics=[\"acuracy\", Precision()])",
    );
    line(
        "multi_label",
        "compile",
        "compile(loss=\"categorical_crossentropy\", metrics=[AUC(multi_label=True, num_labels=3), AUC(num_labels=10), \
         AUC(multi_label=True, num_labels=2, label_weights=[1, 2, 3])])",
    );
    line(
        "balanced_classes",
        "fit",
        "fit(data=\"mnist\", epochs=3, class_weight=\"balanced\")",
    );
    line(
        "bare_metric",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=\"accuracy\")",
    );
    line(
        "metric_twice",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"acc\", \"acc\"])",
    );
    line(
        "logits_to_probabilities",
        "compile",
        "compile(loss=\"sparse_categorical_crossentropy\")",
    );
    changed("softmax_twice", "Dense(10)", "Dense(10, activation=\"softmax\")");
    line("unknown_data", "fit", "fit(data=\"mnst\")");
    line("data_folder", "fit", "fit(data=\"digits\")");
    line(
        "arrays",
        "fit",
        "hist = model.fit(x_train_c, y_train, validation_data=(x_test_c, y_test), epochs=3)",
    );
    line(
        "fit_ranges",
        "fit",
        "fit(data=\"mnist\", epochs=0, batch_size=-1, validation_split=1.0, verbose=2)",
    );
    line(
        "fit_no_epoch_left",
        "fit",
        "fit(data=\"mnist\", epochs=3, initial_epoch=3)",
    );
    line("epochs_float", "fit", "fit(data=\"mnist\", epochs=3.5, seed=\"one\")");
    changed("too_few_classes", "Dense(10)", "Dense(9)");
    changed("input_of_other_data", "\"mnist\"", "\"cifar10\"");
    changed("channels_first", "(28, 28, 1)", "(1, 28, 28)");
    changed("no_flatten", "    Flatten()\n", "");
    changed("image_output", "    Flatten()\n    Dense(10)\n", "");
    snapshot(
        "nothing_to_train",
        "model net {\n    Input(shape=(10,))\n    ReLU()\n}\n\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True))\n",
    );
}
