//! Times as people read them.

/// Milliseconds as the two largest units: `3 d 4 h`, `2 h 5 min`, `40 s`.
pub(crate) fn length(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let Some(first) = units.iter().position(|(count, _)| *count > 0) else { return "0 s".into() };
    let shown = units[first..].iter().take(2).filter(|(count, _)| *count > 0);
    shown.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units() {
        for (milliseconds, shown) in [
            (0, "0 s"),
            (40_999, "40 s"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 d"),
            (86_460_000, "1 d"),
            (100_000_000, "1 d 3 h"),
        ] {
            assert_eq!(length(milliseconds), shown);
        }
    }
}
