//! The person at the terminal.

use std::io::{IsTerminal, Write, stdin, stdout};

/// Whether somebody is there to be asked.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Asks for a yes. Everything else is a no, the end of the input too.
pub(crate) fn yes(question: &str) -> bool {
    let mut answer = String::new();
    let _ = write!(stdout(), "{question} [y/N] ").and_then(|()| stdout().flush());
    stdin().read_line(&mut answer).is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
