//! The Prometheus text exposition format 0.0.4: a scrape is read whole, or refused with the line that is wrong.
//!
//! What OpenMetrics adds (`# EOF`, exemplars, timestamps with fractions, native histograms) is read over.

use std::borrow::Cow;

use litemap::LiteMap;

/// The longest line in bytes.
const LINE_LIMIT: usize = 64 * 1024;
/// The most samples of one scrape.
const SAMPLE_LIMIT: usize = 200_000;
/// The most types that one scrape tells.
const TYPE_LIMIT: usize = 20_000;
/// The most labels of one sample.
const LABEL_LIMIT: usize = 128;

/// One scrape.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Exposition<'a> {
    /// What `# TYPE` lines say, by metric.
    pub(crate) types: LiteMap<&'a str, &'a str>,
    /// The samples in their order.
    pub(crate) samples: Vec<Sample<'a>>,
}

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample<'a> {
    /// The metric, with `_bucket`, `_sum` or `_count` for parts of a histogram.
    pub(crate) name: &'a str,
    /// The labels in their order.
    pub(crate) labels: Vec<(&'a str, Cow<'a, str>)>,
    /// The value, which can be NaN or infinite.
    pub(crate) value: f64,
}

impl<'a> Exposition<'a> {
    /// Reads a scrape.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "the metrics are not UTF-8".to_owned())?;
        if text.trim_start().starts_with('<') {
            return Err("HTML came instead of metrics".into());
        }
        let mut exposition = Self::default();
        for (index, line) in text.lines().enumerate() {
            let wrong = |why: &str| Err(format!("line {} of the metrics {why}", index + 1));
            if line.len() > LINE_LIMIT {
                return wrong("is longer than 64 KiB");
            }
            let line = line.trim_matches([' ', '\t', '\r']);
            if let Some(comment) = line.strip_prefix('#') {
                exposition.read_type(comment);
                if exposition.types.len() > TYPE_LIMIT {
                    return Err(format!("the metrics have more than {TYPE_LIMIT} types"));
                }
            } else if !line.is_empty() {
                let Some(sample) = sample(line) else {
                    // The value of a native histogram is no number, and nothing here can read its buckets.
                    if line.contains("{count:") && line.ends_with('}') {
                        continue;
                    }
                    return wrong("is not a sample");
                };
                if exposition.samples.len() == SAMPLE_LIMIT {
                    return Err(format!("the metrics have more than {SAMPLE_LIMIT} samples"));
                }
                exposition.samples.push(sample);
            }
        }
        Ok(exposition)
    }

    /// Every comment that is not a `TYPE` line is for people.
    fn read_type(&mut self, comment: &'a str) {
        let mut words = comment.split_ascii_whitespace();
        if let (Some("TYPE"), Some(name), Some(kind), None) = (words.next(), words.next(), words.next(), words.next()) {
            self.types.insert(name, kind);
        }
    }
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, mut rest) = name(line, true)?;
    let mut labels = Vec::new();
    rest = blank(rest);
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            rest = blank(rest);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (label, value, after) = pair(rest)?;
            labels.push((label, value));
            if labels.len() > LABEL_LIMIT {
                return None;
            }
            rest = blank(after);
            rest = match rest.strip_prefix(',') {
                Some(after) => after,
                None if rest.starts_with('}') => rest,
                None => return None,
            };
        }
    }
    // What follows `#` is an exemplar.
    let mut words = rest.split('#').next()?.split_ascii_whitespace();
    let value = words.next()?.parse().ok()?;
    let timestamp_is_number = words.next().is_none_or(|word| word.parse::<f64>().is_ok());
    (timestamp_is_number && words.next().is_none()).then_some(Sample { name, labels, value })
}

/// A metric's or a label's name and what follows it; only metrics have colons.
fn name(text: &str, is_metric: bool) -> Option<(&str, &str)> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (is_metric && c == ':');
    let end = text.find(|c| !allowed(c)).unwrap_or(text.len());
    let starts_well = text.starts_with(|c: char| allowed(c) && !c.is_ascii_digit());
    starts_well.then(|| text.split_at(end))
}

/// `name="value"` and what follows it.
fn pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (label, rest) = name(text, false)?;
    let quoted = blank(blank(rest).strip_prefix('=')?).strip_prefix('"')?;
    let mut unescaped = String::new();
    let mut kept = 0;
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let value =
                    if kept == 0 { Cow::Borrowed(&quoted[..at]) } else { Cow::Owned(unescaped + &quoted[kept..at]) };
                return Some((label, value, &quoted[at + 1..]));
            }
            '\\' => {
                unescaped.push_str(&quoted[kept..at]);
                let (after, escaped) = characters.next()?;
                unescaped.push(match escaped {
                    '\\' | '"' => escaped,
                    'n' => '\n',
                    _ => return None,
                });
                kept = after + 1;
            }
            _ => {}
        }
    }
    None
}

fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read() {
        for (line, name, labels, value) in [
            ("up 1", "up", &[][..], 1.0),
            ("up\t1.5e3\t", "up", &[], 1500.0),
            ("a:b_c 1 1395066363000", "a:b_c", &[], 1.0),
            ("a{} 0", "a", &[], 0.0),
            ("a {x=\"1\" , y = \"2\",} -0", "a", &[("x", "1"), ("y", "2")], 0.0),
            (r#"a{x="C:\\DIR\n\"é\" }{,"} 7"#, "a", &[("x", "C:\\DIR\n\"é\" }{,")], 7.0),
            (r#"a_bucket{le="+Inf"} 3 # {trace_id="x y"} 0.67 1.5"#, "a_bucket", &[("le", "+Inf")], 3.0),
            ("a{x=\"#\"} 1 12.5\r", "a", &[("x", "#")], 1.0),
            ("a +Inf", "a", &[], f64::INFINITY),
            ("a -Inf", "a", &[], f64::NEG_INFINITY),
        ] {
            let parsed = Exposition::parse(line.as_bytes()).unwrap();
            let labels = labels.iter().map(|(name, value)| (*name, Cow::Borrowed(*value))).collect();
            assert_eq!(parsed.samples, [Sample { name, labels, value }], "{line}");
        }
        assert!(Exposition::parse(b"a NaN").unwrap().samples[0].value.is_nan());
    }

    #[test]
    fn lines_that_are_no_samples_refuse_the_scrape() {
        for line in [
            "a",
            "a ",
            "1a 1",
            "a{ 1",
            "a{x} 1",
            "a{x=1} 1",
            "a{x=\"1} 1",
            "a{x=\"\\t\"} 1",
            "a{x=\"1\" y=\"2\"} 1",
            "a{:x=\"1\"} 1",
            "a{,} 1",
            "a one",
            "a 1 now",
            "a 1 2 3",
            "a-b 1",
            "{\"a\"} 1",
            "{\"error\":\"not found\"}",
        ] {
            let error = Exposition::parse(format!("up 1\n\n{line}\n").as_bytes()).unwrap_err();
            assert_eq!(error, "line 3 of the metrics is not a sample", "{line}");
        }
    }

    #[test]
    fn native_histograms_are_passed_over() {
        let text = "# TYPE a histogram\na{x=\"1\"} {count:3,sum:1.5,schema:3,zero_threshold:0,zero_count:0}\na {count:1,sum:1}\nb 2";
        let parsed = Exposition::parse(text.as_bytes()).unwrap();
        assert_eq!((parsed.samples.len(), parsed.types[&"a"]), (1, "histogram"));
        assert!(Exposition::parse(b"a {count:3").is_err());
    }

    #[test]
    fn comments_give_types() {
        let text =
            "# HELP a What \\n it is\n# TYPE a counter\n#TYPE b gauge\n# TYPE c\n# EOF\n#\n# TYPE d histogram x\na 1";
        let parsed = Exposition::parse(text.as_bytes()).unwrap();
        assert_eq!(parsed.types, LiteMap::from_iter([("a", "counter"), ("b", "gauge")]));
        assert_eq!(parsed.samples.len(), 1);
    }

    #[test]
    fn what_is_no_scrape_is_told_from_one() {
        for (body, why) in [
            (&b"<!doctype html><p>Sign in"[..], "HTML came instead of metrics"),
            (b"a\xff 1", "the metrics are not UTF-8"),
            (
                format!("a{{x=\"{}\"}} 1", "y".repeat(LINE_LIMIT)).as_bytes(),
                "line 1 of the metrics is longer than 64 KiB",
            ),
            (
                (0..=TYPE_LIMIT).map(|number| format!("# TYPE a{number} gauge\n")).collect::<String>().as_bytes(),
                "the metrics have more than 20000 types",
            ),
            ("a 1\n".repeat(SAMPLE_LIMIT + 1).as_bytes(), "the metrics have more than 200000 samples"),
        ] {
            assert_eq!(Exposition::parse(body).unwrap_err(), why);
        }
        assert_eq!(Exposition::parse(b""), Ok(Exposition::default()));
    }
}
