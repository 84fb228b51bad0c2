//! The age of the newest backup, by what the tool that made it lists: `aws rds describe-db-snapshots`, `aws backup
//! list-recovery-points-by-backup-vault`, `restic snapshots --json`, `velero backup get -o json`, or any JSON with such a time.

use serde_json::Value;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::{Report, instant};

pub(super) const KIND: Kind = Kind {
    word: "backup",
    form: "backup snapshots.json age < 24h",
    condition: None,
    metrics: &[Metric { name: "age", unit: Unit::Seconds, value: Source::Age }],
    samples: ("backups", "backup"),
    takes_allow: false,
    reading: Reading::Json(read),
};

/// Keys that tell when a backup was finished, and what says that it was.
const TIMES: [&str; 6] =
    ["SnapshotCreateTime", "CompletionDate", "completionTimestamp", "finished_at", "time", "timestamp"];
const STATES: [&str; 4] = ["Status", "status", "phase", "state"];
const FINISHED: [&str; 7] = ["available", "completed", "complete", "succeeded", "success", "ok", "finished"];

fn read(value: &Value) -> Result<Report, String> {
    let mut report = Report::default();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(entries) => open.extend(entries),
            Value::Object(fields) => {
                let state = STATES.iter().find_map(|key| fields.get(*key)?.as_str());
                if state.is_some_and(|state| !FINISHED.iter().any(|word| state.eq_ignore_ascii_case(word))) {
                    continue;
                }
                let time = TIMES.iter().find_map(|key| instant(fields.get(*key)?.as_str()?));
                if let Some(time) = time {
                    report.add("backups", 1.0);
                    report.latest = report.latest.max(Some(time));
                }
                open.extend(fields.values().filter(|value| value.is_object() || value.is_array()));
            }
            _ => {}
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_finished_backup_counts() {
        for text in [
            r#"{"DBSnapshots":[{"Status":"available","SnapshotCreateTime":"2026-11-26T11:00:00Z"},{"Status":"creating","SnapshotCreateTime":"2026-11-26T11:59:00Z"}]}"#,
            r#"[{"time":"2026-11-25T11:00:00Z","tree":"x","paths":["/data"]},{"time":"2026-11-26T12:00:00.000+01:00"}]"#,
            r#"{"items":[{"status":{"phase":"Completed","completionTimestamp":"2026-11-26T11:00:00Z"}},{"status":{"phase":"Failed","completionTimestamp":"2026-11-26T11:30:00Z"}}]}"#,
        ] {
            let report = read(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(KIND.metrics[0].of(&report, None, 1_795_694_400_000), Some(3600.0), "{text}");
        }
        assert_eq!(read(&serde_json::json!([])).unwrap().count("backups"), 0.0);
    }
}
