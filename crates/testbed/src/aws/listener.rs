//! The stand-in for load balancers: what listeners and rules were last told, and which target group the next user gets.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// The weights of target groups, by load balancer.
#[derive(Default)]
pub(super) struct Listeners {
    weights: BTreeMap<String, Vec<(String, u64)>>,
    users: u64,
}

impl Listeners {
    /// Notes what a request to the API of load balancers says, once moto has taken it.
    pub(super) fn note(&mut self, form: &str) {
        let fields: BTreeMap<String, String> = form
            .split('&')
            .filter_map(|field| {
                let (name, value) = field.split_once('=')?;
                Some((name.to_owned(), percent_decode_str(value).decode_utf8().ok()?.into_owned()))
            })
            .collect();
        // …:listener/app/NAME/… or …:listener-rule/app/NAME/… or …:loadbalancer/app/NAME/…
        let arn = ["ListenerArn", "RuleArn", "LoadBalancerArn"].iter().find_map(|name| fields.get(*name));
        let Some(balancer) = arn.and_then(|arn| arn.split('/').nth(2)) else { return };
        let weights: Vec<(String, u64)> = fields
            .iter()
            .filter_map(|(name, group)| {
                let stem = name.strip_suffix(".TargetGroupArn").filter(|stem| stem.contains(".ForwardConfig."))?;
                Some((group.clone(), fields.get(&format!("{stem}.Weight"))?.parse().ok()?))
            })
            .collect();
        if !weights.is_empty() {
            self.weights.insert(balancer.to_owned(), weights);
        }
    }

    /// The target group that the next user of a load balancer gets, evenly spread.
    pub(super) fn next(&mut self, balancer: &str) -> Option<String> {
        self.users += 1;
        let weights = self.weights.get(balancer)?;
        let all: u64 = weights.iter().map(|(_, weight)| weight).sum();
        // 61 and 100 have no common divisor: a hundred users in a row are spread exactly.
        let mut place = (self.users * 61) % all.max(1);
        weights.iter().find_map(|(group, weight)| {
            let is_here = place < *weight;
            place = place.saturating_sub(*weight);
            is_here.then(|| group.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_spread_by_weight() {
        let mut listeners = Listeners::default();
        let group = |n: u32, arn: &str, weight: u32| {
            let stem = format!("DefaultActions.member.1.ForwardConfig.TargetGroups.member.{n}");
            format!("&{stem}.TargetGroupArn={arn}&{stem}.Weight={weight}")
        };
        let listener = "Action=ModifyListener&ListenerArn=arn%3Aaws%3Ax%3Alistener%2Fapp%2Fshop%2F1%2F2";
        listeners.note(&format!("{listener}{}{}", group(1, "blue", 90), group(2, "green", 10)));
        let mut count = |wanted: &str| (0..100).filter(|_| listeners.next("shop").as_deref() == Some(wanted)).count();
        assert_eq!((count("blue"), count("green")), (90, 10));
        listeners.note(&format!("{listener}{}{}", group(1, "blue", 0), group(2, "green", 100)));
        assert_eq!(listeners.next("shop").as_deref(), Some("green"));
        assert_eq!(listeners.next("other"), None);
    }
}
