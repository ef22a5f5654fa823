//! Numbers, bytes and paths as messages show them.

use std::path::Path;

/// The forms of data that `load` looks for in a folder, for messages.
pub const FOLDER_FORMS: [&str; 6] = [
    "train-images-idx3-ubyte and train-labels-idx1-ubyte (IDX, .gz or not; t10k-... for the test split)",
    "data_batch_1.bin to data_batch_5.bin and test_batch.bin (CIFAR-10, binary version)",
    "cifar-10-batches-bin/ with those",
    "train.bin and test.bin (CIFAR-100, binary version), or cifar-100-binary/ with those",
    "x_train.npy and y_train.npy (and x_test.npy and y_test.npy or neither)",
    "a folder of pictures (.png, .jpg, .jpeg, .gif, .webp, .bmp) for each class",
];

/// A number with its thousands set off, as messages show it: `12,345`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as lowercase hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}

/// A path as messages show it: without control characters, which could move a terminal's cursor.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.replace(char::is_control, "\u{fffd}")
}

/// Names separated by commas, such as `cat, dog, fox`; of many, the first ones only.
pub fn some_names(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", thousands(names.len() - SHOWN)));
    }
    text.replace(char::is_control, "\u{fffd}")
}
