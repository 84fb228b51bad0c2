//! What the clocks of the time zones show that templates name.

use serde::Serialize;
use slipway_core::{Context, Host, Result};

use super::Facts;
use crate::template::Clock;
use crate::time::ZonedInstant;

/// The zone that every host knows without asking.
const UTC: &str = "UTC";

/// What the clocks of a zone show at one instant.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Zone {
    clock: Clock,
    name: String,
    offset_seconds: i32,
    abbreviation: String,
}

/// Asks the host about every zone that a date names.
pub(super) fn read<H: Host>(context: &Context<H>, dates: &[(Clock, &str)], facts: &mut Facts) -> Result<()> {
    for (clock, name) in dates {
        let is_known = facts.zones.iter().any(|zone| zone.clock == *clock && zone.name == *name);
        let milliseconds = if *clock == Clock::Now { Some(facts.now) } else { facts.commit_date };
        let Some(milliseconds) = milliseconds.filter(|_| *name != UTC && !is_known) else { continue };
        let (offset_seconds, abbreviation) = match context.host.zone_at(name, milliseconds)? {
            Some(at) => (at.offset_seconds, at.abbreviation),
            None => {
                let warning = format!("there is no time zone `{name}`, so its dates are in UTC");
                if !facts.warnings.contains(&warning) {
                    facts.warnings.push(warning);
                }
                (0, String::new())
            }
        };
        facts.zones.push(Zone { clock: *clock, name: (*name).into(), offset_seconds, abbreviation });
    }
    Ok(())
}

/// The instant as it is shown in a zone.
pub(super) fn zoned(zones: &[Zone], clock: Clock, name: &str, milliseconds: i64) -> ZonedInstant {
    match zones.iter().find(|zone| zone.clock == clock && zone.name == name) {
        Some(Zone { offset_seconds, abbreviation, .. }) => {
            ZonedInstant { milliseconds, offset_seconds: *offset_seconds, abbreviation: abbreviation.clone() }
        }
        None => ZonedInstant::utc(milliseconds),
    }
}
