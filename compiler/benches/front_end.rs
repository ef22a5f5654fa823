//! Times the way from text to plan for the carried descriptions, which `cnnc check` and every other command begin with:
//! `cargo bench -p cnnc-compiler --bench front_end`
#![allow(missing_docs, clippy::unwrap_used)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::plan::memory::Sharing;
use cnnc_compiler::summary::table;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const SPECS: [(&str, &str); 3] = [
    ("mlp", include_str!("../../specs/mnist_mlp.cnn")),
    ("pyramid", include_str!("../../specs/mnist_pyramid.cnn")),
    ("lenet", include_str!("../../specs/lenet.cnn")),
];

fn stages(criterion: &mut Criterion) {
    for (name, text) in SPECS {
        let source = grammar::decode("bench.cnn", text.as_bytes()).unwrap();
        let tree = grammar::parse(&source).unwrap();
        let (network, _) = check_file(&tree).unwrap();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("parse", |bencher| {
            bencher.iter(|| grammar::parse(black_box(&source)).unwrap());
        });
        group.bench_function("resolve and check", |bencher| {
            bencher.iter(|| check_file(black_box(&tree)).unwrap());
        });
        group.bench_function("summary", |bencher| {
            bencher.iter(|| table(black_box(&network), 100));
        });
        group.bench_function("plan", |bencher| {
            bencher.iter(|| cnnc_compiler::plan_of(black_box(&network), Sharing::Shared));
        });
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
