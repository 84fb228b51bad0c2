//! `container shop healthy`: what `docker` or `podman` knows of a container, on this machine or, by a command of the user's, on another.

use std::fmt;

use serde_json::Value as Json;
use slipway_core::Result;
use slipway_core::text::{one_line, shorten};

use super::command::{self, printed};
use super::grammar::{invalid, word};
use super::{Asked, Inquiry, Kind, Observation, Test, restarts};
use crate::ask::Asks;
use crate::lineage::Lineage;
use crate::operator::Operator;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "container", form: "container shop healthy", parse };

/// How much of what a health check printed is shown.
const SHOWN: usize = 120;

#[derive(Debug)]
struct Container {
    name: String,
    wanted: Wanted,
}

/// What must be true of containers, and who knows.
#[derive(Debug)]
pub(super) struct Wanted {
    state: State,
    program: Vec<String>,
    is_usual: bool,
}

#[derive(Debug)]
enum State {
    /// By the word that says so.
    Healthy(&'static str),
    Restarts(Operator, u32),
}

impl Wanted {
    /// Reads `healthy`, or `restarts == 0`, and `by` a program.
    ///
    /// # Errors
    /// `InvalidInput` if it is neither.
    pub(super) fn parse(text: &str, healthy: &'static str, usual: &str) -> Result<Self> {
        let (state, program) = text.split_once(" by ").unwrap_or((text, usual));
        let state = state.trim();
        let state = match state.strip_prefix("restarts") {
            _ if state == healthy => State::Healthy(healthy),
            Some(bound) => {
                let (operator, bound) = restarts::bound(bound.trim_start())?;
                State::Restarts(operator, bound)
            }
            None => {
                let hint = format!("write `{healthy}`, or `restarts == 0`");
                return Err(invalid(format!("`{text}` is not understood")).hint(hint));
            }
        };
        let program = command::words(program)?;
        if program.is_empty() {
            return Err(invalid("there is no program after `by`"));
        }
        Ok(Self { state, is_usual: program == [usual], program })
    }

    /// The program and its arguments.
    pub(super) fn asks(&self, arguments: &[&str]) -> Asks {
        Asks::Program(
            self.program.iter().map(String::as_str).chain(arguments.iter().copied()).map(str::to_owned).collect(),
        )
    }

    /// What restarts are compared with.
    pub(super) fn bound(&self) -> Option<f64> {
        match self.state {
            State::Healthy(_) => None,
            State::Restarts(_, bound) => Some(f64::from(bound)),
        }
    }

    /// What the program's answer means, by what it says of health and of restarts.
    pub(super) fn judge(
        &self,
        answer: &Asked,
        health: fn(&Json) -> std::result::Result<Observation, String>,
        restarts: fn(&Json) -> Option<u64>,
    ) -> Observation {
        let document = printed(answer, &self.program[0]);
        let seen = document.and_then(|document| match self.state {
            State::Healthy(_) => health(&document),
            State::Restarts(operator, bound) => {
                let count = restarts(&document).ok_or("it is not said how often it restarted")?;
                let count = count as f64;
                let is_good = operator.holds(count, f64::from(bound));
                Ok(Observation::probed(is_good, count.to_string()).amounting(count))
            }
        });
        seen.unwrap_or_else(Observation::none)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            State::Healthy(word) => f.write_str(word)?,
            State::Restarts(operator, bound) => write!(f, "restarts {operator} {bound}")?,
        }
        if self.is_usual { Ok(()) } else { write!(f, " by{}", command::Shown(&self.program)) }
    }
}

fn parse(rest: &str) -> Result<Test> {
    let (name, rest) = word(rest);
    // It may be read by a shell on another machine.
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    if !is_name {
        return Err(invalid(format!("`{name}` is not the name of a container")));
    }
    let wanted = Wanted::parse(rest, "healthy", "docker")?;
    Ok(Test::Inquiry(Box::new(Container { name: name.into(), wanted })))
}

impl Inquiry for Container {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        Ok(self.wanted.asks(&["container", "inspect", &self.name]))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        self.wanted.judge(answer, health, |document| document[0]["RestartCount"].as_u64())
    }

    fn bound(&self) -> Option<f64> {
        self.wanted.bound()
    }

    fn rule(&self) -> String {
        match self.wanted.state {
            State::Healthy(_) => format!("the health check of the container `{}` succeeds", self.name),
            State::Restarts(operator, bound) => {
                format!("the container `{}` restarted {operator} {bound} times since it was created", self.name)
            }
        }
    }
}

