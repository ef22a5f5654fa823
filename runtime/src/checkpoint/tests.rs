use super::read::{parse, parse_with_metadata};
use super::*;
use crate::data::words::hex;
use proptest::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;

fn tensors() -> Vec<NamedTensor> {
    vec![
        (
            "dense.kernel".to_owned(),
            vec![2, 3],
            vec![0.5, -1.0, 2.0, f32::MIN_POSITIVE, 4.0, 5.0],
        ),
        ("conv2d.bias".to_owned(), vec![1], vec![-0.0]),
        ("scalar".to_owned(), vec![], vec![7.0]),
    ]
}

fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn variables_come_back_and_the_bytes_are_the_same_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("1.safetensors"), folder.path().join("2.safetensors"));
    let facts = metadata(&[("epoch", "3"), ("cnnc", "0.1 \"quoted\""), ("a", ""), ("z", "é")]);
    let sum = save(&one, &tensors(), &facts).unwrap();
    let mut backwards = tensors();
    backwards.reverse();
    assert_eq!(save(&other, &backwards, &facts).unwrap(), sum);
    let bytes = fs::read(&one).unwrap();
    assert_eq!(bytes, fs::read(&other).unwrap());
    assert_eq!(hex(&Sha256::digest(&bytes)), sum);
    let loaded = load(&one).unwrap();
    assert_eq!(loaded.len(), 3);
    for (name, shape, values) in tensors() {
        assert_eq!(loaded[&name], Tensor { shape, values });
    }
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let read: BTreeMap<_, _> = header.metadata().clone().unwrap().into_iter().collect();
    assert_eq!(read, facts);
    assert_eq!(parse_with_metadata("1", &bytes).unwrap().1, facts);
    // The sum is known before there is a file.
    let tensors = tensors();
    let encoded = Encoded::new("1", tensors.iter().map(Lent::from).collect(), &facts).unwrap();
    assert_eq!(encoded.sha256().unwrap(), sum);
}

#[test]
fn the_bytes_are_those_of_the_reference_library() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let data: Vec<_> = tensors()
        .into_iter()
        .map(|(name, shape, values)| {
            (
                name,
                shape,
                values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>(),
            )
        })
        .collect();
    for facts in [metadata(&[]), metadata(&[("format", "pt")])] {
        save(&path, &tensors(), &facts).unwrap();
        let info = (!facts.is_empty()).then(|| facts.into_iter().collect());
        let reference = data
            .iter()
            .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
        assert_eq!(
            fs::read(&path).unwrap(),
            safetensors::serialize(reference, info).unwrap()
        );
    }
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    save(&path, &tensors(), &metadata(&[])).unwrap();
    let before = fs::read(&path).unwrap();
    let twice = [tensors(), tensors()].concat();
    let error = save(&path, &twice, &metadata(&[])).unwrap_err().to_string();
    assert!(
        error.ends_with("expected each variable once, found another conv2d.bias"),
        "{error}"
    );
    let short = [("a".to_owned(), vec![2, 2], vec![0.0; 3])];
    let error = save(&path, &short, &metadata(&[])).unwrap_err().to_string();
    assert!(error.ends_with("expected values for a [2, 2], found 3"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

fn file(header: &str, values: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), values].concat()
}

#[test]
fn hostile_files_are_refused() {
    // Offsets that add up to 2^64 with the header, for which the library's own sum overflows.
    let parts: Vec<String> = (0..8)
        .map(|part: u64| {
            let (start, end) = (part << 61, ((part + 1) << 61).wrapping_sub(u64::from(part == 7)));
            format!(
                "\"{part}\":{{\"dtype\":\"U8\",\"shape\":[{}],\"data_offsets\":[{start},{end}]}}",
                end.wrapping_sub(start)
            )
        })
        .collect();
    let overflow = format!("{{{}}}", parts.join(","));
    let cases = [
        (
            vec![1, 2],
            "w: byte 0: expected the 8 bytes of a safetensors header's length, found 2 bytes",
        ),
        (
            u64::MAX.to_le_bytes().to_vec(),
            "w: byte 0: expected a header of at most 0 bytes, the rest of the file, found 18446744073709551615",
        ),
        (file("{}", &[0]), "w: expected a whole safetensors file, found "),
        (file("[", &[]), "w: byte 8: expected a JSON header, found "),
        (
            file(&"[".repeat(100_000), &[]),
            "w: byte 8: expected a JSON header, found ",
        ),
        (
            file(&format!("{{\"a\":{}", "[".repeat(100_000)), &[]),
            "w: byte 8: expected a JSON header, found ",
        ),
        (file("{\"a\":{}}", &[]), "w: byte 8: expected where a lies, found "),
        (
            file(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                &[0; 4],
            ),
            "w: byte 8: expected a within the 4 bytes of values, found 0 to 8",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                &[0; 8],
            ),
            "w: expected a whole safetensors file, found ",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                &[0; 4],
            ),
            "w: expected float32 in a, found F16",
        ),
        (
            file(&overflow, &[]),
            "w: byte 8: expected 0 within the 0 bytes of values, found 0 to 2305843009213693952",
        ),
    ];
    for (bytes, expected) in cases {
        let found = parse("w", &bytes).unwrap_err().to_string();
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn another_networks_weights_are_listed_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    save(&path, &tensors(), &metadata(&[])).unwrap();
    let expected = [
        ("dense.kernel".to_owned(), vec![2, 3]),
        ("scalar".to_owned(), vec![]),
        ("conv2d.bias".to_owned(), vec![1]),
    ];
    let values = load_matching(&path, &expected).unwrap();
    assert_eq!(values[1..], [vec![7.0], vec![-0.0]]);
    let other = [
        ("dense.kernel".to_owned(), vec![3, 2]),
        ("dense.bias".to_owned(), vec![3]),
        ("conv2d.bias".to_owned(), vec![1]),
    ];
    let error = load_matching(&path, &other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the weights are of another network\n  dense.kernel has the shape [2, 3], the network needs [3, 2]\n  \
         dense.bias [3] is missing\n  scalar [] is not in the network"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        any in prop::collection::vec(any::<u8>(), 0..64),
        changes in prop::collection::vec((0_usize..96, any::<u8>()), 0..4),
    ) {
        let _ = parse("w", &any);
        let mut bytes = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}", &[1; 20]);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if let Ok(tensors) = parse("w", &bytes) {
            prop_assert!(tensors.values().all(|tensor| tensor.values.len() == tensor.shape.iter().product::<usize>()));
        }
    }
}

/// The header says what the file is for; the rest may be longer than memory.
#[test]
fn a_file_that_is_longer_than_the_network_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    save(&path, &tensors()[1..2], &metadata(&[])).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let expected = [("conv2d.bias".to_owned(), vec![1])];
    assert_eq!(load_matching(&path, &expected).unwrap(), [[-0.0]]);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1 << 42)
        .unwrap();
    let error = load_matching(&path, &expected).unwrap_err().to_string();
    assert!(
        error.contains(&format!("expected {length} bytes, found {}", 1_u64 << 42)),
        "{error}"
    );
}
