//! IDX folders and CIFAR-10's binary batches, as float32 pictures with channels first, which is Burn's order.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use std::fs;
use std::io::Read;
use std::path::Path;

/// One split.
pub struct Split {
    /// Channels, height and width of a picture.
    pub shape: [usize; 3],
    /// From 0 to 1, picture after picture.
    pub pixels: Vec<f32>,
    /// Of the pictures.
    pub labels: Vec<i32>,
    /// How many there are on disk.
    pub whole: usize,
}

impl Split {
    fn new(shape: [usize; 3], pixels: &[u8], labels: &[u8], samples: Option<usize>) -> Result<Self> {
        let whole = labels.len();
        let size = shape.iter().product::<usize>();
        ensure!(pixels.len() == whole * size, "{whole} labels, {} pixels", pixels.len());
        let kept = samples.unwrap_or(whole).min(whole);
        Ok(Self {
            shape,
            pixels: pixels
                .iter()
                .take(kept * size)
                .map(|&byte| f32::from(byte) / 255.0)
                .collect(),
            labels: labels.iter().take(kept).map(|&label| i32::from(label)).collect(),
            whole,
        })
    }
}

/// The file, or the one with `.gz` after its name, without the first `head` bytes.
fn idx(folder: &Path, name: &str, head: usize) -> Result<Vec<u8>> {
    let packed = folder.join(format!("{name}.gz"));
    let mut bytes = Vec::new();
    if packed.exists() {
        GzDecoder::new(fs::File::open(&packed)?).read_to_end(&mut bytes)?;
    } else {
        bytes = fs::read(folder.join(name)).with_context(|| format!("no {name} in {}", folder.display()))?;
    }
    ensure!(bytes.len() > head, "{name} is too short");
    bytes.drain(..head);
    Ok(bytes)
}

/// The training and the test split of an IDX folder of 28 x 28 pictures.
pub fn digits(folder: &Path, samples: Option<usize>) -> Result<[Split; 2]> {
    let split = |name: &str| {
        let pixels = idx(folder, &format!("{name}-images-idx3-ubyte"), 16)?;
        let labels = idx(folder, &format!("{name}-labels-idx1-ubyte"), 8)?;
        Split::new([1, 28, 28], &pixels, &labels, samples)
    };
    Ok([split("train")?, split("t10k")?])
}

/// The same of the folder of CIFAR-10's binary version, whose rows are a label and three planes of 32 x 32.
pub fn cifar(folder: &Path, samples: Option<usize>) -> Result<[Split; 2]> {
    let split = |names: &[String]| {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for name in names {
            let bytes = fs::read(folder.join(name)).with_context(|| format!("no {name} in {}", folder.display()))?;
            for row in bytes.chunks_exact(3073) {
                labels.push(row[0]);
                pixels.extend_from_slice(&row[1..]);
            }
        }
        Split::new([3, 32, 32], &pixels, &labels, samples)
    };
    let training: Vec<String> = (1..=5).map(|number| format!("data_batch_{number}.bin")).collect();
    Ok([split(&training)?, split(&["test_batch.bin".to_owned()])?])
}
