//! Fetches data sets: finds what is missing, downloads it, and moves it to where it is read.

use super::catalogue::Published;
use super::download::{Download, Fetched};
use super::options::Options;
use super::present::{self, State};
use super::request::Client;
use super::store::Store;
use super::watch::{Here, Watch};
use crate::data::places::places;
use crate::error::{Result, RuntimeError};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Fetches what is missing or wrong of each data set into `cache` (see [`crate::data::cache_folder`]), several files at a time.
/// Where one data set cannot be fetched, the others still are.
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

/// The extension of the folders of downloads.
const DOWNLOADS: &str = "part";

/// A data set that a call fetches.
struct Job<'a> {
    index: usize,
    set: &'a Published,
    begun: Result<Begun>,
    /// What became of each file that was to be downloaded.
    outcomes: Mutex<Vec<Result<Fetched>>>,
}

enum Begun {
    /// Everything is here already, in this folder.
    Here(PathBuf),
    /// These files, by their indices, have to be downloaded into the store.
    Missing { store: Store, files: Vec<usize> },
}

impl<'a> Job<'a> {
    /// Looks for what is here already, and prepares the folder for the rest.
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
            let name = self.set.name.name();
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
        watch.note(&format!(
            "{}: fetching it again, as it is damaged: {error}",
            set.name.name()
        ));
    }
    let wrong = |(index, state): (usize, &State)| (!matches!(state, State::Right)).then_some(index);
    let files = states.iter().enumerate().filter_map(wrong).collect();
    Ok(Begun::Missing { store, files })
}

/// The first of the folders for a data set that holds all of it.
fn here(set: &Published, cache: &Path) -> Option<PathBuf> {
    places(set.name, Some(cache)).into_iter().find(|folder| {
        let states = present::look(set, folder);
        states.iter().all(|state| matches!(state, State::Right))
    })
}

/// Downloads the files that the jobs lack, the longest ones first.
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
