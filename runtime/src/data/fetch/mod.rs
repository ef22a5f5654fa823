//! Getting the data sets that have names: from the places that publish them, or from files that the user has. Nothing
//! reaches the folder that is read before all of a set is here and right; what is coming lies beside it, and an
//! interrupted download goes on where it ended.

mod catalogue;
mod download;
mod import;
mod part;
mod present;
mod request;
mod store;
#[cfg(test)]
mod tests;
mod unpack;

pub use catalogue::{Form, Published, RemoteFile, published};
pub use import::{Imported, Judgement, import};

use crate::error::{Result, RuntimeError};
use download::{Download, Fetched};
use present::State;
use request::Client;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use store::Store;

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to fetch what is here and right as well.
    pub force: bool,
    /// How many files come at once.
    pub at_once: usize,
    /// How long to wait for a mirror.
    pub patience: Patience,
}

/// How long to wait for a mirror before another is tried.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For its address, and then for a connection.
    pub connect: Duration,
    /// For an answer, and then for each of its pieces.
    pub stall: Duration,
    /// The time over which speed is measured.
    pub window: Duration,
    /// Bytes a second below which other mirrors are tried first.
    pub slow: u64,
    /// Bytes a second below which a mirror is given up.
    pub floor: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            force: false,
            at_once: 4,
            patience: Patience::default(),
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(20),
            window: Duration::from_secs(10),
            slow: 200_000,
            floor: 1000,
        }
    }
}

/// Who is told how downloads go, from several threads at once. Files are called `mnist/train-images-idx3-ubyte.gz`.
pub trait Watch: Sync {
    /// A file begins, of which so many bytes are here.
    fn begin(&self, file: &str, bytes: u64, here: u64);
    /// Its bytes come from that host now.
    fn source(&self, file: &str, host: &str);
    /// So many of its bytes are here.
    fn at(&self, file: &str, position: u64);
    /// It is over, and whole or not.
    fn end(&self, file: &str, whole: bool);
    /// Something that the user should know, in a line.
    fn note(&self, text: &str);
}

/// What one mirror did for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its address.
    pub mirror: String,
    /// The file.
    pub file: String,
    /// Why it did not give it.
    pub reason: String,
}

/// A set that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Where it is read from.
    pub folder: PathBuf,
    /// How many files came; none if all were here.
    pub files: usize,
}

/// Fetches what is missing or wrong of each set into `cache` (see [`super::cache_folder`]), several files at once. The
/// sets that it cannot have whole do not keep it from the others.
pub fn fetch(sets: &[Published], cache: &Path, options: &Options, watch: &dyn Watch) -> Vec<Result<Here>> {
    // In the same order in every process: two that wait for each other's locks would wait for ever.
    let mut order: Vec<usize> = (0..sets.len()).collect();
    order.sort_by_key(|&index| sets.get(index).map(|set| set.name.name()));
    let mut jobs: Vec<Job> = order
        .into_iter()
        .filter_map(|index| Some(Job::begin(index, sets.get(index)?, cache, options.force, watch)))
        .collect();
    download(&jobs, options, watch);
    jobs.sort_by_key(|job| job.index);
    jobs.into_iter().map(Job::finish).collect()
}

/// What the folder of downloads ends in.
const DOWNLOADS: &str = "part";

/// One set of a call.
struct Job<'a> {
    index: usize,
    set: &'a Published,
    begun: Result<Begun>,
    /// What became of each of its files that came.
    outcomes: Mutex<Vec<Result<Fetched>>>,
}

enum Begun {
    /// Nothing is to be done.
    Here(PathBuf),
    /// Files are to come into the store.
    Missing { store: Store, files: Vec<usize> },
}

impl<'a> Job<'a> {
    /// Looks at what is here, and makes the place for the rest.
    fn begin(index: usize, set: &'a Published, cache: &Path, force: bool, watch: &dyn Watch) -> Self {
        Self {
            index,
            set,
            begun: begin(set, cache, force, watch),
            outcomes: Mutex::new(Vec::new()),
        }
    }

    fn finish(self) -> Result<Here> {
        let (store, files) = match self.begun? {
            Begun::Here(folder) => return Ok(Here { folder, files: 0 }),
            Begun::Missing { store, files } => (store, files),
        };
        let (mut all, mut bytes, mut lacking) = (Vec::new(), 0, 0);
        for outcome in self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if let Fetched::Nowhere { attempts, kept } = outcome? {
                all.extend(attempts);
                bytes += kept;
                lacking += 1;
            }
        }
        if lacking > 0 {
            let name = self.set.name;
            store.close(0);
            return Err(RuntimeError::Fetch {
                name,
                lacking,
                files: self.set.files.len(),
                attempts: all,
                kept: bytes,
            });
        }
        self.set.install(&store)?;
        Ok(store.close(files.len()))
    }
}

fn begin(set: &Published, cache: &Path, force: bool, watch: &dyn Watch) -> Result<Begun> {
    let all = (0..set.files.len()).collect();
    if force {
        let store = Store::open(set, cache, DOWNLOADS, watch)?;
        return Ok(Begun::Missing { store, files: all });
    }
    if let Some(folder) = here(set, cache) {
        return Ok(Begun::Here(folder));
    }
    let store = Store::open(set, cache, DOWNLOADS, watch)?;
    // Whoever had the lock may have fetched it meanwhile.
    if let Some(folder) = here(set, cache) {
        store.close(0);
        return Ok(Begun::Here(folder));
    }
    let states = present::look(set, &store.folder);
    for error in states.iter().filter_map(|state| match state {
        State::Wrong(error) => Some(error),
        State::Right | State::Absent => None,
    }) {
        watch.note(&format!("{}: fetching anew what is damaged: {error}", set.name.name()));
    }
    let wrong = |(index, state): (usize, &State)| (!matches!(state, State::Right)).then_some(index);
    let files = states.iter().enumerate().filter_map(wrong).collect();
    Ok(Begun::Missing { store, files })
}

/// The first of the places for the set where all of it is.
fn here(set: &Published, cache: &Path) -> Option<PathBuf> {
    super::places(set.name, Some(cache)).into_iter().find(|folder| {
        let states = present::look(set, folder);
        states.iter().all(|state| matches!(state, State::Right))
    })
}

/// Downloads what the jobs lack, the longest files first.
fn download(jobs: &[Job], options: &Options, watch: &dyn Watch) {
    let mut files = Vec::new();
    for job in jobs {
        let Ok(Begun::Missing { store, files: missing }) = &job.begun else {
            continue;
        };
        let wanted = missing.iter().filter_map(|&index| job.set.files.get(index));
        files.extend(wanted.map(|file| (job, store, file)));
    }
    files.sort_by_key(|(_, _, file)| std::cmp::Reverse(file.bytes));
    let threads = options.at_once.clamp(1, files.len().max(1));
    let client = Client::new(&options.patience);
    let queue = Mutex::new(VecDeque::from(files));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || {
        while let Some((job, store, file)) = next() {
            let label = format!("{}/{}", job.set.name.name(), file.name);
            let download = Download {
                client: &client,
                watch,
                label: &label,
                file,
                mirrors: &job.set.mirrors,
                folder: &store.staging,
            };
            let outcome = download.run();
            job.outcomes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(outcome);
        }
    };
    thread::scope(|scope| {
        // A system that gives no more threads leaves the work to those that there are.
        for _ in 1..threads {
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
}
