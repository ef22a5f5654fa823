//! Writes a file of samples: all cores decode one piece while the piece before it is written.

use super::archive::{Archive, Index, Values, ending};
use super::keeping::Keeping;
use super::stored::Stored;
use super::{cache, key};
use crate::data::folder::error::FolderError;
use crate::data::folder::fits::see_that_they_fit;
use crate::data::folder::read::{Batch, read_batch};
use crate::data::folder::unreadable::Unreadable;
use crate::data::picture::{Form, Reading, dimensions, read_file};
use crate::data::samples::Pixels;
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::files::{self, Durability};
use compiler::shape::Shape;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

/// About how many bytes the samples of a piece take.
const PIECE: usize = 8 << 20;
/// How many pictures are looked at to see whether all have the wanted size already, so that nothing is resized and values stay
/// whole.
const ASKED: usize = 16;

/// As [`read_batch`], but samples that would take too much memory are kept in a file, where they are found again the next time.
///
/// # Errors
/// When there is no memory for the samples, or they cannot be written.
pub(crate) fn read_or_keep(
    files: &[&Path],
    form: Form,
    reading: Reading,
    keeping: &Keeping,
    watch: &(dyn Fn() + Sync),
) -> Result<Batch> {
    let shape = Shape::map(form.height as usize, form.width as usize, form.channels);
    let bytes = |values: Values| (files.len() * form.values()) as u64 * values.width() as u64;
    let values = match reading {
        Reading::Keras | Reading::Paper => Values::Bytes,
        Reading::Loaded(how) if how.is_whole() => Values::Levels,
        Reading::Loaded(_) => Values::Floats,
    };
    let Some(folder) = keeping.of(bytes(values)) else {
        see_that_they_fit(files.len(), &shape, form, values.width() as u64)?;
        return read_batch(files, form, reading, watch);
    };
    // In the order of their paths, so that another order of the same files finds them.
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&at| files.get(at));
    let sorted: Vec<&Path> = order.iter().filter_map(|&at| files.get(at).copied()).collect();
    let key = key::of(&sorted, form, reading);
    let path = cache::place(folder, &key);
    let found = Archive::open(&path).filter(|archive| archive.index.key == key);
    let archive = if let Some(archive) = found {
        files.iter().for_each(|_| watch());
        archive
    } else {
        let job = Job {
            path: &path,
            files: &sorted,
            form,
            reading,
            key,
            watch,
        };
        // Pictures of the wanted size are whole numbers, which take a quarter of the room.
        let narrow = match values {
            Values::Floats if of_that_size(&sorted, form) => Values::Levels,
            Values::Bytes | Values::Levels | Values::Floats => values,
        };
        let most = keeping.most;
        if bytes(narrow) > most {
            let error = FolderError::Memory {
                count: files.len(),
                shape,
                bytes: bytes(narrow),
                available: most,
            };
            return Err(error.into());
        }
        std::fs::create_dir_all(folder).map_err(|cause| RuntimeError::file("create", folder, cause))?;
        cache::make_room(folder, bytes(narrow), most)?;
        if !job.write(narrow)? {
            cache::make_room(folder, bytes(values), most)?;
            job.write(values)?;
        }
        Archive::open(&path).ok_or_else(|| {
            let found = "another one; its disk may be damaged";
            RuntimeError::mismatch(path.display().to_string(), "the file that was just written", found)
        })?
    };
    archive.touch();
    Ok(gathered(archive, files, &order))
}

/// The samples in the order of `files`; `order` has the index in the file of each.
fn gathered(archive: Archive, files: &[&Path], order: &[usize]) -> Batch {
    let index = &archive.index;
    let row_of: HashMap<usize, u32> = index
        .kept
        .iter()
        .zip(0_u32..)
        .filter_map(|(&at, row)| Some((*order.get(at as usize)?, row)))
        .collect();
    let mut batch = Batch {
        pixels: Pixels::Bytes(Vec::new()),
        kept: Vec::with_capacity(row_of.len()),
        sizes: Vec::with_capacity(row_of.len()),
        digests: Vec::with_capacity(row_of.len()),
        unreadable: Vec::new(),
    };
    let mut rows = Vec::with_capacity(row_of.len());
    for at in 0..files.len() {
        let Some(&row) = row_of.get(&at) else { continue };
        let (Some(&size), Some(digest)) = (index.sizes.get(row as usize), index.digests.get(row as usize)) else {
            continue;
        };
        rows.push(row);
        batch.kept.push(at);
        batch.sizes.push(size);
        batch.digests.push(unhex(digest));
    }
    for (at, why) in &index.unreadable {
        let path = order.get(*at as usize).and_then(|&at| files.get(at));
        batch.unreadable.extend(path.map(|path| Unreadable {
            path: path.to_path_buf(),
            why: why.clone(),
        }));
    }
    batch.pixels = Pixels::Stored(Stored::new(archive, rows));
    batch
}

