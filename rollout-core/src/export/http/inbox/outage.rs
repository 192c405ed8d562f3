//! A server that is out of order: it is asked now and then, with one envelope, until it is back.

use std::time::{Duration, Instant};

use crate::id::random_u64;

/// How long to wait before it is asked for the first time; then twice as long each time.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// A server may ask for more patience, but not for ever.
const LONGEST_ASKED: Duration = Duration::from_secs(15 * 60);

#[derive(Debug)]
pub(super) struct Outage {
    /// How often it was asked in vain.
    probes: u32,
    /// When it is asked again; never, if there is no way to ask.
    next: Option<Instant>,
    probing: bool,
}

impl Outage {
    /// Returns the outage after another failure. The server may have said how long to wait.
    pub(super) fn after(before: Option<Self>, asked: Option<Duration>) -> Self {
        let probes = match before {
            Some(outage) if outage.next.is_none() || !outage.probing => return outage,
            Some(outage) => outage.probes + 1,
            None => 0,
        };
        let share = f64::from(u32::try_from(random_u64() >> 32).unwrap_or(u32::MAX));
        let wait = FIRST.saturating_mul(1 << probes.min(6)).min(LONGEST);
        let wait = wait.mul_f64(0.75 + 0.5 * share / f64::from(u32::MAX));
        let wait = wait.max(asked.unwrap_or_default().min(LONGEST_ASKED));
        Self {
            probes,
            next: Some(Instant::now() + wait),
            probing: false,
        }
    }

    pub(super) fn for_ever() -> Self {
        Self {
            probes: 0,
            next: None,
            probing: false,
        }
    }

    pub(super) fn is_for_ever(&self) -> bool {
        self.next.is_none()
    }

    /// Lets one caller ask the server if it is time for it, else says when it will be; nothing, if
    /// somebody asks already or nobody ever will.
    pub(super) fn probe(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        match self.next {
            Some(next) if !self.probing && next <= now => {
                self.probing = true;
                Ok(())
            }
            next => Err(next.filter(|_| !self.probing)),
        }
    }

    /// Gives the turn back.
    pub(super) fn nothing_to_probe_with(&mut self) {
        self.probing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_asked_by_one_lane_and_ever_less_often() {
        let mut outage = Outage::after(None, None);
        for least in [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000] {
            let now = Instant::now();
            let until = outage.probe(now).unwrap_err().unwrap();
            let wait = (until - now).as_millis();
            assert!(
                (least - 50..=least * 5 / 3 + 50).contains(&wait),
                "{least}: {wait}"
            );
            outage.probe(until).unwrap();
            assert_eq!(outage.probe(until), Err(None));
            outage = Outage::after(Some(outage), None);
        }
    }

    #[test]
    fn failures_of_other_lanes_change_nothing_and_patience_has_a_limit() {
        let asked = Duration::from_secs(7200);
        let now = Instant::now();
        let mut outage = Outage::after(Some(Outage::after(None, None)), Some(asked));
        assert!(outage.probe(now).unwrap_err().unwrap() < now + Duration::from_secs(5));
        let mut patient = Outage::after(None, Some(asked));
        let until = patient.probe(now).unwrap_err().unwrap();
        assert!(until > now + LONGEST && until <= Instant::now() + LONGEST_ASKED);
        assert_eq!(Outage::for_ever().probe(now + asked), Err(None));
    }
}
