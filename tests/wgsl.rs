//! The kernels that networks are compiled to: each is valid WGSL, and binds what the schedule says that it binds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use cnnc::session::verify::networks;
use compiler::check::check_file;
use compiler::launch::DeviceClass;
use compiler::launch::{Dispatch, Resource, Tiling, schedule, schedule_in_buffers};
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use grammar::source::Source;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const CLASSES: [DeviceClass; 3] = [DeviceClass::Discrete, DeviceClass::Integrated, DeviceClass::Software];

fn plan(name: &str, text: &str) -> Plan {
    let tree = grammar::parse(&Source::new(name, text)).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    let (network, _) = check_file(&tree).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.diagnostics));
    compiler::plan_of(&network, Sharing::Shared)
}

/// Every spec, and every layer, optimizer, activation and loss.
fn plans() -> Vec<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut plans = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "cnn") {
            let text = std::fs::read_to_string(&path).unwrap();
            plans.push(plan(&path.display().to_string(), &text));
        }
    }
    assert!(plans.len() >= 5, "{} specs", plans.len());
    plans.extend(networks().map(|description| Plan::clone(&description.unwrap().plan())));
    // Long rows of taps, and more positions than one invocation of a software driver takes.
    let long = [
        "Conv2D(2, 1)\n BatchNormalization(trainable=False)\n GlobalAveragePooling2D()",
        "Conv2D(3, (1, 40), activation='relu')\n MaxPooling2D()\n Conv2D(2, 1)\n GlobalMaxPooling2D()",
        "Conv2D(2, 1)\n GlobalAveragePooling2D()",
    ];
    // The whole vocabulary of layers.
    for case in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")).unwrap() {
        let model = case.unwrap().path().join("model.cnn");
        if let Ok(text) = std::fs::read_to_string(&model) {
            plans.push(plan(&model.display().to_string(), &text));
        }
    }
    plans.extend(long.map(|layers| {
        let text = format!(
            "model long {{\n Input(shape=(400, 400, 1))\n {layers}\n Dense(3)\n}}\n\
             compile(loss=SparseCategoricalCrossentropy(from_logits=True))\n"
        );
        plan("long", &text)
    }));
    plans
}

/// The bindings that an entry point uses, by naga's own analysis, or what is wrong with the file.
fn used(source: &str, entry: &str) -> Result<BTreeSet<u32>, String> {
    let module = naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map_err(|error| error.emit_to_string(source))?;
    let index = module.entry_points.iter().position(|point| point.name == entry);
    let index = index.ok_or_else(|| format!("no entry point `{entry}`"))?;
    let info = info.get_entry_point(index);
    let globals = module
        .global_variables
        .iter()
        .filter(|(handle, _)| !info[*handle].is_empty());
    Ok(globals
        .filter_map(|(_, global)| global.binding)
        .map(|at| at.binding)
        .collect())
}

fn dispatches(plan: &Plan, class: DeviceClass) -> Vec<Dispatch> {
    let programs = [&plan.training, &plan.evaluation, &plan.prediction];
    let mut all: Vec<Dispatch> = programs
        .map(|program| {
            // The second where tensors are too large for textures, the others with Winograd's filtering.
            let filtered = Tiling {
                winograd: 16,
                ..Tiling::of(class)
            };
            let schedules = [
                schedule(plan, program, Tiling::of(class), 8),
                schedule_in_buffers(plan, program, Tiling::of(class), 8),
                schedule(plan, program, filtered, 8),
                schedule_in_buffers(plan, program, filtered, 8),
            ];
            for schedule in &schedules {
                let mut operations: Vec<usize> =
                    schedule.dispatches.iter().map(|dispatch| dispatch.operation).collect();
                // Some take several.
                operations.dedup();
                let each: Vec<usize> = (0..program.operations.len()).collect();
                assert_eq!(operations, each, "{}: each operation has its launch", plan.model);
            }
            schedules.map(|schedule| schedule.dispatches).concat()
        })
        .concat();
    // What the executor makes of a gather where the data set is floats, or bytes that are not scaled.
    for entry in ["floats", "levels"] {
        let others: Vec<Dispatch> = all
            .iter()
            .filter(|dispatch| dispatch.kernel.file == shaders::File::Gather && dispatch.kernel.entry == "bytes")
            .cloned()
            .map(|mut dispatch| {
                dispatch.kernel.entry = entry;
                dispatch
            })
            .collect();
        all.extend(others);
    }
    all
}

