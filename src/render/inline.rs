//! Shows pictures in terminals that support that.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, IsTerminal};

/// A protocol by which a terminal is sent a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Kitty's graphics protocol (<https://sw.kovidgoyal.net/kitty/graphics-protocol/>): kitty, Ghostty, Konsole.
    Kitty,
    /// iTerm2's inline images (<https://iterm2.com/documentation-images.html>): iTerm2, `WezTerm`, mintty.
    Iterm,
}

/// The protocol that standard output understands; `None` where it is no terminal, or one that shows no pictures.
pub fn protocol() -> Option<Protocol> {
    if !io::stdout().is_terminal() {
        return None;
    }
    understood(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The protocol by what terminals say of themselves in the environment. A multiplexer in between passes neither on.
fn understood(variable: impl Fn(&str) -> Option<String>) -> Option<Protocol> {
    let term = variable("TERM").unwrap_or_default();
    if variable("TMUX").is_some() || term.starts_with("screen") || term.starts_with("tmux") || term == "dumb" {
        return None;
    }
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    let is_kitty = variable("KITTY_WINDOW_ID").is_some() || term.contains("kitty") || term.contains("ghostty");
    if is_kitty || program == "ghostty" || variable("KONSOLE_VERSION").is_some() {
        return Some(Protocol::Kitty);
    }
    let is_iterm = ["iTerm.app", "WezTerm", "mintty"].contains(&program.as_str());
    is_iterm.then_some(Protocol::Iterm)
}

/// The text that shows the picture of a PNG file, with a newline after it.
pub fn picture(protocol: Protocol, png: &[u8]) -> String {
    let data = STANDARD.encode(png);
    match protocol {
        Protocol::Iterm => format!("\x1b]1337;File=inline=1;size={}:{data}\x07\n", png.len()),
        Protocol::Kitty => {
            // Chunks of at most 4096 letters, a multiple of four; the first says what they are, `m` whether more follow.
            let mut text = String::new();
            let mut rest = data.as_str();
            let mut about = "a=T,f=100,";
            loop {
                let (chunk, after) = rest.split_at(rest.len().min(4096));
                let more = u8::from(!after.is_empty());
                text.push_str(&format!("\x1b_G{about}m={more};{chunk}\x1b\\"));
                if after.is_empty() {
                    return text + "\n";
                }
                (rest, about) = (after, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<Protocol> {
        understood(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn terminals_are_known_by_their_environment() {
        assert_eq!(with(&[("TERM", "xterm-kitty")]), Some(Protocol::Kitty));
        assert_eq!(
            with(&[("KITTY_WINDOW_ID", "1"), ("TERM", "xterm-256color")]),
            Some(Protocol::Kitty)
        );
        assert_eq!(with(&[("TERM_PROGRAM", "WezTerm")]), Some(Protocol::Iterm));
        assert_eq!(with(&[("TERM", "xterm-256color")]), None);
        assert_eq!(with(&[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")]), None);
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn long_pictures_go_to_kitty_in_chunks() {
        let text = picture(Protocol::Kitty, &[7; 4000]);
        let chunks: Vec<&str> = text.trim_end().split_terminator("\x1b\\").collect();
        assert_eq!(chunks.len(), 2);
        let first = chunks[0].strip_prefix("\x1b_Ga=T,f=100,m=1;").unwrap();
        let last = chunks[1].strip_prefix("\x1b_Gm=0;").unwrap();
        assert_eq!(first.len(), 4096);
        assert_eq!(STANDARD.decode(format!("{first}{last}")).unwrap(), [7; 4000]);
    }

    #[test]
    fn iterm_is_told_the_size() {
        assert_eq!(
            picture(Protocol::Iterm, b"abc"),
            "\x1b]1337;File=inline=1;size=3:YWJj\x07\n"
        );
    }
}
