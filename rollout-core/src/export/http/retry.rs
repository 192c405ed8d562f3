//! When to try again, and when to stop.

use std::time::{Duration, SystemTime};

use tokio::time::timeout;

use super::thread::Closing;
use crate::id::random_u64;

/// How often an envelope is sent again.
const RETRIES: u32 = 3;

/// What a server that asks for more patience is given.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long to wait before the first retry. The wait doubles with each retry, and some of this is
/// added by chance, so that clients that failed together do not come back together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff(pub(super) Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(Duration::from_millis(250))
    }
}

impl Backoff {
    fn before(self, retry: u32) -> Duration {
        let share = u32::try_from(random_u64() >> 32).unwrap_or(u32::MAX);
        self.0.saturating_mul(1 << retry) + self.0.mul_f64(f64::from(share) / f64::from(u32::MAX))
    }
}

/// The attempts that are left for some events.
pub(super) struct Retries {
    made: u32,
    backoff: Backoff,
    closing: Closing,
}

impl Retries {
    pub(super) fn new(backoff: Backoff, closing: Closing) -> Self {
        Self {
            made: 0,
            backoff,
            closing,
        }
    }

    /// Waits until it is time to ask again a server that does not answer, if it said so as long as it
    /// said; returns whether there is an attempt left.
    ///
    /// When the exporter shuts down the wait is over, and the attempt after it is the last one.
    pub(super) async fn wait(&mut self, asked: Option<Duration>) -> bool {
        let Some(wait) = self.next(asked) else {
            return false;
        };
        if timeout(wait, self.closing.deadline()).await.is_ok() {
            self.made = RETRIES;
        }
        true
    }

    /// Waits until it is time to send again what a server refused for now; returns whether there is an
    /// attempt left. The server is there, so this is worth its time also at the end.
    pub(super) async fn wait_for_another_answer(&mut self) -> bool {
        let Some(wait) = self.next(None) else {
            return false;
        };
        tokio::time::sleep(wait).await;
        true
    }

    fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.made >= RETRIES {
            return None;
        }
        let wait = asked.map_or_else(|| self.backoff.before(self.made), |t| t.min(LONGEST_WAIT));
        self.made += 1;
        Some(wait)
    }
}

/// Reads the header `Retry-After`: seconds, or a date.
pub(super) fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => Some(parse_date(text)?.duration_since(now).unwrap_or_default()),
    }
}

/// Reads a date of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`. The two forms that it calls obsolete have
/// not been sent this century.
fn parse_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut parts = text.split_ascii_whitespace().skip(1);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (time, zone) = (parts.next()?, parts.next()?);
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let date = format!("{year}-{month:02}-{day}T{time}Z");
    (zone == "GMT")
        .then(|| humantime::parse_rfc3339(&date).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_those_of_the_reference() {
        for (retry, least, most) in [(0, 250, 500), (1, 500, 750), (2, 1000, 1250)] {
            for _ in 0..100 {
                let wait = Backoff::default().before(retry).as_millis();
                assert!(
                    (least..=most).contains(&wait),
                    "{wait} ms before retry {retry}"
                );
            }
        }
    }

    #[test]
    fn a_server_names_seconds_or_a_date() {
        let now = humantime::parse_rfc3339("1994-11-06T08:49:30Z").unwrap();
        let seconds = |text| parse_retry_after(text, now).map(|time| time.as_secs());
        assert_eq!(seconds("2"), Some(2));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:07 GMT"), Some(0));
        for odd in [
            "",
            "soon",
            "-1",
            "NaN",
            "inf",
            "Sun, 06 Nov 1994",
            "06 Nov 1994 08:49:37 CET",
        ] {
            assert_eq!(parse_retry_after(odd, now), None, "{odd}");
        }
    }
}
