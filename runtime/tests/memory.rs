//! What strangers' files make the readers allocate: files of some kilobytes never take hundreds of megabytes.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one counts and hands on"
)]

use cnnc_runtime::data::fetch;
use cnnc_runtime::data::{Reading, load_inputs_as};
use compiler::shape::Shape;
use compiler::training::data::KnownData;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that are allocated beyond the present while this runs.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = work();
    (result, MOST.load(Ordering::Relaxed).saturating_sub(before))
}

fn zeros_packed(count: usize) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![0; 1 << 20];
    for _ in 0..count >> 20 {
        packed.write_all(&block).unwrap();
    }
    packed.finish().unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = data.len() as u32;
    [&length.to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

/// A grey PNG picture of this size, with chunks before its pixels.
fn png(width: u32, height: u32, pixels: &[u8], extras: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &header));
    file.extend(extras.concat());
    file.extend(chunk(b"IDAT", pixels));
    file.extend(chunk(b"IEND", &[]));
    file
}

/// A BMP picture of eight bits a pixel that is run-length coded and ends at once.
fn rle(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"BM\0\0\0\0\0\0\0\0\x36\x04\0\0\x28\0\0\0".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([1, 0, 8, 0, 1, 0, 0, 0]);
    file.resize(0x436, 0);
    file.extend([0, 1]);
    file
}

/// A lossless WebP picture that ends after its size.
fn webp(width: u32, height: u32) -> Vec<u8> {
    let size = (width - 1) | (height - 1) << 14;
    let mut data = vec![0x2f];
    data.extend(size.to_le_bytes());
    data.extend([0; 11]);
    let mut file = b"RIFF".to_vec();
    file.extend((data.len() as u32 + 12).to_le_bytes());
    file.extend(b"WEBPVP8L");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// The size of a JPEG picture, changed in its frame header.
fn jpeg(file: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut file = file.to_vec();
    let frame = |file: &[u8]| {
        file.windows(2)
            .position(|pair| pair == [0xff, 0xc0] || pair == [0xff, 0xc2])
    };
    let at = frame(&file).unwrap();
    file[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    file[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    file
}

struct Nobody;

impl fetch::Watch for Nobody {
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn source(&self, _: &str, _: &str) {}
    fn at(&self, _: &str, _: u64) {}
    fn end(&self, _: &str, _: bool) {}
    fn note(&self, _: &str) {}
}

/// One test, since the allocator counts for all threads.
#[test]
fn small_files_take_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture");
    let packed = zeros_packed(300 << 20);
    let profile = chunk(b"iCCP", &[b"p\0\0", packed.as_slice()].concat());
    let text = chunk(b"zTXt", &[b"Title\0\0", packed.as_slice()].concat());
    let (smooth, progressive): (&[u8], &[u8]) = (
        include_bytes!("../src/data/fixtures/pictures/smooth.jpg"),
        include_bytes!("../src/data/fixtures/pictures/progressive.jpg"),
    );
    let small = zeros_packed(1 << 20);
    // The file, and whether it is a picture.
    let cases = [
        ("profile", png(4, 4, &small, &[profile, text]), true),
        ("more pixels than the picture has", png(4, 4, &packed, &[]), true),
        ("a plain picture", png(17_000, 17_000, &packed, &[]), false),
        ("run lengths", rle(18_000, 18_000), false),
        ("run lengths of a small picture", rle(40, 40), true),
        ("lossless", webp(16_384, 16_384), false),
        ("baseline", jpeg(smooth, 13_000, 8_000), false),
        ("progressive", jpeg(progressive, 13_000, 8_000), false),
        ("progressive", jpeg(progressive, 5_000, 4_000), false),
    ];
    for (name, file, is_picture) in cases {
        std::fs::write(&path, &file).unwrap();
        for (reading, channels) in [(Reading::Keras, 3), (Reading::Paper, 1)] {
            let shape = Shape::map(8, 8, channels);
            let (read, bytes) = peak(|| load_inputs_as(&path, &shape, reading));
            assert_eq!(read.is_ok(), is_picture, "{name}: {read:?}");
            assert!(bytes < 200 << 20, "{name}: {bytes} bytes for a file of {}", file.len());
        }
    }

    // An array that its header says is large: no more is taken than comes.
    let path = folder.path().join("array.npy");
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (9000000000,), }";
    let mut file = b"\x93NUMPY\x01\0".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&file).unwrap();
    packed.write_all(&vec![0; 10 << 20]).unwrap();
    std::fs::write(&path, packed.finish().unwrap()).unwrap();
    let (read, bytes) = peak(|| load_inputs_as(&path, &Shape::flat(9_000_000_000), Reading::Keras));
    assert!(read.is_err() && bytes < 50 << 20, "{bytes} bytes, {read:?}");

    // A name in an archive, as long as the archive.
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(150 << 20);
    header.set_cksum();
    archive.append(&header, std::io::repeat(b'x').take(150 << 20)).unwrap();
    let archive = archive.into_inner().unwrap().finish().unwrap();
    let path = folder.path().join("cifar-10-binary.tar.gz");
    std::fs::write(&path, &archive).unwrap();
    let set = fetch::published(KnownData::Cifar10);
    let (read, bytes) = peak(|| fetch::import(&set, &[path], &folder.path().join("cache"), &Nobody));
    let error = read.unwrap_err().to_string();
    assert!(error.contains("expected the six batches"), "{error}");
    assert!(bytes < 10 << 20, "{bytes} bytes for an archive of {}", archive.len());
}
