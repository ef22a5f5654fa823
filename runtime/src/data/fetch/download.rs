//! Fetches one file from the first mirror that gives it.

use super::attempt::Attempt;
use super::catalogue::RemoteFile;
use super::part::Part;
use super::request::{Client, End, Exchange, Pace, rate};
use super::sum;
use super::watch::Watch;
use crate::error::Result;
use std::path::Path;

/// How often a mirror whose connection breaks off is asked for the rest.
const RETRIES: usize = 3;

/// A file to fetch.
pub(super) struct Download<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) watch: &'a dyn Watch,
    /// What messages call the file, such as `mnist/train-images-idx3-ubyte.gz`.
    pub(super) label: &'a str,
    pub(super) file: &'a RemoteFile,
    /// The addresses of the folders that may have it, as in [`super::Published::mirrors`].
    pub(super) mirrors: &'a [String],
    /// The folder that the file is written to.
    pub(super) folder: &'a Path,
}

/// How a download ended.
pub(super) enum Fetched {
    /// The file is here, whole and right.
    Whole,
    /// No mirror gave it.
    Nowhere {
        /// Why each of the mirrors failed, in the order in which they were tried.
        attempts: Vec<Attempt>,
        /// How many bytes are kept, to go on from the next time.
        kept: u64,
    },
}

/// How the attempt at one mirror ended.
enum Tried {
    Whole,
    Slow(u64),
    Failed(String),
}

impl Download<'_> {
    /// Tries the mirrors in order, then those again that were only slow, the fastest first. An error means that the disk failed;
    /// mirrors that fail do not give one.
    pub(super) fn run(&self) -> Result<Fetched> {
        // An earlier run may have had this file, and not all of the set.
        let whole = self.folder.join(&self.file.name);
        if whole.is_file() && sum::is_published(&whole, self.file)? {
            return Ok(Fetched::Whole);
        }
        let mut part = Part::open(self.folder, self.file)?;
        self.watch.begin(self.label, self.file.bytes, part.length());
        let fetched = self.ask_all(&mut part);
        self.watch.end(self.label, matches!(fetched, Ok(None)));
        match fetched? {
            None => part.finish().map(|()| Fetched::Whole),
            Some(attempts) => {
                let kept = part.length();
                part.leave();
                Ok(Fetched::Nowhere { attempts, kept })
            }
        }
    }

    /// `None` once the file is whole and right, else why each mirror failed.
    fn ask_all(&self, part: &mut Part) -> Result<Option<Vec<Attempt>>> {
        if part.is_right() {
            return Ok(None);
        }
        if part.rest() == 0 {
            self.say("what an earlier run left is not the file; it is thrown away");
            part.clear()?;
        }
        let (mut attempts, mut slow): (_, Vec<(u64, &String)>) = (Vec::new(), Vec::new());
        let fail = |mirror: &String, reason: String, next: Option<&String>, attempts: &mut Vec<Attempt>| {
            let then = next.map_or_else(String::new, |next| format!("; trying {}", host(next)));
            self.say(&format!("{}: {reason}{then}", host(mirror)));
            attempts.push(Attempt {
                mirror: without_user(mirror),
                file: self.file.name.clone(),
                reason,
            });
        };
        for (index, mirror) in self.mirrors.iter().enumerate() {
            let next = self.mirrors.get(index + 1);
            let alone = next.is_none() && slow.is_empty();
            match self.ask(part, mirror, if alone { Pace::Any } else { Pace::Brisk })? {
                Tried::Whole => return Ok(None),
                Tried::Failed(reason) => fail(mirror, reason, next, &mut attempts),
                Tried::Slow(speed) => {
                    let then = next.map_or_else(String::new, |next| format!("; going on at {}", host(next)));
                    self.say(&format!("{} gives only {}{then}", host(mirror), rate(speed)));
                    slow.push((speed, mirror));
                }
            }
        }
        slow.sort_by_key(|&(speed, _)| std::cmp::Reverse(speed));
        for (index, (speed, mirror)) in slow.iter().enumerate() {
            self.say(&format!(
                "no mirror is faster: going on at {} ({}); --mirror URL names another",
                host(mirror),
                rate(*speed)
            ));
            let next = slow.get(index + 1).map(|(_, mirror)| *mirror);
            match self.ask(part, mirror, Pace::Any)? {
                Tried::Whole => return Ok(None),
                Tried::Slow(speed) => fail(mirror, format!("gives only {}", rate(speed)), next, &mut attempts),
                Tried::Failed(reason) => fail(mirror, reason, next, &mut attempts),
            }
        }
        Ok(Some(attempts))
    }

    /// Asks a mirror until it has given the file or will not. A download that breaks off is resumed; where the checksum is wrong
    /// and other mirrors gave some of the bytes, this one is asked for the whole file.
    fn ask(&self, part: &mut Part, mirror: &str, pace: Pace) -> Result<Tried> {
        let (mut retries, mut resume) = (0, true);
        self.watch.source(self.label, host(mirror));
        loop {
            let before = part.length();
            let exchange = Exchange {
                client: self.client,
                mirror,
                url: format!("{mirror}{}", self.file.name),
                resume,
                pace,
                at: &|position| self.watch.at(self.label, position),
            };
            match exchange.run(part)? {
                End::Whole if part.is_right() => return Ok(Tried::Whole),
                End::Whole => {
                    let (kind, wanted) = self.file.sum.told();
                    let reason = format!("{kind} is {}, not {wanted}", part.sum());
                    let mixed = part.is_mixed(mirror);
                    part.clear()?;
                    self.watch.at(self.label, 0);
                    if !mixed {
                        return Ok(Tried::Failed(format!("{reason}: not the published file")));
                    }
                    self.say(&format!(
                        "{reason}: thrown away; once more from the start at {}",
                        host(mirror)
                    ));
                }
                End::Slow(speed) => return Ok(Tried::Slow(speed)),
                End::NoRange(reason) if resume => {
                    self.say(&format!("{}: {reason}; asking for the whole file", host(mirror)));
                    resume = false;
                }
                End::Dropped(reason) if retries < RETRIES && part.length() > before => {
                    self.say(&format!("{}: {reason}; going on", host(mirror)));
                    retries += 1;
                }
                End::Dropped(reason) | End::NoRange(reason) | End::Failed(reason) => return Ok(Tried::Failed(reason)),
            }
        }
    }

    fn say(&self, text: &str) {
        self.watch.note(&format!("{}: {text}", self.label));
    }
}

/// A mirror's address without user name and password, so that it can be printed.
fn without_user(mirror: &str) -> String {
    match mirror.split_once("://") {
        Some((scheme, rest)) => {
            let path = rest.split_once('/').map_or("", |(_, path)| path);
            format!("{scheme}://{}/{path}", host(mirror))
        }
        None => mirror.to_owned(),
    }
}

/// A mirror's host and port, as messages call it.
fn host(mirror: &str) -> &str {
    let rest = mirror.split_once("://").map_or(mirror, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    // Names and passwords are nobody's business.
    authority.rsplit('@').next().unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::{host, without_user};

    #[test]
    fn names_and_passwords_are_not_shown() {
        assert_eq!(host("http://me:secret@example.org:80/a/"), "example.org:80");
        assert_eq!(
            without_user("http://me:secret@example.org:80/a/b/"),
            "http://example.org:80/a/b/"
        );
        assert_eq!(without_user("https://example.org/"), "https://example.org/");
    }
}
