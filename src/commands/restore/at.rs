//! The newest backup that is not younger than a moment: `--at`.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::commands::backup::newest_of;
use crate::error::{Error, Result};
use crate::store::Repository;
use crate::store::repository::State;

/// The id of the newest whole backup that began at that time or before.
pub fn newest(repository: &Repository, said: &str) -> Result<String> {
    let moment = moment(said, &TimeZone::system())?;
    let ids = repository.ids()?;
    let whole = ids.iter().filter(|(_, state)| **state == State::Whole).map(|(id, _)| id.as_str());
    let fitting = pick(whole, &moment);
    fitting.map(|ids| newest_of(repository, ids.iter().copied()).unwrap_or_default()).map_err(|oldest| {
        let error =
            Error::usage(format!("no backup in {} is as old as {said} ({moment})", repository.place()));
        match oldest {
            Some(oldest) => error.hint(format!("the oldest is {oldest}; dbwright backup list shows all")),
            None => error.hint("it holds no whole backup; dbwright backup create makes one"),
        }
    })
}

/// Of ids in their order, which is that of time, those that fit, newest first, and at least one; the
/// error has the oldest.
fn pick<'a>(
    ids: impl Iterator<Item = &'a str> + Clone,
    moment: &Timestamp,
) -> std::result::Result<Vec<&'a str>, Option<String>> {
    // An id begins with the moment, to the millisecond, in UTC.
    let last = moment.strftime("%Y%m%dT%H%M%S%3fZ").to_string();
    let fits = |id: &&str| id.get(..last.len()).is_some_and(|begins| begins <= last.as_str());
    let mut found: Vec<&str> = ids.clone().filter(fits).collect();
    found.reverse();
    match found.is_empty() {
        true => Err(ids.clone().next().map(str::to_owned)),
        false => Ok(found),
    }
}

/// A day means its end, as whoever names a day wants what was there on it.
fn moment(said: &str, here: &TimeZone) -> Result<Timestamp> {
    let wrong = |error: jiff::Error| {
        Error::usage(format!("{said:?} is no time")).because(error).hint(
            "write 2026-11-23T10:00 in the zone of this machine, 2026-11-23T10:00Z or \
             2026-11-23T10:00+02:00 with a zone, or 2026-11-23 for the end of that day",
        )
    };
    if let Ok(moment) = said.parse::<Timestamp>() {
        return Ok(moment);
    }
    let is_day = !said.contains([':', 'T', 't', ' ']);
    let local: DateTime = match is_day {
        true => {
            let day: Date = said.parse().map_err(wrong)?;
            let next = day.checked_add(1.day()).map_err(wrong)?;
            let end = here.to_timestamp(next.at(0, 0, 0, 0)).map_err(wrong)?;
            return end.checked_sub(1.millisecond()).map_err(wrong);
        }
        false => said.parse().map_err(wrong)?,
    };
    here.to_timestamp(local).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_zone_or_are_local() {
        let here = TimeZone::fixed(jiff::tz::offset(2));
        for (said, means) in [
            ("2026-11-23T10:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23 10:00:30", "2026-11-23T08:00:30Z"),
            ("2026-11-23T10:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T10:00-05:00", "2026-11-23T15:00:00Z"),
            ("2026-11-23", "2026-11-23T21:59:59.999Z"),
        ] {
            assert_eq!(moment(said, &here).unwrap().to_string(), means, "{said}");
        }
        for said in ["", "yesterday", "2026-13-01", "10:00", "2026-11-23T25:00"] {
            let error = moment(said, &here).unwrap_err();
            assert_eq!(error.message(), format!("{said:?} is no time"));
        }
    }

    #[test]
    fn the_newest_that_is_not_younger() {
        let ids = ["20261122T020001117Z-dd5850", "20261123T020001117Z-241f53"];
        let pick = |moment: &str| pick(ids.into_iter(), &moment.parse().unwrap());
        assert_eq!(pick("2026-11-23T02:00:01.117Z").unwrap()[0], ids[1]);
        assert_eq!(pick("2026-11-23T02:00:01.116Z").unwrap()[0], ids[0]);
        assert_eq!(pick("2030-01-01T00:00Z").unwrap()[0], ids[1]);
        assert_eq!(pick("2026-11-22T02:00:01Z").unwrap_err().as_deref(), Some(ids[0]));
    }
}
