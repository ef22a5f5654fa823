//! What `cnnc bench` prints for people; it fits into 80 columns.

use super::bytes;
use super::table::{Align, table};
use super::wrap::hang;
use cnnc::session::bench::{Measured, OnDevice, Training};
use cnnc::session::device::kind;
use compiler::numbers::thousands;
use runtime::executor::Clock;

/// The width of the column for devices' names.
const DEVICE: usize = 12;

/// The width of the column for layers' names.
const LAYER: usize = 22;

/// What was measured and on which machine, then a table for training, one for predictions, and one of operations for each device
/// and batch size.
pub fn text(report: &Measured, columns: usize) -> String {
    let mut text = String::new();
    let made_up = if report.data.synthetic {
        format!("synthetic, since {}", report.data.origin)
    } else {
        format!("{}, {}", report.data.name, report.data.origin)
    };
    let cpu = &report.machine.cpu;
    let facts = [
        (
            "network",
            format!("{}, {} parameters", report.model, thousands(report.parameters)),
        ),
        (
            "a sample",
            format!(
                "{} to train on, {} to predict",
                flop(report.training_flop as f64),
                flop(report.prediction_flop as f64)
            ),
        ),
        (
            "an epoch",
            format!(
                "{} samples, {}",
                thousands(report.data.samples),
                flop(report.training_flop as f64 * report.data.samples as f64)
            ),
        ),
        ("data", made_up),
        ("cpu", format!("{}; {}", cpu.name, cpu.driver)),
        (
            "cpu peak",
            format!("{}/s, measured multiply-adds", flop(report.machine.peak_flops)),
        ),
    ];
    for (what, fact) in facts {
        text.push_str(&hang(&format!("{what:<12} "), &fact, columns));
    }
    for on in &report.devices {
        let device = &on.device;
        let first = format!("{:<12} ", cut(&on.asked, DEVICE));
        text.push_str(&hang(&first, &device.name, columns));
        let more = format!("{}; {}", kind(device.kind), device.driver);
        text.push_str(&hang(&" ".repeat(first.len()), &more, columns));
    }
    text.push('\n');
    text.push_str(&training(report, columns));
    text.push('\n');
    text.push_str(&predictions(report, columns));
    for on in &report.devices {
        for training in &on.training {
            text.push_str(&operations(on, training, columns));
        }
    }
    text
}

fn training(report: &Measured, columns: usize) -> String {
    use Align::{Left, Right};
    let heads = [
        ("training", Left),
        ("batch", Right),
        ("s/epoch", Right),
        ("samples/s", Right),
        ("GFLOP/s", Right),
        ("of peak", Right),
        ("first step", Right),
        ("memory", Right),
    ];
    let row = |on: &OnDevice, training: &Training| {
        [
            cut(&on.asked, DEVICE),
            thousands(training.batch_size),
            digits(training.seconds_per_epoch),
            thousands(training.samples_per_second as usize),
            digits(training.flops / 1e9),
            share(training.peak_share),
            duration(training.first_step_seconds),
            training.peak_memory_bytes.map_or_else(|| "?".to_owned(), bytes),
        ]
    };
    let rows: Vec<_> = report
        .devices
        .iter()
        .flat_map(|on| on.training.iter().map(move |training| row(on, training)))
        .collect();
    table(heads, &rows, columns)
}

fn predictions(report: &Measured, columns: usize) -> String {
    use Align::{Left, Right};
    let heads = [
        ("prediction", Left),
        ("first", Right),
        ("one sample", Right),
        ("samples", Right),
        ("samples/s", Right),
        ("GFLOP/s", Right),
        ("of peak", Right),
    ];
    let row = |on: &OnDevice| {
        let prediction = &on.prediction;
        [
            cut(&on.asked, DEVICE),
            duration(prediction.first_seconds),
            duration(prediction.one_sample_seconds),
            thousands(prediction.samples),
            thousands(prediction.samples_per_second as usize),
            digits(prediction.flops / 1e9),
            share(prediction.peak_share),
        ]
    };
    let rows: Vec<_> = report.devices.iter().map(row).collect();
    table(heads, &rows, columns)
}

fn operations(on: &OnDevice, training: &Training, columns: usize) -> String {
    use Align::{Left, Right};
    let heads = [
        ("layer", Left),
        ("operation", Left),
        ("a step", Right),
        ("share", Right),
        ("GFLOP/s", Right),
    ];
    let mut rows: Vec<[String; 5]> = Vec::new();
    for operation in &training.operations {
        let speed = if operation.flops > 0.0 {
            digits(operation.flops / 1e9)
        } else {
            String::new()
        };
        rows.push([
            cut(&operation.layer, LAYER),
            operation.operation.to_owned(),
            duration(operation.seconds),
            share(Some(operation.share)),
            speed,
        ]);
    }
    if training.waiting_seconds > 0.0 {
        let waiting = duration(training.waiting_seconds);
        rows.push([
            String::new(),
            "waiting for other threads".to_owned(),
            waiting,
            String::new(),
            String::new(),
        ]);
    }
    format!(
        "\noperations of a step, {}, batch {}{}\n{}",
        cut(&on.asked, DEVICE),
        thousands(training.batch_size),
        match training.operations_clock {
            Clock::Host => "",
            Clock::Timestamps => ", by the device's timestamps",
        },
        table(heads, &rows, columns)
    )
}

