//! A server that misbehaves as told: one thread a connection, one answer a request.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a request is answered.
#[derive(Clone)]
pub enum Answer {
    /// As a good server does: the file, or the rest of it that is asked for.
    Good(Vec<u8>),
    /// The whole file whatever is asked for.
    IgnoresRange(Vec<u8>),
    /// The file down to its first bytes, so many; then nothing, with the connection open.
    StallsAfter(Vec<u8>, usize),
    /// As `Good`, but the connection is closed after so many bytes.
    DropsAfter(Vec<u8>, usize),
    /// As `Good`, with pauses: so many bytes each time.
    Slow(Vec<u8>, usize, Duration),
    /// So many bytes are declared, and these sent.
    Declares(usize, Vec<u8>),
    /// No length is declared, and the bytes come again and again in chunks, without end.
    Endless(Vec<u8>),
    /// 206 with this `Content-Range` where a range is asked for, else the file.
    WrongRange(&'static str, Vec<u8>),
    /// 416 where a range is asked for, else the file.
    NoRange(Vec<u8>),
    /// A status line and nothing else.
    Status(&'static str),
    /// To that address.
    Redirect(String),
    /// The connection is closed at once.
    Closes,
    /// No answer, with the connection open.
    Silent,
}

/// A server that runs as long as the tests do.
pub struct Server {
    port: u16,
    /// `PATH` or `PATH bytes=...` of each request, in order.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` is given the path and how many requests came before.
    pub fn new(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &log, answer.as_ref()));
            }
        });
        Self { port, requests }
    }

    /// The same answer to everything.
    pub fn always(answer: Answer) -> Self {
        Self::new(move |_, _| answer.clone())
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: &dyn Fn(&str, usize) -> Answer) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = None;
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("range")
        {
            range = Some(value.trim().to_owned());
        }
    }
    let before = {
        let mut log = log.lock().unwrap();
        log.push(
            range
                .as_ref()
                .map_or_else(|| path.clone(), |range| format!("{path} {range}")),
        );
        log.len() - 1
    };
    let from = range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    // The client may hang up at any time.
    let _ = send(&mut stream, answer(&path, before), from);
}

fn send(stream: &mut TcpStream, answer: Answer, from: Option<usize>) -> std::io::Result<()> {
    match answer {
        Answer::Good(file) => good(stream, &file, from).and_then(|at| stream.write_all(&file[at..])),
        Answer::IgnoresRange(file) => good(stream, &file, None).and_then(|at| stream.write_all(&file[at..])),
        Answer::StallsAfter(file, count) => {
            let at = good(stream, &file, from)?;
            stream.write_all(&file[at..(at + count).min(file.len())])?;
            hold();
            Ok(())
        }
        Answer::DropsAfter(file, count) => {
            let at = good(stream, &file, from)?;
            stream.write_all(&file[at..(at + count).min(file.len())])
        }
        Answer::Slow(file, count, pause) => {
            let at = good(stream, &file, from)?;
            for piece in file[at..].chunks(count) {
                stream.write_all(piece)?;
                thread::sleep(pause);
            }
            Ok(())
        }
        Answer::Declares(length, bytes) => {
            head(stream, "200 OK", length, "")?;
            stream.write_all(&bytes)
        }
        Answer::Endless(bytes) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                write!(stream, "{:x}\r\n", bytes.len())?;
                stream.write_all(&bytes)?;
                stream.write_all(b"\r\n")?;
            }
        }
        Answer::WrongRange(content_range, file) => match from {
            Some(from) => {
                let range = format!("Content-Range: {content_range}\r\n");
                head(stream, "206 Partial Content", file.len() - from, &range)?;
                stream.write_all(&file[from..])
            }
            None => good(stream, &file, None).and_then(|at| stream.write_all(&file[at..])),
        },
        Answer::NoRange(file) => match from {
            Some(_) => head(stream, "416 Range Not Satisfiable", 0, ""),
            None => good(stream, &file, None).and_then(|at| stream.write_all(&file[at..])),
        },
        Answer::Status(status) => head(stream, status, 0, ""),
        Answer::Redirect(to) => head(stream, "302 Found", 0, &format!("Location: {to}\r\n")),
        Answer::Closes => Ok(()),
        Answer::Silent => {
            hold();
            Ok(())
        }
    }
}

/// Longer than any test waits.
fn hold() {
    thread::sleep(Duration::from_secs(30));
}

/// The head for the file from `from` on; gives where to begin.
fn good(stream: &mut TcpStream, file: &[u8], from: Option<usize>) -> std::io::Result<usize> {
    let Some(from) = from else {
        return head(stream, "200 OK", file.len(), "").map(|()| 0);
    };
    let range = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
    head(stream, "206 Partial Content", file.len() - from, &range).map(|()| from)
}

fn head(stream: &mut TcpStream, status: &str, length: usize, more: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}\r\n")
}
