//! Identity: which trace, which span, which event.

mod source;

pub(crate) use source::Ids;

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

/// Names a trace: 128 bits, of which 122 are random.
///
/// The same bits name the run in Rollout (`trace_` and a UUID) and in OpenTelemetry (32 hexadecimal
/// digits), so an id found in one system finds the run in the other.
///
/// ```
/// use rollout_core::TraceId;
///
/// let id: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(id.to_string(), "trace_4bf92f35-77b3-4da6-a3ce-929d0e0e4736");
/// assert_eq!(id.to_string().parse::<TraceId>()?, id);
/// # Ok::<(), rollout_core::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(u128);

/// Names a span within its trace: 64 random bits, never zero.
///
/// ```
/// use rollout_core::SpanId;
///
/// let id: SpanId = "00f067aa0ba902b7".parse()?;
/// assert_eq!(id.to_string(), "span_00f067aa0ba902b7");
/// # Ok::<(), rollout_core::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(u64);

/// Names an event, once and for all its retries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId(u128);

/// The text is no id of this kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}: expected {expected}")]
pub struct ParseIdError {
    text: String,
    kind: &'static str,
    expected: &'static str,
}

impl TraceId {
    /// Returns a fresh id.
    pub fn random() -> Self {
        Self(uuid_v4())
    }

    /// Returns the id made of these bytes, in network order.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Returns the bytes of the id, in network order.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Returns the 32 hexadecimal digits that OpenTelemetry knows the trace by.
    pub fn to_hex(self) -> String {
        format!("{:032x}", self.0)
    }

    /// Returns the id of the span that stands for the trace itself, where systems know spans only: its
    /// low half.
    pub fn root_span(self) -> SpanId {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low half is what is wanted"
        )]
        let low = self.0 as u64;
        SpanId(low.max(1))
    }

    /// Returns a number that is spread evenly over all traces, for decisions that every process
    /// has to take alike.
    pub(crate) fn lot(self) -> u64 {
        // The version and variant bits sit in the middle; the ends are random.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low half is what is wanted"
        )]
        let low = self.0 as u64;
        splitmix(low ^ splitmix((self.0 >> 64) as u64))
    }
}

impl SpanId {
    /// Returns a fresh id.
    pub fn random() -> Self {
        Self(random_u64().max(1))
    }

    /// Returns the id made of these bytes, in network order; `None` for zero, which names nothing.
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        match u64::from_be_bytes(bytes) {
            0 => None,
            id => Some(Self(id)),
        }
    }

    /// Returns the bytes of the id, in network order.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Returns the 16 hexadecimal digits that OpenTelemetry knows the span by.
    pub fn to_hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

impl EventId {
    /// Returns a fresh id.
    pub fn random() -> Self {
        Self(uuid_v4())
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("trace_")?;
        write_uuid(f, self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "span_{:016x}", self.0)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("evt_")?;
        write_uuid(f, self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! serde {
    ($($id:ident)*) => {$(
        /// As the text that it is shown as.
        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        /// From any text that it can be parsed from.
        impl<'de> serde::Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde!(TraceId SpanId);

impl FromStr for TraceId {
    type Err = ParseIdError;

    /// Reads `trace_` and a UUID, a bare UUID, or 32 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex_digits(text.strip_prefix("trace_").unwrap_or(text), 32)
            .and_then(|digits| u128::from_str_radix(&digits, 16).ok())
            .map(Self)
            .ok_or_else(|| ParseIdError {
                text: text.to_owned(),
                kind: "trace id",
                expected: "`trace_` and a UUID, or 32 hexadecimal digits",
            })
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    /// Reads `span_` and 16 hexadecimal digits, or the digits alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex_digits(text.strip_prefix("span_").unwrap_or(text), 16)
            .and_then(|digits| u64::from_str_radix(&digits, 16).ok())
            .filter(|id| *id != 0)
            .map(Self)
            .ok_or_else(|| ParseIdError {
                text: text.to_owned(),
                kind: "span id",
                expected: "16 hexadecimal digits, not all zero",
            })
    }
}

/// Returns the digits without dashes if there are exactly `count`, all hexadecimal.
fn hex_digits(text: &str, count: usize) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    (digits.len() == count && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}

/// Writes the bits in the form of a UUID.
pub(crate) fn write_uuid(f: &mut impl fmt::Write, bits: u128) -> fmt::Result {
    write!(
        f,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xffff,
        (bits >> 48) & 0xffff,
        bits & 0xffff_ffff_ffff,
    )
}

/// Returns the bits of a random UUID (version 4).
pub(crate) fn uuid_v4() -> u128 {
    uuid_v4_from(u128::from(random_u64()) << 64 | u128::from(random_u64()))
}

/// Returns bits as those of a UUID of the form of version 4.
pub(crate) fn uuid_v4_from(bits: u128) -> u128 {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    bits & !VERSION & !VARIANT | 0x4 << 76 | 0b10 << 62
}

thread_local! {
    /// State of this thread's xoroshiro128++. Its 128 bits keep the sequences of any number of
    /// threads and processes apart, which a generator with 64 bits of state would not.
    static RANDOM: Cell<[u64; 2]> = Cell::new(seed());
}

/// Returns 128 bits from the operating system, by way of the keys that `HashMap` uses.
fn seed() -> [u64; 2] {
    let keys = RandomState::new();
    [keys.hash_one(0u8), keys.hash_one(1u8) | 1]
}

/// Returns 64 random bits. Not for secrets.
pub(crate) fn random_u64() -> u64 {
    // A thread that is being torn down has no state left, but may still record.
    let [a, mut b] = RANDOM.try_with(Cell::get).unwrap_or_else(|_| seed());
    let result = a.wrapping_add(b).rotate_left(17).wrapping_add(a);
    b ^= a;
    let _ = RANDOM.try_with(|state| {
        state.set([a.rotate_left(49) ^ b ^ (b << 21), b.rotate_left(28)]);
    });
    result
}

/// Spreads the bits of a number evenly.
fn splitmix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests;