/// A name, cut to at most `most` columns.
fn cut(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 3).chain("...".chars()).collect()
}

/// Three significant digits without an exponent: `12.3`, `0.0123`, `1,234`.
fn digits(value: f64) -> String {
    match value {
        value if value >= 100.0 => thousands(value.round() as usize),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value if value >= 0.1 => format!("{value:.3}"),
        value => format!("{value:.4}"),
    }
}

/// Seconds in the unit that suits them: `12.3 us`, `4.56 ms`, `7.89 s`.
fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds >= 1.0 => format!("{} s", digits(seconds)),
        seconds if seconds >= 1e-3 => format!("{} ms", digits(seconds * 1e3)),
        seconds => format!("{} us", digits(seconds * 1e6)),
    }
}

/// A number of floating-point operations in the unit that suits it: `1.50 MFLOP`.
fn flop(count: f64) -> String {
    let mut count = count;
    for unit in ["FLOP", "kFLOP", "MFLOP", "GFLOP"] {
        if count < 1000.0 {
            return format!("{} {unit}", digits(count));
        }
        count /= 1000.0;
    }
    format!("{} TFLOP", digits(count))
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cnnc::session::bench::{Data, Machine, Operation, Prediction};
    use runtime::executor::{Device, DeviceKind};

    fn report() -> Measured {
        let cpu = Device {
            name: "Intel(R) Xeon(R) Processor @ 2.70GHz".to_owned(),
            kind: DeviceKind::Cpu,
            driver: "AVX-512, 2 threads".to_owned(),
        };
        let training = |batch_size, scale: f64| Training {
            batch_size,
            open_seconds: 0.25,
            first_step_seconds: 0.0312 * scale,
            epochs: vec![scale],
            steps: 100,
            seconds_per_epoch: 0.567 * scale,
            samples_per_second: 105_820.0 / scale,
            flops: 2.66e11 / scale,
            peak_share: Some(0.543 / scale),
            operations_clock: Clock::Host,
            operations: vec![
                Operation {
                    index: 0,
                    layer: "input".to_owned(),
                    operation: "gather",
                    seconds: 2.5e-6,
                    share: 0.02,
                    flops: 0.0,
                },
                Operation {
                    index: 1,
                    layer: "a_convolution_of_a_very_long_name".to_owned(),
                    operation: "global pool backward",
                    seconds: 1.25e-3,
                    share: 0.98,
                    flops: 3.2e11,
                },
            ],
            waiting_seconds: 12e-6,
            peak_memory_bytes: Some(123_456_789),
        };
        Measured {
            cnnc: "0.1.0",
            model: "mnist_pyramid".to_owned(),
            parameters: 8490,
            data: Data {
                name: "made up".to_owned(),
                origin: "the data set fashion-mnist is not on this machine".to_owned(),
                samples: 60_000,
                synthetic: true,
            },
            training_flop: 2_515_200,
            prediction_flop: 934_400,
            machine: Machine {
                cpu: cpu.clone(),
                system: "linux",
                architecture: "x86_64",
                peak_flops: 4.9e11,
            },
            devices: vec![OnDevice {
                asked: "a part of a device's long name".to_owned(),
                device: cpu,
                training: vec![training(32, 1.0), training(1024, 123.4)],
                prediction: Prediction {
                    first_seconds: 0.0123,
                    one_sample_seconds: 0.000_123_4,
                    samples: 10_000,
                    seconds: 0.05,
                    samples_per_second: 200_000.0,
                    flops: 1.868e11,
                    peak_share: None,
                },
            }],
        }
    }

    #[test]
    fn the_report_fits_eighty_columns() {
        let text = text(&report(), usize::MAX);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line, line.trim_end());
        }
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("bench", text) });
    }

    #[test]
    fn the_report_fits_narrower_terminals() {
        let narrow = text(&report(), 60);
        for line in narrow.lines() {
            assert!(line.chars().count() <= 60, "{line}");
        }
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("bench_narrow", narrow) });
    }

    #[test]
    fn numbers_have_three_digits() {
        let written = [1234.4, 123.4, 12.34, 1.234, 0.1234, 0.012_34].map(digits);
        assert_eq!(written, ["1,234", "123", "12.3", "1.23", "0.123", "0.0123"]);
        assert_eq!(duration(12.3e-6), "12.3 us");
        assert_eq!(duration(0.0456), "45.6 ms");
        assert_eq!(flop(49.77e9), "49.8 GFLOP");
    }
}
