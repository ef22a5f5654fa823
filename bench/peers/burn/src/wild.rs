//! Burn on the CPU: a network that cnnc exported, a step of training and one picture alone; one line of JSON as
//! `bench/peers/wild_torch.py` prints it.

mod graph;

use anyhow::{Result, anyhow};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use clap::Parser;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Trains a network that Keras's configuration describes.
#[derive(Parser)]
struct Options {
    /// The configuration, as it lies in a .keras file
    network: PathBuf,
    /// Height, width and channels with an x between
    #[arg(long)]
    shape: String,
    #[arg(long)]
    classes: usize,
    /// Training steps of a window
    #[arg(long)]
    steps: usize,
    /// How long training is measured, about
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
}

const RATE: f64 = 0.001;

fn main() -> Result<()> {
    let options = Options::parse();
    let sizes = options
        .shape
        .split('x')
        .map(str::parse)
        .collect::<Result<Vec<usize>, _>>()?;
    let [height, width, channels] = sizes.try_into().map_err(|_| anyhow!("three sizes"))?;
    let plain = Device::flex();
    let tracking = plain.clone().autodiff();
    let (mut network, graph) = graph::read(&std::fs::read_to_string(&options.network)?, &tracking)?;

    let mut random = StdRng::seed_from_u64(0);
    let count = options.steps * options.batch_size;
    let pixels: Vec<f32> = (0..count * height * width * channels)
        .map(|_| random.random())
        .collect();
    let labels: Vec<i32> = (0..count)
        .map(|_| random.random_range(0..options.classes as i32))
        .collect();
    let pictures: Tensor<4> = Tensor::from_data(TensorData::new(pixels, [count, channels, height, width]), &tracking);
    let labels: Tensor<1, Int> = Tensor::from_data(TensorData::new(labels, [count]), &tracking);

    let mut optimizer = AdamConfig::new().with_epsilon(1e-7).init();
    let loss_of = CrossEntropyLossConfig::new().init(&tracking);
    let mut windows: Vec<f64> = Vec::new();
    let begin = Instant::now();
    // The first compiles and warms up, and one more is always measured.
    while windows.len() < 2 || begin.elapsed() < Duration::from_secs_f64(options.seconds + windows[0]) {
        let start = Instant::now();
        let mut order: Vec<i32> = (0..i32::try_from(count)?).collect();
        order.shuffle(&mut random);
        let (mut total, mut hits) = (Tensor::<1>::zeros([1], &plain), Tensor::<1>::zeros([1], &plain));
        for indices in order.chunks(options.batch_size) {
            let taken: Tensor<1, Int> =
                Tensor::from_data(TensorData::new(indices.to_vec(), [indices.len()]), &tracking);
            let (inputs, expected) = (
                pictures.clone().select(0, taken.clone()),
                labels.clone().select(0, taken),
            );
            let logits = network.forward(&graph, inputs);
            let loss = loss_of.forward(logits.clone(), expected.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(RATE, network, gradients);
            // What fit() reports; read once, at the end.
            total = total + loss.inner() * indices.len() as f32;
            hits = hits
                + logits
                    .inner()
                    .argmax(1)
                    .squeeze_dim::<1>(1)
                    .equal(expected.inner())
                    .float()
                    .sum();
        }
        total.into_scalar::<f32>();
        hits.into_scalar::<f32>();
        plain.sync().map_err(|error| anyhow!("{error:?}"))?;
        windows.push(start.elapsed().as_secs_f64() / options.steps as f64);
    }

    let valid = network.valid();
    let pixels: Vec<f32> = (0..height * width * channels).map(|_| random.random()).collect();
    let one: Tensor<4> = Tensor::from_data(TensorData::new(pixels, [1, channels, height, width]), &plain);
    let predict = || {
        let start = Instant::now();
        valid.forward(&graph, one.clone()).into_data();
        start.elapsed().as_secs_f64()
    };
    predict();
    let (mut times, begin) = (Vec::new(), Instant::now());
    while times.len() < 3 || (begin.elapsed() < Duration::from_millis(500) && times.len() < 1000) {
        times.push(predict());
    }
    times.sort_by(f64::total_cmp);
    let report = serde_json::json!({
        "version": "Burn 0.22.0, flex",
        "parameters": network.num_params(),
        "step_seconds": &windows[1..],
        "one_seconds": times[times.len() / 2],
        "peak_memory_bytes": peak_memory(),
    });
    println!("{report}");
    Ok(())
}

/// The largest resident set; known on Linux.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
