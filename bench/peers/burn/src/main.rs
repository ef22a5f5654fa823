//! Burn: the network of a description, trained by the usual loop over resident tensors; one line of JSON as the other peers
//! print it.

mod data;
mod network;

use anyhow::{Result, anyhow};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::GradientsParams;
use burn::prelude::*;
use clap::{Parser, ValueEnum};
use network::{Name, Network, RATE};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::path::PathBuf;
use std::time::Instant;

/// Which of Burn's back ends.
#[derive(Clone, Copy, ValueEnum)]
enum Backend {
    /// On the CPU, in Rust alone.
    Flex,
    /// On the best adapter that wgpu finds.
    Wgpu,
}

/// Trains one of the three networks with Burn.
#[derive(Parser)]
struct Options {
    network: Name,
    /// An IDX folder (MNIST, Fashion-MNIST), or for lenet a CIFAR-10 binary folder
    data: PathBuf,
    #[arg(long, default_value = "flex")]
    backend: Backend,
    #[arg(long, default_value_t = 3)]
    epochs: usize,
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// Only the first so many
    #[arg(long)]
    samples: Option<usize>,
}

/// A split on the device.
struct Resident {
    pictures: Tensor<4>,
    labels: Tensor<1, Int>,
    count: usize,
}

impl Resident {
    fn new(split: data::Split, device: &Device) -> Self {
        let count = split.labels.len();
        let [channels, height, width] = split.shape;
        let pictures = TensorData::new(split.pixels, [count, channels, height, width]);
        Self {
            pictures: Tensor::from_data(pictures, device),
            labels: Tensor::from_data(TensorData::new(split.labels, [count]), device),
            count,
        }
    }

    fn batch(&self, indices: &[i32], device: &Device) -> (Tensor<4>, Tensor<1, Int>) {
        let indices: Tensor<1, Int> = Tensor::from_data(TensorData::new(indices.to_vec(), [indices.len()]), device);
        (
            self.pictures.clone().select(0, indices.clone()),
            self.labels.clone().select(0, indices),
        )
    }

    fn order(&self) -> Vec<i32> {
        (0..i32::try_from(self.count).unwrap_or(i32::MAX)).collect()
    }
}

/// How many are classified as labelled.
fn right(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    logits.argmax(1).squeeze_dim::<1>(1).equal(labels).float().sum()
}

fn main() -> Result<()> {
    let options = Options::parse();
    let plain = match options.backend {
        Backend::Flex => Device::flex(),
        Backend::Wgpu => Device::wgpu(Default::default()),
    };
    let tracking = plain.clone().autodiff();
    let [training, test] = match options.network {
        Name::Lenet => data::cifar(&options.data, options.samples)?,
        Name::Onelayer | Name::Pyramid => data::digits(&options.data, options.samples)?,
    };
    let whole = training.whole;
    let (training, test) = (Resident::new(training, &tracking), Resident::new(test, &plain));
    let mut network = options.network.network(&tracking);
    let mut optimizer = options.network.optimizer();
    let loss_of = CrossEntropyLossConfig::new().init(&tracking);
    let mut random = StdRng::seed_from_u64(0);
    let (mut epochs, mut accuracy) = (Vec::new(), 0.0);
    for _ in 0..options.epochs {
        let start = Instant::now();
        let mut order = training.order();
        order.shuffle(&mut random);
        // The loss and the accuracy of the epoch, as fit() reports them; read once, at its end.
        let (mut total, mut hits) = (Tensor::<1>::zeros([1], &plain), Tensor::<1>::zeros([1], &plain));
        for indices in order.chunks(options.batch_size) {
            let (pictures, labels) = training.batch(indices, &tracking);
            let logits = network.forward(pictures);
            let loss = loss_of.forward(logits.clone(), labels.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(RATE, network, gradients);
            total = total + loss.inner() * indices.len() as f32;
            hits = hits + right(logits.inner(), labels.inner());
        }
        total.into_scalar::<f32>();
        hits.into_scalar::<f32>();
        plain.sync().map_err(|error| anyhow!("{error:?}"))?;
        epochs.push(start.elapsed().as_secs_f64());
        accuracy = evaluate(&network.valid(), &test, &options, &plain);
    }
    let backend = match options.backend {
        Backend::Flex => "flex",
        Backend::Wgpu => "wgpu",
    };
    let report = serde_json::json!({
        "version": format!("Burn 0.22.0, {backend}"),
        "batch_size": options.batch_size,
        "samples": training.count,
        "whole": whole,
        "epochs": epochs,
        "accuracy": accuracy,
        "peak_memory_bytes": peak_memory(),
    });
    println!("{report}");
    Ok(())
}

fn evaluate(network: &Network, test: &Resident, options: &Options, device: &Device) -> f64 {
    let mut hits = Tensor::<1>::zeros([1], device);
    for indices in test.order().chunks(options.batch_size) {
        let (pictures, labels) = test.batch(indices, device);
        hits = hits + right(network.forward(pictures), labels);
    }
    f64::from(hits.into_scalar::<f32>()) / test.count as f64
}

/// The largest resident set; known on Linux.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
