//! What has begun and not ended. The segments that tell of it are kept, delivered or not: should the
//! process be killed, the next one ends it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// More than this is not kept track of: a program whose hooks drop all ends would open ever more.
const MOST: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Opens {
    /// By trace and span, the trace itself having none.
    open: HashMap<(u64, u64), Signs>,
    /// How often each segment is needed.
    needed: HashMap<u32, usize>,
    /// Segments that are not needed any more.
    released: Vec<u32>,
}

/// The segments with the first and with the latest sign of something.
#[derive(Debug)]
struct Signs {
    first: u32,
    /// The line of the first one.
    line: u32,
    latest: u32,
}

impl Opens {
    pub(super) fn begin(&mut self, trace: &str, span: Option<&str>, (segment, line): (u32, u32)) {
        if self.open.len() >= MOST {
            return;
        }
        self.end(trace, span);
        let signs = Signs {
            first: segment,
            line,
            latest: segment,
        };
        self.open.insert(key(trace, span), signs);
        *self.needed.entry(segment).or_default() += 2;
    }

    /// Notes a later sign of something that is open.
    pub(super) fn go_on(&mut self, trace: &str, span: Option<&str>, segment: u32) {
        if let Some(signs) = self.open.get_mut(&key(trace, span))
            && signs.latest != segment
        {
            let before = std::mem::replace(&mut signs.latest, segment);
            *self.needed.entry(segment).or_default() += 1;
            self.release(before);
        }
    }

    /// Returns the segment and the line in which it began.
    pub(super) fn end(&mut self, trace: &str, span: Option<&str>) -> Option<(u32, u32)> {
        let signs = self.open.remove(&key(trace, span))?;
        self.release(signs.first);
        self.release(signs.latest);
        Some((signs.first, signs.line))
    }

    pub(super) fn need(&self, segment: u32) -> bool {
        self.needed.contains_key(&segment)
    }

    /// Returns the segments that are not needed any more, each once.
    pub(super) fn take_released(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.released)
    }

    fn release(&mut self, segment: u32) {
        let Some(times) = self.needed.get_mut(&segment) else {
            return;
        };
        *times -= 1;
        if *times == 0 {
            self.needed.remove(&segment);
            self.released.push(segment);
        }
    }
}

fn key(trace: &str, span: Option<&str>) -> (u64, u64) {
    (hash(Some(trace)), hash(span))
}

/// Returns a number for an id, the same in each process.
pub(super) fn hash(id: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_needed_while_something_in_it_is_open() {
        let mut opens = Opens::default();
        opens.begin("t", None, (1, 0));
        opens.begin("t", Some("s"), (1, 7));
        opens.go_on("t", Some("s"), 2);
        opens.go_on("t", None, 3);
        assert!(opens.need(1) && opens.need(2) && opens.need(3));
        opens.go_on("t", Some("s"), 3);
        assert_eq!(opens.take_released(), [2]);
        assert_eq!(opens.end("t", Some("s")), Some((1, 7)));
        assert_eq!(opens.take_released(), [0; 0]);
        opens.end("t", None);
        assert_eq!(opens.take_released(), [1, 3]);
        opens.end("t", None);
        opens.go_on("t", None, 4);
        assert!(opens.needed.is_empty() && opens.open.is_empty() && opens.released.is_empty());
    }

    #[test]
    fn what_never_ends_is_not_remembered_without_end() {
        let mut opens = Opens::default();
        for n in 0..MOST + 10 {
            opens.begin(&n.to_string(), None, (1, 0));
        }
        assert_eq!(opens.open.len(), MOST);
    }
}
