//! `cnnc serve`: predictions over HTTP.

use super::console::Console;
use super::{Outcome, open};
use crate::cli::serve::ServeArgs;
use crate::render::terminal;
use cnnc::export::model::Model;
use cnnc::export::{Format, files};
use cnnc::serve::Server;
use cnnc::session::Interrupt;
use cnnc::session::predict::Predictor;

/// Answers requests until Ctrl-C.
pub fn run(args: &ServeArgs) -> Outcome {
    let description = open(&args.file)?;
    let console = Console::new(true);
    let model = Model::open(&description, &args.weights, &console)?;
    let page = files(&model, Format::Html)?;
    let page = page.into_iter().next().map(|file| file.bytes).unwrap_or_default();
    let mut predictor = Predictor::open(&description, &args.weights, &args.device, &console)?;
    let server = Server::bind(args.address)?;
    let interrupt = Interrupt::new();
    let raised = interrupt.clone();
    // A second Ctrl-C ends the program at once.
    let _ = ctrlc::set_handler(move || {
        if raised.raise() {
            std::process::exit(130);
        }
    });
    if !args.address.ip().is_loopback() {
        terminal::say("warning: other machines can reach this server, and it does not ask who they are");
    }
    terminal::say(&format!("serving {} at http://{}/", model.graph.name, server.address()));
    server.run(&mut predictor, &page, &interrupt)?;
    Ok(())
}
