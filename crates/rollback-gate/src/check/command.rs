//! `command ./smoke-test --url https://shop.example`: a program of the user's, good if it exits with 0.

use std::fmt;

use serde_json::Value as Json;
use slipway_core::Result;
use slipway_core::text::shorten;

use super::grammar::invalid;
use super::{Answer, Asked, Inquiry, Kind, Observation, Test};
use crate::ask::Asks;
use crate::lineage::Lineage;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "command", form: "command ./smoke-test --quick", parse };

/// How much of what a program printed is shown.
const SHOWN: usize = 120;

#[derive(Debug)]
struct Program(Vec<String>);

fn parse(rest: &str) -> Result<Test> {
    let words = words(rest)?;
    if words.is_empty() {
        return Err(invalid("there is no program"));
    }
    Ok(Test::Inquiry(Box::new(Program(words))))
}

/// Words with spaces between them; double quotes keep spaces within a word. No shell looks at them.
pub(super) fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            _ if character.is_whitespace() && !is_quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if is_quoted {
        return Err(invalid("a quote is not closed"));
    }
    words.extend(word);
    Ok(words)
}

/// The JSON that a program printed.
///
/// # Errors
/// Why there is none, for people.
pub(super) fn printed(answer: &Asked, program: &str) -> std::result::Result<Json, String> {
    let answer = answer.as_ref().map_err(Clone::clone)?;
    if answer.status != 0 {
        return Err(format!("`{program}` exits with {}: {}", answer.status, last_line(answer)));
    }
    serde_json::from_slice(&answer.body).map_err(|_| format!("what `{program}` says is not JSON"))
}

/// The last line that a program printed.
fn last_line(answer: &Answer) -> String {
    let printed = String::from_utf8_lossy(&answer.body);
    let line = printed.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    shorten(line, SHOWN)
}

impl Inquiry for Program {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        Ok(Asks::Program(self.0.clone()))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        match answer {
            Ok(answer) => {
                let line = last_line(answer);
                let exit = format!("exit {}", answer.status);
                let value = if line.is_empty() { exit } else { format!("{exit}: {line}") };
                Observation::probed(answer.status == 0, value)
            }
            Err(why) => Observation::none(why),
        }
    }

    fn rule(&self) -> String {
        format!("`{}` exits with 0", self.0.join(" "))
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "command{}", Shown(&self.0))
    }
}

/// Words as they are written, each after a space.
pub(super) struct Shown<'a>(pub(super) &'a [String]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| match word.is_empty() || word.contains(char::is_whitespace) {
            true => write!(f, " \"{word}\""),
            false => write!(f, " {word}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};

    #[test]
    fn the_exit_status_decides() {
        let Test::Inquiry(command) = "command ./smoke  \"a b\" \"\"".parse::<Check>().unwrap().test else { panic!() };
        assert_eq!(command.to_string(), "command ./smoke \"a b\" \"\"");
        let judge =
            |status: u16, body: &str| command.judge(&Ok(Answer { status, body: body.into() }), &Lineage::default());
        let (good, bad) = (judge(0, "one\ntwo\n\n"), judge(3, ""));
        assert_eq!((good.standing, good.value.as_str()), (Standing::Good, "exit 0: two"));
        assert_eq!((bad.standing, bad.value.as_str()), (Standing::Bad, "exit 3"));
        assert_eq!(command.judge(&Err("it is not there".into()), &Lineage::default()).standing, Standing::None);
        for line in ["command", "command \"a"] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
