//! Coverage of lines: Cobertura XML or LCOV.

use quick_xml::events::Event;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;
use super::xml::{attribute, events};

pub(super) const KIND: Kind = Kind {
    word: "coverage",
    form: "coverage coverage.xml >= 80%",
    condition: None,
    metrics: &[
        Metric { name: "lines", unit: Unit::Percent, value: Source::Report(share) },
        Metric {
            name: "drop",
            unit: Unit::Percent,
            value: Source::Base(|report, base| Some(share(base)? - share(report)?)),
        },
    ],
    samples: ("lines", "line"),
    takes_allow: false,
    reading: Reading::Whole(read),
};

fn share(report: &Report) -> Option<f64> {
    let lines = report.count("lines");
    (lines > 0.0).then(|| 100.0 * report.count("covered") / lines)
}

fn read(text: &[u8]) -> Result<Report, String> {
    if text.trim_ascii_start().starts_with(b"<") { cobertura(text) } else { lcov(text) }
}

fn cobertura(text: &[u8]) -> Result<Report, String> {
    let mut report = Report::default();
    let mut found = false;
    events(text, &mut |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else { return };
        if element.local_name().as_ref() != "coverage" || found {
            return;
        }
        let number = |name| attribute(element, name).and_then(|text| text.parse::<f64>().ok()).filter(|n| *n >= 0.0);
        if let Some((lines, covered)) = number("lines-valid").zip(number("lines-covered")) {
            found = true;
            report.add("lines", lines);
            report.add("covered", covered.min(lines));
        }
        // Milliseconds, or seconds as some tools write.
        if let Some(made) = number("timestamp").filter(|made| *made > 0.0) {
            report.made = Some(if made < 1e11 { made * 1000.0 } else { made } as i64);
        }
    })?;
    if found { Ok(report) } else { Err("it has no `coverage` with `lines-valid` and `lines-covered`".into()) }
}

fn lcov(text: &[u8]) -> Result<Report, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut report = Report::default();
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("SF:") {
            is_open = true;
        } else if line == "end_of_record" {
            is_open = false;
        } else if let Some((name, number)) =
            [("LF:", "lines"), ("LH:", "covered")].iter().find_map(|(key, name)| Some((*name, line.strip_prefix(key)?)))
        {
            let number: u32 = number.parse().map_err(|_| format!("`{line}` has no number"))?;
            report.add(name, f64::from(number));
        }
    }
    match (report.counts.contains_key("lines"), is_open) {
        (_, true) => Err("it is cut off".into()),
        (true, false) => Ok(report),
        (false, false) => Err("it is neither Cobertura nor LCOV with `LF` and `LH`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        let cobertura = br#"<?xml version="1.0" ?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
            <coverage version="7.6" timestamp="1795694400000" lines-valid="200" lines-covered="170" line-rate="0.85"><packages/></coverage>"#;
        let lcov =
            b"TN:\nSF:src/a.rs\nDA:1,1\nLF:150\nLH:120\nend_of_record\nSF:src/b.rs\nLF:50\nLH:50\nend_of_record\n";
        for text in [&cobertura[..], lcov] {
            let report = read(text).unwrap();
            assert_eq!((report.count("lines"), report.count("covered"), share(&report)), (200.0, 170.0, Some(85.0)));
        }
        assert_eq!(read(cobertura).unwrap().made, Some(1_795_694_400_000));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (text, why) in [
            ("", "it is neither Cobertura nor LCOV with `LF` and `LH`"),
            ("SF:a\nLF:1\nLH:1\n", "it is cut off"),
            ("LF:x\n", "`LF:x` has no number"),
            ("<coverage line-rate='1'/>", "it has no `coverage` with `lines-valid` and `lines-covered`"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), why);
        }
    }
}
