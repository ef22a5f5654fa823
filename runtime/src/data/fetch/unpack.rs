//! Unpacks the archives of CIFAR. Only the batches are taken, by their names, each a plain file of its length; nothing else is
//! written, whatever an entry is called.

use super::disk;
use crate::data::cifar::Version;
use crate::error::{Result, RuntimeError};
use crate::open;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use tar::{Archive, Entry, EntryType};

/// How many bytes besides the batches an archive may unpack to.
const SLACK: u64 = 1 << 24;

/// Writes the batches of an archive to a folder in `into`, replacing one that is there.
pub(super) fn batches(version: Version, archive: &Path, batch_bytes: u64, into: &Path) -> Result<()> {
    let folder = into.join(version.unpacked());
    disk::remove_folder(&folder)?;
    disk::create(&folder)?;
    let (file, _) = open::file(archive).map_err(|cause| RuntimeError::file("read", archive, cause))?;
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(1 << 17, file));
    let lengths = version.files().map(|name| version.bytes(name, batch_bytes));
    let most = lengths.sum::<u64>() + SLACK;
    let name = archive.display().to_string();
    let unpacked = write(version, &name, Archive::new(unpacked.take(most)), batch_bytes, &folder);
    if unpacked.is_err() {
        let _ = disk::remove_folder(&folder);
    }
    unpacked
}

fn write(
    version: Version,
    archive: &str,
    mut entries: Archive<impl Read>,
    batch_bytes: u64,
    folder: &Path,
) -> Result<()> {
    let broken = |cause: io::Error| RuntimeError::mismatch(archive, "a whole tar.gz archive", format!("\"{cause}\""));
    let mut missing: Vec<&str> = version.files().collect();
    // Raw: a long name or a table of attributes would be read into memory whole, and may be as long as the archive. The
    // batches' names are short, so that their own headers have them.
    for entry in entries.entries().map_err(broken)?.raw(true) {
        let entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        let Some(name) = batch_name(version, &path) else {
            continue;
        };
        let Some(at) = missing.iter().position(|&missing| missing == name) else {
            return Err(RuntimeError::mismatch(archive, format!("one {name}"), "two"));
        };
        missing.swap_remove(at);
        copy(archive, entry, name, version.bytes(name, batch_bytes), folder)?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_unstable();
    let (count, title, folder) = (version.files().count(), version.title(), version.unpacked());
    let count = if count == 6 { "six" } else { "two" };
    let expected = format!("the {count} batches of {title}'s binary version in {folder}/");
    Err(RuntimeError::mismatch(
        archive,
        expected,
        format!("no {}", missing.join(", ")),
    ))
}

fn copy(archive: &str, mut entry: Entry<impl Read>, name: &str, batch_bytes: u64, folder: &Path) -> Result<()> {
    let part = format!("{archive} ({name})");
    let expected = format!("a file of {batch_bytes} bytes");
    let kind = entry.header().entry_type();
    if !matches!(kind, EntryType::Regular | EntryType::Continuous) {
        return Err(RuntimeError::mismatch(
            part,
            expected,
            format!("an entry of type {kind:?}"),
        ));
    }
    if entry.size() != batch_bytes {
        return Err(RuntimeError::mismatch(
            part,
            expected,
            format!("{} bytes", entry.size()),
        ));
    }
    let path = folder.join(name);
    let refused = |cause| RuntimeError::file("write", &path, cause);
    let mut file = File::create_new(&path).map_err(refused)?;
    let mut block = vec![0; 1 << 17];
    loop {
        let count = match entry.read(&mut block) {
            Ok(0) => break,
            Ok(count) => count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(RuntimeError::mismatch(part, expected, format!("\"{cause}\""))),
        };
        file.write_all(block.get(..count).unwrap_or_default())
            .map_err(refused)?;
    }
    if file.metadata().map_err(refused)?.len() != batch_bytes {
        return Err(RuntimeError::mismatch(part, expected, "the end of the archive"));
    }
    file.sync_all().map_err(refused)
}

/// The batch that a path in the archive stands for; `None` for anything else.
fn batch_name(version: Version, path: &Path) -> Option<&'static str> {
    version.files().find(|name| {
        let expected: PathBuf = [version.unpacked(), name].iter().collect();
        path == expected || path.strip_prefix(".").is_ok_and(|path| path == expected)
    })
}
