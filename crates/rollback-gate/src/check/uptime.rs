//! `uptime URL .uptime_seconds`: how long the process runs, as it says itself. An uptime that falls is a process that was started anew;
//! one that does so while it is watched is in a restart loop.

use std::fmt;

use slipway_core::Result;

use super::grammar::{self, invalid};
use super::json::document;
use super::path::Path;
use super::{Asked, Deployed, Kind, Observation, Probe, Test};
use crate::endpoint::Endpoint;

pub(super) const KIND: Kind =
    Kind { word: "uptime", form: "uptime https://shop.example/health .uptime_seconds", parse };

/// Where services tell their uptime, unless a path is given.
const USUAL: [&str; 4] = ["uptime_seconds", "uptime_s", "uptimeSeconds", "uptime"];
/// An uptime is rounded, so it may seem to fall by a second.
const TOLERANCE: f64 = 1.0;

#[derive(Debug)]
struct Uptime {
    endpoint: Endpoint,
    path: Option<Path>,
}

fn parse(rest: &str) -> Result<Test> {
    let (endpoint, rest) = grammar::endpoint(rest)?;
    let (path, rest) = Path::take(rest)?;
    if !rest.is_empty() {
        return Err(invalid(format!("`{rest}` is not understood")));
    }
    Ok(Test::Probe(Box::new(Uptime { endpoint, path })))
}

impl Uptime {
    fn read(&self, answer: &Asked) -> std::result::Result<f64, String> {
        let document = answer.as_ref().map_err(Clone::clone).and_then(document)?;
        let value = match &self.path {
            Some(path) => path.find(&document),
            None => USUAL.iter().find_map(|key| document.get(key)),
        };
        let uptime = value.and_then(serde_json::Value::as_f64).filter(|uptime| uptime.is_finite() && *uptime >= 0.0);
        uptime.ok_or_else(|| format!("no uptime at {}", self.place()))
    }

    fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| format!("`.{}`", USUAL.join("`, `.")), |path| format!("`{path}`"))
    }
}

impl Probe for Uptime {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn judge(&self, answer: &Asked, _: Deployed<'_>) -> Observation {
        match self.read(answer) {
            Ok(uptime) => Observation::probed(true, shown(uptime)),
            Err(why) => Observation::probed(false, why),
        }
    }

    fn uptime(&self, answer: &Asked) -> Option<f64> {
        self.read(answer).ok()
    }

    fn rule(&self) -> String {
        format!("the uptime that {} tells at {} does not fall again and again", self.endpoint, self.place())
    }
}

impl fmt::Display for Uptime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uptime {}", self.endpoint)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, " {path}"))
    }
}

fn shown(uptime: f64) -> String {
    format!("{uptime:.0} s")
}

/// The uptimes that one check saw, look after look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Falls {
    latest: Option<f64>,
    count: u32,
}

impl Falls {
    /// Takes in an uptime; gives what it means if the process was started anew more often than is to be expected.
    pub(crate) fn observe(&mut self, uptime: f64, expected: u32) -> Option<Observation> {
        self.count += u32::from(self.latest.is_some_and(|latest| uptime + TOLERANCE < latest));
        self.latest = Some(uptime);
        let times = if self.count == 1 { "once".into() } else { format!("{} times", self.count) };
        (self.count > expected)
            .then(|| Observation::probed(false, format!("{}, and it fell {times} while it was watched", shown(uptime))))
    }

    /// Begins to count anew.
    pub(crate) fn forget(&mut self) {
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    #[test]
    fn an_uptime_is_found_by_name_or_by_path() {
        for (line, body, standing, told) in [
            ("uptime https://x/", r#"{"uptime_seconds":12.7}"#, Standing::Good, "13 s"),
            ("uptime https://x/", r#"{"uptime":3}"#, Standing::Good, "3 s"),
            ("uptime https://x/ .process.up", r#"{"process":{"up":9}}"#, Standing::Good, "9 s"),
            ("uptime https://x/ .up", r#"{"up":-1}"#, Standing::Bad, "no uptime at `.up`"),
            ("uptime https://x/ .up", r#"{"up":"3 days"}"#, Standing::Bad, "no uptime at `.up`"),
            (
                "uptime https://x/",
                "{}",
                Standing::Bad,
                "no uptime at `.uptime_seconds`, `.uptime_s`, `.uptimeSeconds`, `.uptime`",
            ),
            ("uptime https://x/", "up", Standing::Bad, "no JSON"),
        ] {
            let Test::Probe(probe) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let answer = Ok(Answer { status: 200, body: body.into() });
            let seen = probe.judge(&answer, Deployed::Release(None));
            assert_eq!((seen.standing, seen.value.as_str()), (standing, told), "{body}");
            assert_eq!(probe.uptime(&answer).is_some(), standing == Standing::Good, "{body}");
        }
    }

    #[test]
    fn an_uptime_that_falls_again_is_a_restart_loop() {
        let bad = |uptimes: &[f64], expected| {
            let mut falls = Falls::default();
            uptimes.iter().map(|uptime| falls.observe(*uptime, expected).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(bad(&[5.0, 15.0, 14.5, 25.0], 0), [false; 4]);
        assert_eq!(bad(&[100.0, 3.0, 13.0], 0), [false, true, true]);
        // The first one may be the release that comes into service.
        assert_eq!(bad(&[100.0, 3.0, 13.0, 2.0, 12.0], 1), [false, false, false, true, true]);
        let mut falls = Falls::default();
        for uptime in [90.0, 5.0] {
            falls.observe(uptime, 1);
        }
        falls.forget();
        assert_eq!(falls.observe(2.0, 0).unwrap().value, "2 s, and it fell once while it was watched");
    }
}
