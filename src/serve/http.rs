//! As much of HTTP/1.1 as a server on one machine needs: one request for each connection, of bounded size and in bounded time.

use grammar::render::visible_json;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head of a request, in bytes.
const MOST_HEAD: usize = 16 << 10;
/// The longest body, in bytes: larger pictures would take too long to decode.
pub const MOST_BODY: usize = 16 << 20;
/// How long a request may take to arrive, and its answer to be sent.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A request that has arrived completely.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The method: `GET`, `POST` or another.
    pub method: String,
    /// The path, without a query that begins with `?`.
    pub path: String,
    /// The header `Host`; `None` where it is missing.
    pub host: Option<String>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code, such as 200.
    pub status: u16,
    /// The media type of the body (`Content-Type`).
    pub kind: &'static str,
    /// The body that is sent.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer that says what is wrong, as JSON: `{"error": message}`.
    pub fn refusal(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({"error": message}))
    }

    /// An answer whose body is this value as JSON.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self {
            status,
            kind: "application/json",
            // Who reads it in a terminal is not to be deceived by a class's name.
            body: format!("{}\n", visible_json(&value.to_string())).into_bytes(),
        }
    }

    /// Sends the answer, after which the connection is closed.
    pub fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.set_write_timeout(Some(DEADLINE))?;
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            411 => "Length Required",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        };
        let head = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            self.status,
            self.kind,
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}

/// Reads a request.
///
/// # Errors
/// The answer to a request that is too long, too slow or malformed; `None` where the other side has gone.
pub fn read(stream: &mut TcpStream) -> Result<Request, Option<Answer>> {
    let until = Instant::now() + DEADLINE;
    let mut bytes = Vec::new();
    let (head, length, mut request, expects) = loop {
        more(stream, &mut bytes, until)?;
        if let Some(parsed) = head(&bytes)? {
            if parsed.0 > MOST_HEAD {
                return Err(Some(Answer::refusal(431, "the head of the request is too long")));
            }
            break parsed;
        }
        if bytes.len() > MOST_HEAD {
            return Err(Some(Answer::refusal(431, "the head of the request is too long")));
        }
    };
    if expects && bytes.len() < head + length {
        let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    while bytes.len() < head + length {
        more(stream, &mut bytes, until)?;
    }
    request.body = bytes.get(head..head + length).unwrap_or_default().to_vec();
    Ok(request)
}

/// The length of the head and that of the body in bytes, the request so far, and whether its sender waits to be asked for the
/// body (`Expect: 100-continue`).
type Head = (usize, usize, Request, bool);

/// Parses the head of a request; `None` as long as it is incomplete.
fn head(bytes: &[u8]) -> Result<Option<Head>, Option<Answer>> {
    let refused = |status, message: &str| Some(Answer::refusal(status, message));
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(refused(400, &format!("this is not a request: {error}"))),
    };
    let header = |name: &str| {
        let found = parsed
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    if header("transfer-encoding").is_some() {
        return Err(refused(411, "the length of the body is needed"));
    }
    let length = match header("content-length").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(length)) if length <= MOST_BODY => length,
        Some(Ok(_)) => {
            return Err(refused(413, &format!("at most {} MiB are taken", MOST_BODY >> 20)));
        }
        Some(Err(_)) => return Err(refused(400, "Content-Length is not a number")),
    };
    let target = parsed.path.unwrap_or_default();
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: target.split('?').next().unwrap_or_default().to_owned(),
        host: header("host").map(str::to_owned),
        body: Vec::new(),
    };
    let expects = header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    Ok(Some((head, length, request, expects)))
}

/// Reads what has arrived, at least a byte, before the deadline.
fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>, until: Instant) -> Result<(), Option<Answer>> {
    let late = || Some(Answer::refusal(408, "the request took too long"));
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(late());
    }
    stream.set_read_timeout(Some(left)).map_err(|_| None)?;
    let mut piece = [0; 16 << 10];
    match stream.read(&mut piece) {
        Ok(0) => Err(None),
        Ok(count) => {
            bytes.extend(piece.iter().take(count));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Err(late()),
        Err(_) => Err(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_piece_by_piece() {
        let whole = b"POST /predict?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
        assert!(head(&whole[..40]).unwrap().is_none());
        let (at, length, request, expects) = head(whole).unwrap().unwrap();
        assert_eq!((at, length, expects), (whole.len() - 3, 3, false));
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/predict"));
        assert_eq!(request.host.as_deref(), Some("localhost"));
    }

    #[test]
    fn what_is_too_long_or_malformed_is_refused() {
        let status = |text: &str| head(text.as_bytes()).unwrap_err().unwrap().status;
        assert_eq!(status("GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"), 413);
        assert_eq!(status("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
        assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
        assert_eq!(status("\x01\x02\r\n\r\n"), 400);
    }
}
