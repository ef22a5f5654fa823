mod arrays;
mod cifar;
mod ends;
mod hostile;
mod idx;
mod inputs;
mod sets;

use super::*;
use std::fmt;
use std::fs;
use std::io::{Cursor, Write};

/// A folder with these files.
fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// The message without the folder's own name, which is another each time.
fn message<T: fmt::Debug>(result: Result<T>, folder: &Path) -> String {
    result
        .unwrap_err()
        .to_string()
        .replace(&format!("{}/", folder.display()), "")
        .replace(&folder.display().to_string(), "FOLDER")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn idx_file(magic: u32, sizes: &[u32], elements: &[u8]) -> Vec<u8> {
    let words = std::iter::once(magic)
        .chain(sizes.iter().copied())
        .flat_map(u32::to_be_bytes);
    words.chain(elements.iter().copied()).collect()
}

fn images(count: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 6).map(|index| index as u8).collect();
    idx_file(0x803, &[count, 2, 3], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx_file(0x801, &[labels.len() as u32], labels)
}

fn load_folder(folder: &Path) -> Result<Dataset> {
    load(&named(folder.to_str().unwrap()), Path::new("."), None)
}

fn batch(labels: &[u8]) -> Vec<u8> {
    let record = |&label: &u8| {
        std::iter::once(label).chain((0..3072).map(move |at| (at / 1024) as u8 * 100 + (at % 1024 % 50) as u8))
    };
    labels.iter().flat_map(record).collect()
}

fn cifar_folder(prefix: &str, first: Vec<u8>) -> tempfile::TempDir {
    let names: Vec<String> = (1..=5).map(|batch| format!("{prefix}data_batch_{batch}.bin")).collect();
    let mut files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), batch(&[7, 3]))).collect();
    files[0].1 = first;
    let test = format!("{prefix}test_batch.bin");
    files.push((&test, batch(&[9])));
    folder(&files)
}

/// An `.npy` file of version 1.
fn npy_file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn npy_header(kind: &str, shape: &str) -> String {
    format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}")
}

fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy_file(&npy_header(kind, shape), data)
}

fn npz_file(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_npz(bytes: &[u8]) -> Result<(Split, Option<Split>)> {
    npz::read("a.npz", Cursor::new(bytes))
}

fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let picture = image::RgbaImage::from_fn(width, height, |x, y| image::Rgba(colour(x, y)));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
