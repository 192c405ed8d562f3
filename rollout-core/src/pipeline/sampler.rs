//! Which traces are kept. The decision follows from the trace's id, so that every process, and
//! every later feedback about the trace, decides alike, and nothing has to be remembered.

use std::hash::Hasher as _;

use crate::id::TraceId;

/// Returns whether a trace is kept at this rate.
pub(crate) fn keeps(rate: f64, trace: TraceId) -> bool {
    draws(rate, trace.lot())
}

/// Returns whether a trace known by the program's own id is kept at this rate.
pub(crate) fn keeps_external(rate: f64, id: &str) -> bool {
    // FNV-1a, as the standard library's hashers may differ between its versions.
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.write(id.as_bytes());
    // Its last byte moves the low bits only; spread it.
    draws(
        rate,
        hash.finish()
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(32),
    )
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of all lots; the last bits do not matter"
)]
fn draws(rate: f64, lot: u64) -> bool {
    rate >= 1.0 || lot < (rate * u64::MAX as f64) as u64
}

struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_share_of_traces_kept() {
        for (rate, expected) in [(0.0, 0_usize), (0.25, 2_500), (0.9, 9_000), (1.0, 10_000)] {
            let kept = (0..10_000)
                .filter(|_| keeps(rate, TraceId::random()))
                .count();
            assert!(kept.abs_diff(expected) < 300, "{kept} of 10000 at {rate}");
            let kept = (0..10_000)
                .filter(|n| keeps_external(rate, &format!("order-{n}")))
                .count();
            assert!(kept.abs_diff(expected) < 300, "{kept} of 10000 at {rate}");
        }
    }

    #[test]
    fn defect_59b_every_process_decides_alike() {
        let id = "trace_4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
            .parse()
            .unwrap();
        assert!(!keeps(0.18, id));
        assert!(keeps(0.95, id) && keeps(0.95, id));
    }
}
