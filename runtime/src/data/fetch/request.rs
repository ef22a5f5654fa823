//! One exchange with a mirror: a request for the rest of a file, and the response, which is appended to the part. Nothing that a
//! server says is trusted: lengths and ranges are compared with what is published, and the checksum decides at the end.

use super::options::Patience;
use super::part::Part;
use super::sum::BLOCK;
use crate::data::words::thousands;
use crate::error::Result;
use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use ureq::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, Timeout};

/// How many redirects are followed at most.
const REDIRECTS: u32 = 5;

const NO_HOST: &str = "host not found (is there a network, or a proxy for HTTPS_PROXY to name?)";

/// How an exchange ended.
#[derive(Debug)]
pub(super) enum End {
    /// As many bytes are here as the file should have.
    Whole,
    /// The connection broke off; another request may get the rest.
    Dropped(String),
    /// The server cannot send the rest of the file alone, but it may send the whole file.
    NoRange(String),
    /// The bytes come so slowly that another mirror is worth a try; the speed in bytes a second.
    Slow(u64),
    /// Asking this mirror again now would not help.
    Failed(String),
}

/// How slow a mirror may be before it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Not slower than [`Patience::slow`]: there are others to try.
    Brisk,
    /// Down to [`Patience::floor`]: there is no other mirror left to try.
    Any,
}

/// What all downloads share.
pub(super) struct Client<'a> {
    pub(super) agent: Agent,
    pub(super) patience: &'a Patience,
    /// How many bytes have come for all files together: where one file is slow, several may be sharing the user's connection.
    pub(super) received: AtomicU64,
}

impl<'a> Client<'a> {
    /// A client that goes through the proxies that the environment names.
    pub(super) fn new(patience: &'a Patience) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_send_request(Some(patience.stall))
            .timeout_recv_response(Some(patience.stall))
            .timeout_per_read(Some(patience.stall))
            // A kept connection may have been closed by the other side; there are too few requests to gain by it.
            .max_idle_connections(0)
            .user_agent(concat!("cnnc/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.new_agent(),
            patience,
            received: AtomicU64::new(0),
        }
    }
}

/// One request and its answer.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client<'a>,
    /// The mirror's folder; the part records under this name which of its bytes came from where.
    pub(super) mirror: &'a str,
    /// The address of the file itself.
    pub(super) url: String,
    /// Whether to ask only for the rest of a file that is here in part.
    pub(super) resume: bool,
    pub(super) pace: Pace,
    /// Called after every block with the number of bytes of the file that are here.
    pub(super) at: &'a dyn Fn(u64),
}

impl Exchange<'_> {
    /// Sends the request and reads the response. An error means that the disk failed; what the server does wrong is an [`End`].
    pub(super) fn run(&self, part: &mut Part) -> Result<End> {
        let resumed = self.resume && part.length() > 0;
        // Packed on the way, the bytes would not be those of the file.
        let mut request = self.client.agent.get(&self.url).header(ACCEPT_ENCODING, "identity");
        if resumed {
            request = request.header(RANGE, format!("bytes={}-", part.length()));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(End::Failed(self.refusal(&error))),
        };
        if let Some(end) = refused(&response, part, resumed) {
            return Ok(end);
        }
        if response.status() == StatusCode::OK && part.length() > 0 {
            part.clear()?;
            (self.at)(0);
        }
        self.stream(response.into_body(), part)
    }

    /// Reads as many bytes as are missing and no more.
    fn stream(&self, body: Body, part: &mut Part) -> Result<End> {
        let whole = part.length() + part.rest();
        let mut reader = body.into_reader();
        let mut block = vec![0; BLOCK];
        let mut meter = Meter::new(self.client);
        while part.rest() > 0 {
            let most = (part.rest() as usize).min(BLOCK);
            let count = match reader.read(block.get_mut(..most).unwrap_or_default()) {
                Ok(0) => return Ok(End::Dropped(cut(part.length(), whole))),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Ok(self.broken(error, part.length(), whole)),
            };
            part.add(block.get(..count).unwrap_or_default(), self.mirror)?;
            (self.at)(part.length());
            let speed = meter.count(count);
            // What is whole need not come faster.
            if let Some(speed) = speed.filter(|_| part.rest() > 0) {
                if self.pace == Pace::Brisk && speed < self.client.patience.slow {
                    return Ok(End::Slow(speed));
                }
                if speed < self.client.patience.floor {
                    return Ok(End::Failed(format!("gave no more than {}", rate(speed))));
                }
            }
        }
        Ok(End::Whole)
    }

    /// Why no response came, in a line.
    #[expect(clippy::wildcard_enum_match_arm, reason = "another crate's errors, which grow")]
    fn refusal(&self, error: &ureq::Error) -> String {
        let patience = self.client.patience;
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                format!("no connection within {}", seconds(patience.connect))
            }
            ureq::Error::Timeout(_) => format!("no answer within {}", seconds(patience.stall)),
            ureq::Error::TooManyRedirects => format!("more than {REDIRECTS} redirects"),
            ureq::Error::HostNotFound => NO_HOST.to_owned(),
            // The standard library's words; the error has no kind of its own.
            ureq::Error::Io(cause) if cause.to_string().starts_with("failed to lookup address") => NO_HOST.to_owned(),
            ureq::Error::Io(cause) => lowercase(&cause.to_string()),
            error => lowercase(&error.to_string()),
        }
    }

    /// How the exchange ends where the body of the response breaks off.
    #[expect(clippy::wildcard_enum_match_arm, reason = "another crate's errors, which grow")]
    fn broken(&self, error: std::io::Error, length: u64, whole: u64) -> End {
        match ureq::Error::from(error) {
            ureq::Error::Timeout(_) => End::Failed(format!(
                "stalled: nothing came for {} after {}",
                seconds(self.client.patience.stall),
                of(length, whole)
            )),
            ureq::Error::Io(cause) if cause.kind() == ErrorKind::UnexpectedEof => End::Dropped(cut(length, whole)),
            error => End::Dropped(format!("{} ({})", cut(length, whole), self.refusal(&error))),
        }
    }
}

