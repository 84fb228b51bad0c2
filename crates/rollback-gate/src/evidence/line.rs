//! A line of the input `evidence`: a kind of report, its files, a condition.

use std::fmt;
use std::str::FromStr;

use slipway_core::text::quoted;
use slipway_core::{Error, PathPattern, Result, WorkspacePath, input};

use super::KINDS;
use super::kind::{Kind, Metric, Unit};
use crate::errors::{invalid, unknown};
use crate::operator::Operator;

/// A report that must be there and say so.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The line in its normal form.
    pub(crate) text: String,
    pub(super) kind: &'static Kind,
    pub(super) files: PathPattern,
    pub(super) metric: &'static Metric,
    pub(super) operator: Operator,
    pub(super) bound: f64,
    /// What the report is compared with.
    pub(super) base: Option<WorkspacePath>,
    /// What is accepted for a while.
    pub(super) allow: Option<WorkspacePath>,
    /// The artifact of this run that the files come from.
    pub(super) artifact: Option<String>,
}

impl FromStr for Evidence {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
        let Some(kind) = KINDS.iter().find(|kind| kind.word == word) else {
            let known = KINDS.map(|kind| (kind.word, kind.form));
            return Err(unknown(format!("`{text}` names no kind of report"), word, &known));
        };
        parse(&text, kind, rest).map_err(|error| {
            error.context(format!("`{text}`")).or_hint(&format_args!("write it as in `{}`", kind.form))
        })
    }
}

fn parse(text: &str, kind: &'static Kind, rest: &str) -> Result<Evidence> {
    let (files, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if files.is_empty() {
        return Err(invalid("it names no file"));
    }
    let (condition, options) =
        match [" base ", " allow ", " artifact "].iter().filter_map(|word| format!(" {rest}").find(*word)).min() {
            Some(at) => (&rest[..at.saturating_sub(1).min(rest.len())], &rest[at..]),
            None => (rest, ""),
        };
    let condition = match (condition.trim(), kind.condition) {
        ("", Some(usual)) => usual,
        ("", None) => return Err(invalid("it has no condition")),
        (condition, _) => condition,
    };
    let at = condition.find(['<', '>', '=']).ok_or_else(|| invalid(format!("`{condition}` is no condition")))?;
    let (name, comparison) = condition.split_at(at);
    let metric = match name.trim() {
        "" => kind.metrics.first(),
        name => kind.metrics.iter().find(|metric| metric.name == name),
    };
    let metric = metric.ok_or_else(|| {
        let names = quoted(&mut kind.metrics.iter().map(|metric| metric.name));
        invalid(format!("`{}` is none of {names}", name.trim()))
    })?;
    let (operator, bound) =
        Operator::split(comparison).ok_or_else(|| invalid(format!("`{comparison}` is no comparison")))?;
    let mut evidence = Evidence {
        text: text.to_owned(),
        kind,
        files: files.parse()?,
        metric,
        operator,
        bound: self::bound(bound, metric.unit)?,
        base: None,
        allow: None,
        artifact: None,
    };
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let name = words.next().ok_or_else(|| invalid(format!("`{word}` names nothing")))?;
        match word {
            "base" => evidence.base = Some(name.parse()?),
            "allow" => evidence.allow = Some(name.parse()?),
            "artifact" => evidence.artifact = Some(name.to_owned()),
            _ => return Err(invalid(format!("`{word}` is none of `base`, `allow`, `artifact`"))),
        }
    }
    match (metric.needs_base(), &evidence.base, &evidence.allow) {
        (true, None, _) => Err(invalid(format!("`{}` is compared with a base", metric.name)).hint(format!(
            "add `base` and the file, as in `{} {files} {} {operator} {bound} base main/report`",
            kind.word, metric.name
        ))),
        (false, Some(_), _) => Err(invalid(format!("`{}` is compared with no base", metric.name))),
        (_, _, Some(_)) if !kind.takes_allow => Err(invalid("only findings of `sarif` can be allowed")),
        _ => Ok(evidence),
    }
}

fn bound(text: &str, unit: Unit) -> Result<f64> {
    let number = match unit {
        Unit::Percent => text.strip_suffix('%').and_then(|text| text.parse().ok()),
        Unit::Count => text.parse().ok(),
        Unit::Seconds => input::duration(text).ok().map(|length| length.as_secs_f64()),
    };
    let example = match unit {
        Unit::Percent => "80%",
        Unit::Count => "0",
        Unit::Seconds => "2s",
    };
    number.filter(|number: &f64| number.is_finite() && *number >= 0.0).ok_or_else(|| {
        invalid(format!("`{text}` cannot be compared with")).hint(format!("write a bound such as `{example}`"))
    })
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        for (line, metric, bound) in [
            ("junit reports/*.xml pass-rate >= 100%", "pass-rate", 100.0),
            ("junit a.xml", "pass-rate", 100.0),
            ("junit a.xml new-failures == 0 base main.xml", "new-failures", 0.0),
            ("coverage coverage.xml >= 80%", "lines", 80.0),
            ("coverage lcov.info >=80.5%", "lines", 80.5),
            ("coverage c.xml drop <= 1% base main/c.xml", "drop", 1.0),
            ("sarif trivy.sarif critical == 0 allow .security/allow", "critical", 0.0),
            ("sarif trivy.sarif", "critical", 0.0),
            ("load k6.json p95 < 1500ms", "p95", 1.5),
            ("backup b.json age < 24h", "age", 86400.0),
            ("junit a.xml artifact test-reports", "pass-rate", 100.0),
        ] {
            let evidence: Evidence = line.parse().unwrap();
            assert_eq!((evidence.metric.name, evidence.bound, evidence.text.as_str()), (metric, bound, line));
        }
    }

    #[test]
    fn lines_that_are_wrong_say_what_is() {
        for (line, message) in [
            ("junti a.xml", "did you mean `junit`?"),
            ("junit", "it names no file"),
            ("coverage c.xml", "it has no condition"),
            ("coverage c.xml branch >= 1%", "`branch` is none of `lines`, `drop`"),
            ("coverage c.xml >= 80", "`80` cannot be compared with"),
            ("coverage c.xml drop <= 1%", "`drop` is compared with a base"),
            ("coverage c.xml >= 80% base x", "`lines` is compared with no base"),
            ("load k6.json p95 < 2", "`2` cannot be compared with"),
            ("junit a.xml pass-rate !! 3", "is no condition"),
            ("junit a.xml allow x", "only findings of `sarif` can be allowed"),
            ("junit ../a.xml", "../a.xml"),
            ("junit a.xml artifact", "`artifact` is no condition"),
            ("junit a.xml base b.xml of main", "`of` is none of `base`, `allow`, `artifact`"),
        ] {
            let error = line.parse::<Evidence>().unwrap_err().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
