//! How much memory is available. Linux promises any amount that is asked for, and kills the process that then uses it; so what
//! needs much memory is compared with this first.

use std::fs;
use std::path::{Path, PathBuf};

/// How many bytes this process can still take without being refused or killed, where the system tells: the least of what Linux
/// calls available, what is left in the control groups of the process, and what is left of its address space.
pub fn available() -> Option<u64> {
    let read = |path: &Path| fs::read_to_string(path).ok();
    [free(&read), left_in_groups(&read), left_to_address(&read)]
        .into_iter()
        .flatten()
        .min()
}

/// Gives the contents of a file of the system; `None` where it does not exist.
type Read<'a> = &'a dyn Fn(&Path) -> Option<String>;

fn free(read: Read) -> Option<u64> {
    let facts = read(Path::new("/proc/meminfo"))?;
    let line = facts.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The names of the files of a version of control groups: the limit, what is used, and in `memory.stat` the pages of files, which
/// are given up when memory is needed.
struct Names {
    limit: &'static str,
    used: &'static str,
    files: &'static str,
}

const VERSION_2: Names = Names {
    limit: "memory.max",
    used: "memory.current",
    files: "inactive_file ",
};
const VERSION_1: Names = Names {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    files: "total_inactive_file ",
};

/// The least that is left in the control group of the process and those above it.
fn left_in_groups(read: Read) -> Option<u64> {
    let groups = read(Path::new("/proc/self/cgroup"))?;
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (root, names) = if controllers.is_empty() {
            ("/sys/fs/cgroup", VERSION_2)
        } else if controllers.split(',').any(|controller| controller == "memory") {
            ("/sys/fs/cgroup/memory", VERSION_1)
        } else {
            continue;
        };
        // In a container the path may be the host's: its own group is then the root.
        let mut folder: PathBuf = [root, group.trim_start_matches('/')].iter().collect();
        while folder.starts_with(root) {
            least = [least, left(read, &folder, &names)].into_iter().flatten().min();
            if !folder.pop() {
                break;
            }
        }
    }
    least
}

fn left(read: Read, group: &Path, names: &Names) -> Option<u64> {
    let number = |name: &str| read(&group.join(name))?.trim().parse::<u64>().ok();
    // "max" is no number, and no limit.
    let (limit, used) = (number(names.limit)?, number(names.used)?);
    let stat = read(&group.join("memory.stat")).unwrap_or_default();
    let files = stat
        .lines()
        .find_map(|line| line.strip_prefix(names.files)?.trim().parse().ok());
    Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
}

/// What `ulimit -v` leaves of the address space.
fn left_to_address(read: Read) -> Option<u64> {
    let limits = read(Path::new("/proc/self/limits"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    let status = read(Path::new("/proc/self/status"))?;
    let used = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    let kilobytes: u64 = used.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(limit.saturating_sub(kilobytes.saturating_mul(1024)))
}

/// A number of bytes as people read it: `1.5 GB`, `20 MB`, `512 bytes`.
pub fn readable(bytes: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let found = UNITS.into_iter().find(|&(_, size)| bytes as f64 >= size);
    found.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, size)| {
            let value = bytes as f64 / size;
            if value < 9.95 {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_least_of_all_limits_counts() {
        let mut system = HashMap::from([
            ("/proc/meminfo", "MemTotal:  99 kB\nMemAvailable:  8 kB\n"),
            ("/proc/self/cgroup", "0::/outer/inner\n"),
            ("/sys/fs/cgroup/outer/inner/memory.max", "max\n"),
            ("/sys/fs/cgroup/outer/inner/memory.current", "5\n"),
            ("/sys/fs/cgroup/outer/memory.max", "9000\n"),
            ("/sys/fs/cgroup/outer/memory.current", "4000\n"),
            ("/sys/fs/cgroup/outer/memory.stat", "anon 3\ninactive_file 1000\n"),
        ]);
        let groups = |system: &HashMap<&str, &str>| {
            left_in_groups(&|path| system.get(path.to_str()?).map(|text| (*text).to_owned()))
        };
        assert_eq!(groups(&system), Some(6000));
        let text = |path: &Path| system.get(path.to_str()?).map(|text| (*text).to_owned());
        assert_eq!(free(&text), Some(8192));
        system.insert("/proc/self/cgroup", "3:cpu:/x\n5:hugetlb,memory:/y\n");
        assert_eq!(groups(&system), None);
        system.insert("/sys/fs/cgroup/memory/memory.limit_in_bytes", "700\n");
        system.insert("/sys/fs/cgroup/memory/memory.usage_in_bytes", "800\n");
        assert_eq!(groups(&system), Some(0));
    }

    #[test]
    fn an_address_space_has_a_limit() {
        let left = |limit: &str| {
            let limits = format!("Max open files  1 2 files\nMax address space  {limit}  unlimited  bytes\n");
            left_to_address(&|path| match path.to_str()? {
                "/proc/self/limits" => Some(limits.clone()),
                _ => Some("VmSize:\t   4 kB\n".to_owned()),
            })
        };
        assert_eq!(left("unlimited"), None);
        assert_eq!(left("5000"), Some(904));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_some() {
        assert!(available().unwrap() > 1 << 20);
    }

    #[test]
    fn sizes_are_for_people() {
        let shown = [0, 999, 1000, 9_949_999, 20_000_000, 1_500_000_000, 3 << 40].map(readable);
        assert_eq!(
            shown,
            ["0 bytes", "999 bytes", "1.0 kB", "9.9 MB", "20 MB", "1.5 GB", "3.3 TB"]
        );
    }
}