/// How the exchange ends where the status or the headers say that what follows is not what was asked for; `None` where it is.
fn refused(response: &Response<Body>, part: &Part, resumed: bool) -> Option<End> {
    let headers = response.headers();
    let whole = part.length() + part.rest();
    let expected = match response.status() {
        StatusCode::OK => whole,
        StatusCode::PARTIAL_CONTENT if resumed => {
            let range = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
            if range.and_then(content_range) != Some((part.length(), whole)) {
                let range = range.unwrap_or("no range");
                return Some(End::NoRange(format!(
                    "asked for bytes {}-{}, it answers with {range}",
                    part.length(),
                    whole - 1
                )));
            }
            part.rest()
        }
        StatusCode::RANGE_NOT_SATISFIABLE if resumed => {
            let length = part.length();
            return Some(End::NoRange(format!(
                "says that nothing comes after byte {length} (416)"
            )));
        }
        status => return Some(End::Failed(format!("answers {status}"))),
    };
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let declared = declared.and_then(|text| text.trim().parse::<u64>().ok());
    declared.filter(|&declared| declared != expected).map(|declared| {
        End::Failed(format!(
            "has another file: {} bytes instead of {}",
            thousands(declared as usize),
            thousands(expected as usize)
        ))
    })
}

/// The first byte and the length in `bytes FIRST-LAST/LENGTH`, where the range goes to the end (RFC 9110, 14.4).
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, length) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let end = last.checked_add(1)?;
    let agrees = length == "*" || length.parse() == Ok(end);
    agrees.then_some((first, end))
}

/// Measures how fast bytes come, in one window of time after another.
struct Meter<'a> {
    client: &'a Client<'a>,
    since: Instant,
    received: u64,
}

impl<'a> Meter<'a> {
    fn new(client: &'a Client<'a>) -> Self {
        Self {
            client,
            since: Instant::now(),
            received: client.received.load(Ordering::Relaxed),
        }
    }

    /// Counts bytes. At the end of a window, it gives the bytes a second that came in it.
    fn count(&mut self, bytes: usize) -> Option<u64> {
        let received = self.client.received.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        let took = self.since.elapsed();
        if took < self.client.patience.window {
            return None;
        }
        let speed = (received - self.received) as f64 / took.as_secs_f64();
        (self.since, self.received) = (Instant::now(), received);
        Some(speed as u64)
    }
}

fn cut(length: u64, whole: u64) -> String {
    format!("broke off after {}", of(length, whole))
}

fn of(length: u64, whole: u64) -> String {
    format!("{} of {} bytes", thousands(length as usize), thousands(whole as usize))
}

/// A speed in bytes a second as messages have it: `87 kB/s`, or `8.7 kB/s` below 10 kB/s.
pub(super) fn rate(speed: u64) -> String {
    if speed < 10_000 {
        format!("{:.1} kB/s", speed as f64 / 1e3)
    } else {
        format!("{} kB/s", speed / 1000)
    }
}

/// A time in seconds as messages have it: `20 s`.
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// A cause as the end of a line: without the operating system's error number and without a capital letter.
fn lowercase(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_taken_only_if_it_goes_to_the_end() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, 10))),
            ("bytes 5-9/*", Some((5, 10))),
            (" bytes 0-0/1", Some((0, 1))),
            ("bytes 5-8/10", None),
            ("bytes */10", None),
            ("bytes 5-18446744073709551615/*", None),
            ("items 5-9/10", None),
            ("bytes -9/10", None),
            ("", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }

    #[test]
    fn rates_and_causes_read_as_ends_of_lines() {
        assert_eq!((rate(87_654), rate(512)), ("87 kB/s".into(), "0.5 kB/s".into()));
        assert_eq!(seconds(Duration::from_secs(20)), "20 s");
        assert_eq!(lowercase("Connection refused (os error 111)"), "connection refused");
    }
}
