//! Prints how long each operation of a training step takes: `profile FILE BATCH CLASS`.
use cnnc_runtime::{
    data,
    executor::{Executor, Set, wgpu},
};
use std::sync::Arc;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let source = grammar::decode(&args[1], &std::fs::read(&args[1]).unwrap()).unwrap();
    let (checked, _) = compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
    let plan = Arc::new(compiler::plan_of(&checked, compiler::memory::Sharing::Shared));
    let batch: usize = args[2].parse().unwrap();
    let gpu = wgpu::adapters().remove(0).open().unwrap();
    let mut ex = wgpu::WgpuExecutor::new(gpu, plan.clone(), batch, batch).unwrap();
    let n = batch * 4;
    let split = Arc::new(data::Split {
        shape: plan.input_shape.clone(),
        pixels: data::Pixels::Bytes(vec![7; n * plan.input_shape.elements()]),
        labels: vec![1; n],
    });
    ex.load(Set::Train, &split).unwrap();
    ex.set_parameters(&cnnc_runtime::train::initial_parameters(&plan, 1))
        .unwrap();
    let mut total = 0.0;
    for (op, s) in ex.profile(50).unwrap() {
        let o = &plan.training.operations[op];
        let kind = serde_yaml::to_string(&o.kind).unwrap();
        let name = kind.lines().find(|l| l.starts_with("operation")).unwrap().to_owned();
        println!("{:9.1} us  {} {}", s * 1e6, o.layer, name);
        total += s;
    }
    println!("{:9.1} us", total * 1e6);
}