/// Whether a container is healthy.
///
/// # Errors
/// Why that is not known.
fn health(document: &Json) -> std::result::Result<Observation, String> {
    let state = &document[0]["State"];
    if state["OOMKilled"] == true {
        return Ok(Observation::probed(false, "it was killed for want of memory"));
    }
    // Older versions of podman have the second name.
    let told = ["Health", "Healthcheck"].map(|key| &state[key]);
    let told =
        told.into_iter().find(|health| health["Status"].as_str().is_some_and(|word| !matches!(word, "" | "none")));
    match (state["Status"].as_str(), told) {
        (Some(ended @ ("exited" | "dead" | "restarting")), _) => {
            Ok(Observation::probed(false, format!("{ended}, with exit code {}", state["ExitCode"])))
        }
        (Some("running"), Some(health)) => match health["Status"].as_str() {
            Some("healthy") => Ok(Observation::probed(true, "healthy")),
            Some("unhealthy") => {
                let log = health["Log"].as_array().and_then(|log| log.last()?["Output"].as_str());
                let why = log.map(|output| format!(": {}", shorten(one_line(output).trim(), SHOWN)));
                Ok(Observation::probed(false, format!("unhealthy{}", why.unwrap_or_default())))
            }
            other => Err(format!("its health is {}", other.unwrap_or_default())),
        },
        (Some("running"), None) => Err("it has no health check".into()),
        (Some(other), _) => Err(format!("it is {other}")),
        (None, _) => Err("its state is not told".into()),
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "container {} {}", self.name, self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Answer, Check, Standing};

    fn told(line: &str, status: u16, body: &str) -> (Standing, String) {
        let Test::Inquiry(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        let seen = check.judge(&Ok(Answer { status, body: body.into() }), &Lineage::default());
        (seen.standing, if seen.value.is_empty() { seen.why } else { seen.value })
    }

    #[test]
    fn health_is_what_the_health_check_says() {
        for (state, standing, expected) in [
            (json!({"Status": "running", "Health": {"Status": "healthy"}}), Standing::Good, "healthy"),
            (json!({"Status": "running", "Healthcheck": {"Status": "healthy"}}), Standing::Good, "healthy"),
            (json!({"Status": "running", "Health": {"Status": "starting"}}), Standing::None, "its health is starting"),
            (
                json!({"Status": "running", "Health": {"Status": "unhealthy", "Log": [{"Output": "ok"}, {"Output": "refused\n"}]}}),
                Standing::Bad,
                "unhealthy: refused",
            ),
            (json!({"Status": "running", "Health": {"Status": "none"}}), Standing::None, "it has no health check"),
            (json!({"Status": "running"}), Standing::None, "it has no health check"),
            (json!({"Status": "exited", "ExitCode": 137}), Standing::Bad, "exited, with exit code 137"),
            (
                json!({"Status": "restarting", "ExitCode": 1, "Health": {"Status": "healthy"}}),
                Standing::Bad,
                "restarting, with exit code 1",
            ),
            (json!({"Status": "exited", "OOMKilled": true}), Standing::Bad, "it was killed for want of memory"),
            (json!({"Status": "created"}), Standing::None, "it is created"),
            (json!({}), Standing::None, "its state is not told"),
        ] {
            let body = json!([{"State": state}]).to_string();
            assert_eq!(told("container shop healthy", 0, &body), (standing, expected.into()), "{body}");
        }
        assert_eq!(told("container shop healthy", 0, "[]"), (Standing::None, "its state is not told".into()));
        let gone = told("container shop healthy by podman", 125, "[]\nError: no such container shop");
        assert_eq!(gone, (Standing::None, "`podman` exits with 125: Error: no such container shop".into()));
    }

    #[test]
    fn restarts_are_compared() {
        for (line, body, standing, expected) in [
            ("container shop restarts == 0", json!([{"RestartCount": 0}]), Standing::Good, "0"),
            ("container shop restarts == 0", json!([{"RestartCount": 3}]), Standing::Bad, "3"),
            ("container shop restarts <= 3", json!([{"RestartCount": 3}]), Standing::Good, "3"),
            ("container shop restarts == 0", json!([{}]), Standing::None, "it is not said how often it restarted"),
        ] {
            assert_eq!(told(line, 0, &body.to_string()), (standing, expected.into()), "{line}");
        }
    }

    #[test]
    fn who_knows_can_be_said() {
        for (line, normal, program) in [
            ("container shop  healthy", "container shop healthy", "docker container inspect shop"),
            ("container shop healthy by docker", "container shop healthy", "docker container inspect shop"),
            (
                "container shop-1 restarts<=2 by ssh deploy@10.0.0.5 docker",
                "container shop-1 restarts <= 2 by ssh deploy@10.0.0.5 docker",
                "ssh deploy@10.0.0.5 docker container inspect shop-1",
            ),
        ] {
            let check = line.parse::<Check>().unwrap();
            assert_eq!(check.text, normal);
            let Test::Inquiry(inquiry) = check.test else { panic!("{line}") };
            let Asks::Program(words) = inquiry.asks(&Surroundings::default(), 0).unwrap() else { panic!("{line}") };
            assert_eq!(words.join(" "), program);
        }
        for line in [
            "container",
            "container shop",
            "container --all healthy",
            "container a;b healthy",
            "container shop well",
            "container shop restarts",
            "container shop healthy by ",
        ] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
