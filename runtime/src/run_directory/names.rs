//! The names of the files in a run directory.

use crate::files;

/// The trained variables, as a safetensors file that other programs can read.
pub const WEIGHTS: &str = "weights.safetensors";
/// The metrics, one line for each epoch.
pub const HISTORY: &str = "history.csv";
/// What was run, with which data and on which device.
pub const MANIFEST: &str = "run.yaml";
/// A page for browsers that shows all of the run.
pub const REPORT: &str = "report.html";
/// The file that a process locks while it writes to the directory.
pub(super) const LOCK: &str = ".lock";
/// The state of the optimizer, as earlier versions kept it.
pub(super) const OPTIMIZER: &str = "optimizer.safetensors";

/// The name of an event file of a phase, in a folder that a `TensorBoard` callback names. `TensorBoard` reads files with
/// `tfevents` in their names.
pub(super) fn events(phase: usize) -> String {
    format!("events.out.tfevents.{phase}.cnnc.v2")
}

/// The extension of a state.
const STATE: &str = ".safetensors";

/// The name of a state after this many whole epochs and this many steps of the next. It differs from `taken`, which `run.yaml`
/// names until the new state is committed.
pub(super) fn state(epochs: usize, step: usize, taken: Option<&str>) -> String {
    let place = format!("state-{epochs:06}-{step:06}");
    let name = format!("{place}{STATE}");
    if taken == Some(name.as_str()) {
        format!("{place}-b{STATE}")
    } else {
        name
    }
}

/// Whether a name is that of a state.
pub(super) fn is_state(name: &str) -> bool {
    let numbers = || {
        let place = name.strip_prefix("state-")?.strip_suffix(STATE)?;
        place.strip_suffix("-b").unwrap_or(place).split_once('-')
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers().is_some_and(|(epochs, step)| digits(epochs) && digits(step))
}

/// Whether a name is that of a file that was not finished: see [`crate::files`].
pub(super) fn is_unfinished(name: &str) -> bool {
    let Some(name) = name.strip_prefix('.') else {
        return false;
    };
    let of = |whole: &str| {
        name.strip_prefix(whole)
            .is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
    };
    // Earlier versions' names end where the letters drawn do.
    let drawn = name.strip_suffix(files::UNFINISHED).unwrap_or(name);
    let state = || drawn.rsplit_once('.').is_some_and(|(state, _)| is_state(state));
    [WEIGHTS, HISTORY, MANIFEST, REPORT, OPTIMIZER].into_iter().any(of) || state()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let name = state(3, 120, None);
        assert_eq!(name, "state-000003-000120.safetensors");
        let other = state(3, 120, Some(&name));
        assert_eq!(other, "state-000003-000120-b.safetensors");
        assert_eq!(state(3, 120, Some(&other)), name);
        assert!([&name, &other].into_iter().all(|name| is_state(name)));
        for wrong in [
            "state-1-.safetensors",
            "state-1-2-c.safetensors",
            "../state-1-2.safetensors",
            "state-1-2",
        ] {
            assert!(!is_state(wrong), "{wrong}");
        }
        for unfinished in [
            ".run.yaml.x8Zk2q.unfinished",
            ".run.yaml.x8Zk2q",
            ".state-000003-000120.safetensors.x8Zk2q.unfinished",
            ".state-000003-000120.safetensors.x8Zk2q",
            ".history.csv.a",
        ] {
            assert!(is_unfinished(unfinished), "{unfinished}");
        }
        for other in [
            "run.yaml",
            ".lock",
            ".run.yaml",
            ".run.yaml.",
            ".notes.x8Zk2q",
            "state-000003-000120.safetensors",
        ] {
            assert!(!is_unfinished(other), "{other}");
        }
    }
}