fn unhex(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    bytes
}

/// Whether the first pictures have the wanted size.
fn of_that_size(files: &[&Path], form: Form) -> bool {
    let mut sizes = files
        .iter()
        .take(ASKED)
        .filter_map(|file| dimensions(&read_file(file).ok()?));
    sizes.all(|size| size == (form.height, form.width))
}

/// A file of samples that is to be written.
struct Job<'a> {
    path: &'a PathBuf,
    files: &'a [&'a Path],
    form: Form,
    reading: Reading,
    key: String,
    watch: &'a (dyn Fn() + Sync),
}

impl Job<'_> {
    /// Writes the file; returns false where `values` are bytes but some value is not a whole number.
    fn write(&self, values: Values) -> Result<bool> {
        let stride = self.form.values() * values.width();
        let count = (PIECE / stride.max(1)).clamp(64, 8192);
        let mut index = Index {
            key: self.key.clone(),
            of: self.folder(),
            values,
            elements: self.form.values(),
            kept: Vec::new(),
            sizes: Vec::new(),
            digests: Vec::new(),
            sums: Vec::new(),
            unreadable: Vec::new(),
        };
        let (mut whole, mut failed) = (true, None);
        let written = files::write_whole(self.path, Durability::Later, |out| {
            std::thread::scope(|scope| {
                let (sender, receiver) = sync_channel(1);
                scope.spawn(move || {
                    for files in self.files.chunks(count) {
                        // Whoever writes has given up.
                        if sender
                            .send(read_batch(files, self.form, self.reading, self.watch))
                            .is_err()
                        {
                            break;
                        }
                    }
                });
                let mut first = 0;
                for (batch, files) in receiver.iter().zip(self.files.chunks(count)) {
                    let batch = match batch {
                        Ok(batch) => batch,
                        Err(error) => {
                            failed = Some(error);
                            return Err(io::Error::other("no memory"));
                        }
                    };
                    let Some(bytes) = bytes_of(&batch.pixels, values) else {
                        whole = false;
                        return Err(io::Error::other("a value between two levels"));
                    };
                    out.write_all(&bytes)?;
                    index.add(&batch, files, first, &bytes);
                    first += files.len() as u32;
                }
                out.write_all(&ending(&index)?)
            })
        });
        match (written, failed) {
            (_, Some(error)) => Err(error),
            (Err(_), None) if !whole => Ok(false),
            (written, None) => written.map(|()| true),
        }
    }

    /// The folder that all pictures are in, to be shown to people.
    fn folder(&self) -> String {
        let above = |path: &Path| std::path::absolute(path).ok()?.parent().map(Path::to_path_buf);
        let (first, last) = (self.files.first(), self.files.last());
        let Some((first, last)) = first
            .and_then(|path| above(path))
            .zip(last.and_then(|path| above(path)))
        else {
            return String::new();
        };
        let shared = first.ancestors().find(|folder| last.starts_with(folder));
        shared.map_or_else(String::new, |folder| folder.display().to_string())
    }
}

impl Index {
    /// Adds a piece to the index; `first` is the index of its first file.
    fn add(&mut self, batch: &Batch, files: &[&Path], first: u32, bytes: &[u8]) {
        self.kept.extend(batch.kept.iter().map(|&at| first + at as u32));
        self.sizes.extend(&batch.sizes);
        self.digests.extend(batch.digests.iter().map(|digest| hex(digest)));
        let stride = (self.elements * self.values.width()).max(1);
        self.sums.extend(bytes.chunks_exact(stride).map(crc32fast::hash));
        for Unreadable { path, why } in &batch.unreadable {
            let at = files.iter().position(|file| file == path);
            self.unreadable.extend(at.map(|at| (first + at as u32, why.clone())));
        }
    }
}

/// The values as the file stores them; `None` where they are to be bytes but one is not a whole number from 0 to 255.
fn bytes_of(pixels: &Pixels, values: Values) -> Option<Vec<u8>> {
    match (pixels, values) {
        (Pixels::Bytes(bytes) | Pixels::Levels(bytes), Values::Bytes | Values::Levels) => Some(bytes.clone()),
        (Pixels::Floats(floats), Values::Floats) => Some(floats.iter().flat_map(|value| value.to_le_bytes()).collect()),
        (Pixels::Floats(floats), Values::Bytes | Values::Levels) => floats
            .iter()
            .map(|&value| (f32::from(value as u8).to_bits() == value.to_bits()).then_some(value as u8))
            .collect(),
        (Pixels::Bytes(_) | Pixels::Levels(_), Values::Floats) | (Pixels::Stored(_), _) => None,
    }
}
