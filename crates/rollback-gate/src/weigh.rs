//! One verdict out of several.

use slipway_gitops::Verdict;

use crate::engine::Decision;

/// The worst of some decisions: a rollback before a hold, a hold before a promotion. What is good is told of all of them.
pub(crate) fn weigh(decisions: impl IntoIterator<Item = Decision>) -> Option<Decision> {
    decisions.into_iter().reduce(|one, other| match severity(one.verdict).cmp(&severity(other.verdict)) {
        std::cmp::Ordering::Less => other,
        std::cmp::Ordering::Greater => one,
        std::cmp::Ordering::Equal if one.verdict == Verdict::Promote => {
            Decision { verdict: Verdict::Promote, reason: format!("{}; {}", one.reason, other.reason) }
        }
        std::cmp::Ordering::Equal => one,
    })
}

fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Promote => 0,
        Verdict::Hold => 1,
        Verdict::Rollback => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts() {
        use Verdict::{Hold, Promote, Rollback};
        for (verdicts, expected, reason) in [
            (&[Promote, Hold][..], Some(Hold), "1"),
            (&[Hold, Rollback, Hold], Some(Rollback), "1"),
            (&[Hold, Promote, Hold], Some(Hold), "0"),
            (&[Promote, Promote], Some(Promote), "0; 1"),
            (&[], None, ""),
        ] {
            let decisions = verdicts.iter().enumerate();
            let decisions = decisions.map(|(index, verdict)| Decision { verdict: *verdict, reason: index.to_string() });
            let weighed = weigh(decisions);
            assert_eq!(weighed.as_ref().map(|decision| decision.verdict), expected);
            assert_eq!(weighed.map(|decision| decision.reason).unwrap_or_default(), reason);
        }
    }
}
