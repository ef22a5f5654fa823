//! Predictions over HTTP: the page of `cnnc export --to html` at `/`, and what the network says of a picture or arrays at `/predict`.

mod answers;
mod body;
mod http;

use crate::session::predict::Predictor;
use crate::session::{Error, Interrupt, Result};
use http::{Answer, Request};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many requests are read at the same time; others are told to try again.
const AT_ONCE: usize = 16;
/// How long to wait before looking again for a connection or the end.
const PAUSE: Duration = Duration::from_millis(20);

/// A server that is listening.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on this address; with port 0, on any port that is free.
    ///
    /// # Errors
    /// When the address is taken or cannot be listened on.
    pub fn bind(address: SocketAddr) -> Result<Self> {
        let refused = |cause: io::Error| {
            let cause = crate::session::error::system_words(&cause);
            Error::message(format!("cannot listen on {address}: {cause}"))
        };
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address })
    }

    /// The address that it listens on, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until the interrupt is raised; those that have begun are completed. `page` is served at `/`.
    ///
    /// # Errors
    /// When the device cannot be opened.
    pub fn run(&self, predictor: &mut Predictor<'_>, page: &[u8], interrupt: &Interrupt) -> Result<()> {
        predictor.ready()?;
        let predictor = Mutex::new(predictor);
        let busy = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            while !interrupt.is_raised() {
                let Ok((mut stream, _)) = self.listener.accept() else {
                    std::thread::sleep(PAUSE);
                    continue;
                };
                if busy.fetch_add(1, Ordering::SeqCst) >= AT_ONCE {
                    busy.fetch_sub(1, Ordering::SeqCst);
                    let _ = Answer::refusal(503, "busy, try again later").send(&mut stream);
                    continue;
                }
                let (predictor, busy) = (&predictor, &busy);
                let serve = move || {
                    self.serve(&mut stream, predictor, page);
                    busy.fetch_sub(1, Ordering::SeqCst);
                };
                if std::thread::Builder::new().spawn_scoped(scope, serve).is_err() {
                    busy.fetch_sub(1, Ordering::SeqCst);
                }
            }
        });
        Ok(())
    }

    fn serve(&self, stream: &mut TcpStream, predictor: &Mutex<&mut Predictor<'_>>, page: &[u8]) {
        // Some systems hand the listener's mode on.
        if stream.set_nonblocking(false).is_err() {
            return;
        }
        let answer = match http::read(stream) {
            Ok(request) => self.answer(&request, predictor, page),
            Err(Some(refusal)) => refusal,
            Err(None) => return,
        };
        // Whoever has gone away does not need the answer.
        let _ = answer.send(stream);
    }

    fn answer(&self, request: &Request, predictor: &Mutex<&mut Predictor<'_>>, page: &[u8]) -> Answer {
        if self.address.ip().is_loopback() && !request.host.as_deref().is_none_or(is_own_name) {
            return Answer::refusal(403, "this server answers to localhost alone");
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/") => Answer {
                status: 200,
                kind: "text/html; charset=utf-8",
                body: page.to_vec(),
            },
            ("POST", "/predict") => {
                let mut predictor = predictor.lock().unwrap_or_else(PoisonError::into_inner);
                predicted(&mut predictor, &request.body)
            }
            (_, "/") => Answer::refusal(405, "GET / has the page"),
            (_, "/predict") => Answer::refusal(405, "POST /predict takes a picture or arrays"),
            _ => Answer::refusal(404, "there are GET / and POST /predict"),
        }
    }
}

/// Whether the host that a browser asks for is this machine: a page elsewhere must not reach the server under its own name.
fn is_own_name(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    // An IPv6 address without brackets has colons of its own.
    let name = if host.parse::<std::net::Ipv6Addr>().is_ok() {
        host
    } else {
        name
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The answer with what the network says of the samples in a body.
fn predicted(predictor: &mut Predictor<'_>, bytes: &[u8]) -> Answer {
    let inputs = match body::samples(predictor.network(), predictor.reading(), bytes) {
        Ok(inputs) => inputs,
        Err(error) => return Answer::refusal(400, &error),
    };
    let count = inputs.count;
    let outputs = match predictor.outputs(inputs.pixels, count) {
        Ok(outputs) => outputs,
        Err(error) => return Answer::refusal(500, &error.to_string()),
    };
    if count == 1 {
        return Answer::json(200, &answers::sample(predictor, &outputs));
    }
    let rows = outputs.chunks(predictor.width().max(1));
    let samples: Vec<serde_json::Value> = rows.map(|row| answers::sample(predictor, row)).collect();
    Answer::json(200, &serde_json::json!({"samples": samples}))
}

#[cfg(test)]
mod tests {
    use super::is_own_name;

    #[test]
    fn other_names_are_not_this_machine() {
        for own in [
            "localhost",
            "localhost:8000",
            "127.0.0.1:80",
            "[::1]:8000",
            "::1",
            "LOCALHOST",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for other in ["example.org", "localhost.example.org", "10.0.0.1:8000", ""] {
            assert!(!is_own_name(other), "{other}");
        }
    }
}
