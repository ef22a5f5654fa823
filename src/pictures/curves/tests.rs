//! Known values have known places.

use super::*;

fn history(rows: &[&[(&str, f64)]]) -> History {
    let epoch = |(epoch, row): (usize, &&[(&str, f64)])| Epoch {
        phase: 0,
        epoch,
        metrics: row.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
    };
    History {
        epochs: rows.iter().enumerate().map(epoch).collect(),
    }
}

#[test]
fn known_values_have_known_places() {
    let history = history(&[
        &[("loss", 1.0)],
        &[("loss", f64::NAN)],
        &[("loss", 0.5), ("val_loss", 0.75)],
    ]);
    let runs = [Run {
        name: "a",
        history: &history,
    }];
    let found = curves_of("loss", &runs);
    assert_eq!(found[0].points, [(1.0, Some(1.0)), (2.0, None), (3.0, Some(0.5))]);
    assert_eq!(found[1].points[2], (3.0, Some(0.75)));
    let up = Axis {
        low: 0.5,
        high: 1.0,
        from: 200.0,
        to: 100.0,
    };
    assert_eq!((up.at(0.5), up.at(0.75), up.at(1.0)), (200.0, 150.0, 100.0));
}

#[test]
fn phases_count_on() {
    let mut history = history(&[&[("loss", 1.0)], &[("loss", 0.5)], &[("loss", 0.25)]]);
    history.epochs[2] = Epoch {
        phase: 1,
        epoch: 0,
        ..history.epochs[2].clone()
    };
    let runs = [Run {
        name: "a",
        history: &history,
    }];
    let found = curves_of("loss", &runs);
    assert_eq!(found[0].points, [(1.0, Some(1.0)), (2.0, Some(0.5)), (3.0, Some(0.25))]);
    let drawn = curves(None, "a run", WIDE, &runs, &metrics(&runs)).svg();
    assert!(drawn.contains("phase 2") && drawn.contains("loss after epoch 1 of phase 2"));
}

#[test]
fn accuracy_comes_first_and_validation_shares_its_panel() {
    let history = history(&[&[("loss", 1.0), ("val_loss", 1.0), ("acc", 0.5), ("aux", 2.0)]]);
    let runs = [Run {
        name: "a",
        history: &history,
    }];
    assert_eq!(metrics(&runs), ["acc", "loss", "aux"]);
}

#[test]
fn two_runs() {
    let one = history(&[
        &[
            ("accuracy", 0.85),
            ("loss", 0.5),
            ("val_accuracy", 0.91),
            ("val_loss", 0.3),
        ],
        &[
            ("accuracy", 0.93),
            ("loss", 0.25),
            ("val_accuracy", 0.94),
            ("val_loss", 0.2),
        ],
        &[
            ("accuracy", 0.95),
            ("loss", 0.16),
            ("val_accuracy", 0.955),
            ("val_loss", 0.15),
        ],
    ]);
    let two = history(&[
        &[("accuracy", 0.8), ("loss", 0.7)],
        &[("accuracy", 0.9), ("loss", f64::INFINITY)],
    ]);
    let runs = [
        Run {
            name: "pyramid",
            history: &one,
        },
        Run {
            name: "<b> & c",
            history: &two,
        },
    ];
    let drawing = curves(Some("Two runs"), "pyramid, <b> & c", WIDE, &runs, &metrics(&runs));
    insta::assert_snapshot!(drawing.svg());
}
