//! The process's environment, set before anything else runs.

// Changing the environment is unsafe where other threads may read it.
#![allow(unsafe_code)]

/// Keeps Mesa's device-select layer from being loaded where there is no display session to select for: in a container or over ssh
/// it prints an error about `XDG_RUNTIME_DIR` each time that adapters are listed, and does nothing else.
pub fn prepare() {
    let set = |name: &str| std::env::var_os(name).is_some();
    if cfg!(target_os = "linux") && !set("XDG_RUNTIME_DIR") && !set("NODEVICE_SELECT") {
        // SAFETY: `main` calls this first; there is no other thread yet.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}