#[test]
fn every_kernel_is_valid_and_binds_what_its_dispatch_says() {
    let mut known: BTreeMap<(String, &str), BTreeSet<u32>> = BTreeMap::new();
    let mut entries = BTreeSet::new();
    let mut wrong = Vec::new();
    for plan in plans() {
        for class in CLASSES {
            for dispatch in dispatches(&plan, class) {
                let kernel = &dispatch.kernel;
                let source = kernel.source().unwrap();
                let what = format!(
                    "{}, {class:?}, {}: {}.{}",
                    plan.model,
                    dispatch.layer,
                    kernel.file.name(),
                    kernel.entry
                );
                let key = (source, kernel.entry);
                if !known.contains_key(&key) {
                    match used(&key.0, key.1) {
                        Ok(bindings) => known.insert(key.clone(), bindings),
                        Err(error) => {
                            wrong.push(format!("{what}: {error}"));
                            continue;
                        }
                    };
                }
                entries.insert((kernel.file, kernel.entry));
                let bound: BTreeSet<u32> = dispatch.bindings.iter().map(|&(binding, _)| binding).collect();
                assert_eq!(bound.len(), dispatch.bindings.len(), "{what} binds one number twice");
                if known[&key] != bound {
                    wrong.push(format!("{what} binds {bound:?} and uses {:?}", known[&key]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every entry point of every file was among them.
    let mut missed = Vec::new();
    for file in shaders::File::ALL {
        let module = naga::front::wgsl::parse_str(file.source()).unwrap();
        for point in &module.entry_points {
            let met = entries.iter().any(|&(of, entry)| of == file && entry == point.name);
            if !met {
                missed.push(format!("{}.{}", file.name(), point.name));
            }
        }
    }
    assert!(missed.is_empty(), "launched by no network here: {}", missed.join(", "));
}

#[test]
fn no_kernel_asks_for_more_than_webgpu_grants() {
    for plan in plans() {
        for class in CLASSES {
            for dispatch in dispatches(&plan, class) {
                let source = dispatch.kernel.source().unwrap();
                let module = naga::front::wgsl::parse_str(&source).unwrap();
                let point = module
                    .entry_points
                    .iter()
                    .find(|point| point.name == dispatch.kernel.entry)
                    .unwrap();
                let size: u32 = point.workgroup_size.iter().product();
                assert!(size <= 256, "{} has workgroups of {size}", dispatch.layer);
                let (textures, buffers): (Vec<Resource>, Vec<Resource>) = dispatch
                    .bindings
                    .iter()
                    .map(|&(_, resource)| resource)
                    .partition(|resource| {
                        matches!(
                            resource,
                            Resource::Texels(_)
                                | Resource::ScratchTexels { .. }
                                | Resource::ParameterTexels
                                | Resource::NoTexels { .. }
                        )
                    });
                let layer = &dispatch.layer;
                assert!(buffers.len() <= 8, "{layer} binds {} buffers", buffers.len());
                assert!(textures.len() <= 4, "{layer} binds {} textures", textures.len());
                let shared: u32 = module
                    .global_variables
                    .iter()
                    .filter(|(_, global)| global.space == naga::AddressSpace::WorkGroup)
                    .map(|(_, global)| module.types[global.ty].inner.size(module.to_ctx()))
                    .sum();
                assert!(shared <= 16_384, "{layer} shares {shared} bytes");
                // 65,535 x 65,535 workgroups for a batch of 1,024.
                assert!(dispatch.work.workgroups(256) > 0, "{} launches nothing", dispatch.layer);
            }
        }
    }
}
