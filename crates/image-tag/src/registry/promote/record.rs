//! What an earlier promotion did, from its `json` output.

use serde_json::Value;
use slipway_core::{Error, ErrorKind, Result};

use super::{Action, Move};

/// One tag of an earlier promotion.
pub(crate) type Entry = Move;

/// Reads the tags that were written, of a promotion that ended well or of one that was cut off; of a plan, those that were to be
/// written: what each points to shows whether it was.
///
/// # Errors
/// `InvalidInput` if it is the output of something else.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>> {
    let invalid = |why: &str| {
        Error::new(ErrorKind::InvalidInput, format!("it {why}"))
            .hint("pass the whole `json` output of a step with `mode: promote`, as `${{ steps.promote.outputs.json }}`")
    };
    let json: Value = serde_json::from_str(text).map_err(|_| invalid("is not JSON"))?;
    if json["truncated"] == true {
        return Err(invalid("was too large for an output and cut off").hint("pass the content of the file `json-file`"));
    }
    let places = ["/outcome/registry/done", "/error/detail/outcome/registry/done", "/plan/registry/promote/moves"];
    match places.iter().find_map(|place| json.pointer(place)) {
        Some(done) => {
            let entries = done.as_array().and_then(|entries| entries.iter().map(entry).collect());
            entries.ok_or_else(|| invalid("is damaged"))
        }
        None => Err(invalid("tells of no promotion")),
    }
}

/// One tag as an earlier run wrote it.
fn entry(json: &Value) -> Option<Entry> {
    let text = |key: &str| json[key].as_str();
    let action = match text("action")? {
        "create" => Action::Create,
        "move" => Action::Move,
        "keep" => Action::Keep,
        _ => return None,
    };
    Some(Move {
        image: text("image")?.parse().ok()?,
        tag: text("tag")?.parse().ok()?,
        action,
        old: text("old").map(str::parse).transpose().ok()?,
        new: text("new")?.parse().ok()?,
        source: text("source")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_a_promotion_is_read() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let done = serde_json::json!({ "registry": { "done": [{
            "image": "ghcr.io/acme/shop", "tag": "latest", "action": "move", "old": digest, "new": digest, "source": "ghcr.io/acme/shop",
        }] } });
        for whole in [
            serde_json::json!({ "outcome": done }),
            serde_json::json!({ "error": { "detail": { "outcome": done } } }),
            serde_json::json!({ "plan": { "registry": { "promote": { "moves": done["registry"]["done"] } } }, "outcome": null }),
        ] {
            assert_eq!(parse(&whole.to_string()).unwrap()[0].reference(), "ghcr.io/acme/shop:latest");
        }
        for (text, message) in [
            ("", "is not JSON"),
            ("{}", "tells of no promotion"),
            (r#"{"truncated": true}"#, "cut off"),
            (r#"{"plan": {"registry": {"check": {}}}, "outcome": null}"#, "tells of no promotion"),
            (r#"{"outcome": {"registry": {"done": [{"image": "../x"}]}}}"#, "is damaged"),
            (r#"{"outcome": {"registry": {"done": 1}}}"#, "is damaged"),
        ] {
            assert!(parse(text).unwrap_err().message().contains(message), "{text}");
        }
    }
}
