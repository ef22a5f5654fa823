//! Signals at any moment.

use super::support::{Place, said, signal};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Signals at moments that are spread over the time of a run, four to each run.
fn disturbed(device: &str, file: &'static str, signals: &[&str], rounds: u32) {
    let mut place = Place::new();
    place.file = file;
    let whole = place.finish("whole", device);
    // The second run finds the driver's compiled kernels, as those after it do.
    let start = Instant::now();
    assert!(place.finish("again", device) == whole);
    let took = start.elapsed();
    let mut hits = 0;
    for round in 0..rounds {
        let out = format!("{round}");
        for part in 0..4 {
            let name = signals[((round + part) as usize) % signals.len()];
            let mut child = place.command(&out, device).spawn().unwrap();
            // The golden ratio spreads the moments evenly.
            let share = f64::from(round * 4 + part + 1) * 0.618_033_988_75 % 1.0;
            sleep(took.mul_f64(share));
            signal(&child, name);
            let status = child.wait().unwrap();
            let code = status.code();
            match name {
                "-KILL" => assert!(matches!(code, None | Some(0)), "{status}"),
                // Before it listens, the signal ends the process; afterwards the process ends by itself.
                _ => assert!(matches!(code, None | Some(0 | 130)), "{status}"),
            }
            hits += u32::from(code != Some(0));
        }
        assert!(place.finish(&out, device) == whole, "round {round} on {device}");
        place.assert_tidy(&out);
    }
    assert!(hits > 0 || rounds < 3, "none of {} signals came in time", rounds * 4);
}

#[test]
fn kills_at_any_moment_change_no_bit() {
    disturbed("cpu", "long.cnn", &["-KILL"], 6);
    disturbed("cpu", "callbacks.cnn", &["-KILL", "-INT"], 2);
    disturbed("gpu", "long.cnn", &["-KILL"], 2);
}

#[test]
fn interruptions_at_any_moment_change_no_bit() {
    disturbed("cpu", "long.cnn", &["-INT", "-TERM", "-HUP"], 6);
    disturbed("gpu", "long.cnn", &["-INT", "-TERM"], 2);
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never came", path.display());
        sleep(Duration::from_millis(5));
    }
}

/// Epochs of a millisecond: whoever asks only now and then within an epoch never hears.
#[test]
fn a_signal_is_heard_in_the_shortest_epochs() {
    let place = Place::new();
    for (device, name) in [("cpu", "-INT"), ("cpu", "-TERM"), ("cpu", "-HUP"), ("gpu", "-INT")] {
        let out = format!("{device}{name}");
        let mut child = place.begin(&out, device).args(["--epochs", "1000000"]).spawn().unwrap();
        wait_for(&place.path(&out).join("run.yaml"));
        let sent = Instant::now();
        signal(&child, name);
        let status = child.wait().unwrap();
        assert!(
            sent.elapsed() < Duration::from_secs(10),
            "{device} {name}: {:?}",
            sent.elapsed()
        );
        assert_eq!(status.code(), Some(130), "{device} {name}");
        let text = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert!(
            text.contains("interrupted after") && text.contains("--resume"),
            "{text}"
        );
        place.assert_tidy(&out);
    }
}

#[test]
fn two_runs_do_not_share_a_directory() {
    let place = Place::new();
    let mut first = place.begin("out", "cpu").args(["--epochs", "1000000"]).spawn().unwrap();
    wait_for(&place.path("out").join("run.yaml"));
    for resume in [false, true] {
        let mut second = place.begin("out", "cpu");
        if resume {
            second.arg("--resume");
        }
        let ran = second.output().unwrap();
        assert_eq!(ran.status.code(), Some(1));
        let expected = format!("another run writes to out (process {})", first.id());
        assert!(said(&ran).contains(&expected), "{}", said(&ran));
    }
    // The lock dies with its holder.
    signal(&first, "-KILL");
    first.wait().unwrap();
    let mut third = place.command("out", "cpu").args(["--epochs", "1"]).spawn().unwrap();
    assert!(third.wait().unwrap().success());
}
