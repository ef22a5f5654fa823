//! Opens what a user names. A path may lead anywhere: to a pipe, which would block until someone writes into it, to a device that
//! never ends, or to a file of any size. All reading of users' files starts here.

use std::fs::{File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens a regular file or a link to one; returns its length in bytes, too.
///
/// # Errors
/// When the system refuses, or the path leads to something else: a folder, a named pipe, a socket, a device.
pub fn file(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened: that alone waits for a pipe's other end, and moves a tape.
    see_that_it_is_a_file(path.metadata()?.file_type())?;
    let file = File::open(path)?;
    // Another may lie there by now.
    let facts = file.metadata()?;
    see_that_it_is_a_file(facts.file_type())?;
    Ok((file, facts.len()))
}

/// Reads all bytes of a regular file, at most `most`; a larger file is not read.
///
/// # Errors
/// As [`file`], and when the file has more bytes, or grows beyond them meanwhile.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let (file, size) = file(path)?;
    if size > most {
        return Err(too_large(size, most));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size as usize).map_err(|_| {
        io::Error::new(
            ErrorKind::OutOfMemory,
            format!("it has {size} bytes, too many for the memory"),
        )
    })?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(bytes.len() as u64, most));
    }
    Ok(bytes)
}

/// As [`bytes`], for text.
///
/// # Errors
/// As [`bytes`], and when the file is not UTF-8.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = bytes(path, most)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

fn too_large(size: u64, most: u64) -> io::Error {
    io::Error::new(
        ErrorKind::FileTooLarge,
        format!("it has {size} bytes; the most is {most}"),
    )
}

fn see_that_it_is_a_file(kind: FileType) -> io::Result<()> {
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let kind = special(kind).unwrap_or("something else");
    Err(io::Error::new(
        ErrorKind::InvalidInput,
        format!("it is {kind}, not a regular file"),
    ))
}

#[cfg(unix)]
fn special(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        Some("a named pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(bytes(&path, 5).unwrap(), b"12345");
        assert_eq!(text(&path, 5).unwrap(), "12345");
        let error = bytes(&path, 4).unwrap_err();
        assert_eq!(error.to_string(), "it has 5 bytes; the most is 4");
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(text(&path, 5).unwrap_err().to_string(), "it is not UTF-8 text");
        assert_eq!(file(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(file(&folder.path().join("y")).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_waited_for_and_nothing_endless_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, kind) in [
            (pipe.as_path(), "a named pipe"),
            (&link, "a named pipe"),
            (&socket, "a socket"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let error = bytes(path, 10).unwrap_err();
            assert_eq!(error.to_string(), format!("it is {kind}, not a regular file"));
        }
    }
}
