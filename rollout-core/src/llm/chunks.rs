//! What a stream brings, between the thread that reads it and the worker that understands it.
//!
//! No push a chunk: they gather beside the queue, and the worker comes for them.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::clock::Tick;

/// A stream's chunks that the worker has not seen yet.
pub(crate) trait ChunkSource: Send + Sync {
    /// Hands over the chunks, oldest first, and says how many were lost for want of room.
    fn drain(&self, sink: &mut dyn FnMut(Tick, Chunk)) -> u64;
}

/// A piece of a stream.
#[derive(Debug)]
pub(crate) enum Chunk {
    /// An event, as JSON.
    Event(Value),
    /// Bytes from the wire, cut anywhere.
    Bytes(Bytes),
}

/// Chunks of a typed stream.
#[derive(Debug)]
pub(crate) struct TypedChunks<T> {
    waiting: Mutex<Waiting<Event<T>>>,
}

/// An event of a typed stream.
#[derive(Debug)]
pub(crate) enum Event<T> {
    Typed(T),
    /// One that the client's types have no room for, as it was on the wire.
    Text(String),
}

/// Frames of a body.
#[derive(Debug)]
pub(crate) struct Frames {
    waiting: Mutex<Waiting<Bytes>>,
    limit: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    chunks: Vec<(Tick, T)>,
    bytes: usize,
    lost: u64,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), bytes: 0, lost: 0 }
    }
}

/// How many chunks gather before the worker is called.
const MANY: usize = 512;
/// How many chunks may gather at all: only a worker that stands still lets it come to that.
const MOST: usize = 32 * 1024;

impl<T> TypedChunks<T> {
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::default() }
    }

    /// Adds a chunk, and says whether it is time to call the worker.
    pub(crate) fn push(&self, at: Tick, chunk: Event<T>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.chunks.len() >= MOST {
            waiting.lost += 1;
            return true;
        }
        waiting.chunks.push((at, chunk));
        waiting.chunks.len().is_multiple_of(MANY)
    }
}

impl<T: Serialize + Send> ChunkSource for TypedChunks<T> {
    fn drain(&self, sink: &mut dyn FnMut(Tick, Chunk)) -> u64 {
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut lost = waiting.lost;
        for (at, chunk) in waiting.chunks {
            let event = match chunk {
                Event::Typed(chunk) => serde_json::to_value(&chunk),
                Event::Text(text) => serde_json::from_str(&text),
            };
            match event {
                Ok(event) => sink(at, Chunk::Event(event)),
                Err(_) => lost += 1,
            }
        }
        lost
    }
}

impl Frames {
    /// Returns frames of which at most this many bytes are kept for the worker.
    pub(crate) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), limit }
    }

    /// Adds a frame, and says whether it is time to call the worker.
    pub(crate) fn push(&self, at: Tick, frame: Bytes) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.bytes + frame.len() > self.limit || waiting.chunks.len() >= MOST {
            waiting.lost += 1;
            return true;
        }
        waiting.bytes += frame.len();
        waiting.chunks.push((at, frame));
        waiting.chunks.len().is_multiple_of(MANY) || waiting.bytes * 2 > self.limit
    }
}

impl ChunkSource for Frames {
    fn drain(&self, sink: &mut dyn FnMut(Tick, Chunk)) -> u64 {
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for (at, frame) in waiting.chunks {
            sink(at, Chunk::Bytes(frame));
        }
        waiting.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_beyond_the_limit_are_counted_not_kept() {
        let frames = Frames::new(10);
        frames.push(Tick(1), Bytes::from_static(b"12345678"));
        assert!(frames.push(Tick(2), Bytes::from_static(b"90123")));
        let mut kept = Vec::new();
        let lost = frames.drain(&mut |at, chunk| kept.push((at, format!("{chunk:?}"))));
        assert_eq!((kept.len(), lost), (1, 1));
        assert_eq!(frames.drain(&mut |_, _| unreachable!()), 0);
    }
}
