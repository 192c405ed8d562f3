//! The ids of OpenTelemetry: those of ours where there are some, else made of whatever names the thing.

use sha2::{Digest, Sha256};

use crate::id::{SpanId, TraceId};

pub(crate) type TraceBytes = [u8; 16];
pub(crate) type SpanBytes = [u8; 8];

/// Returns the trace of this name; one that is no id of ours gets the bits of its hash, so that it is
/// the same in every process.
pub(crate) fn trace(name: &str) -> TraceBytes {
    match name.parse::<TraceId>() {
        Ok(id) if id.to_bytes() != [0; 16] => id.to_bytes(),
        _ => hash(&[name.as_bytes()]),
    }
}

pub(crate) fn span(name: &str) -> SpanBytes {
    match name.parse::<SpanId>() {
        Ok(id) => id.to_bytes(),
        Err(_) => hash(&[name.as_bytes()]),
    }
}

/// Returns the id of the span that a trace itself is. A trace that goes on in several processes has one
/// of these in each, which the span it was called from and the time tell apart.
pub(crate) fn root(trace: TraceBytes, parent: Option<SpanBytes>, started: u64) -> SpanBytes {
    match parent {
        None => hash(&[b"root", &trace]),
        Some(parent) => hash(&[b"root", &trace, &parent, &started.to_be_bytes()]),
    }
}

/// Returns an id for something within a trace that has a name of its own only.
pub(crate) fn within(trace: TraceBytes, name: &str) -> SpanBytes {
    hash(&[&trace, name.as_bytes()])
}

/// Returns the first bytes of the hash of these parts. They are never all zero, which would name
/// nothing.
fn hash<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut bytes = [0; N];
    for (byte, digest) in bytes.iter_mut().zip(sha.finalize()) {
        *byte = digest;
    }
    if let Some(last) = bytes.last_mut() {
        *last |= 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_ours_keep_their_bits() {
        let id = TraceId::from_bytes([7; 16]);
        assert_eq!(trace(&id.to_string()), [7; 16]);
        assert_eq!(trace(&id.to_hex()), [7; 16]);
        let id = SpanId::from_bytes([7; 8]).unwrap();
        assert_eq!(span(&id.to_string()), [7; 8]);
    }

    #[test]
    fn other_names_have_ids_too_and_always_the_same() {
        assert_eq!(trace("request-1"), trace("request-1"));
        assert_ne!(trace("request-1"), trace("request-2"));
        assert_ne!(span("step"), [0; 8]);
        let (here, there) = (root([1; 16], None, 5), root([1; 16], Some([2; 8]), 5));
        assert_ne!(here, there);
        assert_eq!(here, root([1; 16], None, 6));
    }
}
