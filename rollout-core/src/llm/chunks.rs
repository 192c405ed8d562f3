//! What a stream brings, between the thread that reads it and the worker that understands it.
//!
//! No push a chunk: they gather beside the queue, and the worker comes for them.

use std::sync::atomic::{AtomicBool, Ordering};
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

/// Frames of a body, where somebody looks at the wire.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    open: AtomicBool,
    waiting: Mutex<Waiting<Bytes>>,
}

#[derive(Debug)]
struct Waiting<T> {
    /// Most bodies are a single frame, which needs no list.
    first: Option<(Tick, T)>,
    rest: Vec<(Tick, T)>,
    bytes: usize,
    lost: u64,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: Vec::new(),
            bytes: 0,
            lost: 0,
        }
    }
}

/// How many chunks gather before the worker is called.
const MANY: usize = 512;
/// How many chunks may gather at all: only a worker that stands still lets it come to that.
const MOST: usize = 32 * 1024;
/// How many bytes of one body may gather. What is beyond is passed on and not kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;

impl<T> Waiting<T> {
    /// Adds a chunk, and says whether it is time to call the worker.
    fn push(&mut self, at: Tick, chunk: T, bytes: usize) -> bool {
        if self.rest.len() >= MOST || self.bytes + bytes > MOST_BYTES {
            self.lost += 1;
            return true;
        }
        self.bytes += bytes;
        if self.first.is_none() {
            self.first = Some((at, chunk));
            return false;
        }
        self.rest.push((at, chunk));
        self.rest.len().is_multiple_of(MANY) || self.bytes * 2 > MOST_BYTES
    }

    fn into_chunks(self) -> impl Iterator<Item = (Tick, T)> {
        self.first.into_iter().chain(self.rest)
    }
}

fn take<T>(waiting: &Mutex<Waiting<T>>) -> Waiting<T> {
    std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner))
}

impl<T> TypedChunks<T> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
        }
    }

    /// Adds a chunk, and says whether it is time to call the worker.
    pub(crate) fn push(&self, at: Tick, chunk: Event<T>) -> bool {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(at, chunk, 0)
    }
}

impl<T: Serialize + Send> ChunkSource for TypedChunks<T> {
    fn drain(&self, sink: &mut dyn FnMut(Tick, Chunk)) -> u64 {
        let waiting = take(&self.waiting);
        let mut lost = waiting.lost;
        for (at, chunk) in waiting.into_chunks() {
            let event = match chunk {
                // By way of the text: as a `Value` an `f32` of 0.7 becomes 0.699999988079071.
                Event::Typed(chunk) => {
                    serde_json::to_vec(&chunk).and_then(|text| serde_json::from_slice(&text))
                }
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
    /// Makes the caller the one who looks at the wire; false if somebody does already.
    pub(crate) fn open(&self) -> bool {
        !self.open.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Adds a frame, and says whether it is time to call the worker.
    pub(crate) fn push(&self, at: Tick, frame: Bytes) -> bool {
        let bytes = frame.len();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(at, frame, bytes)
    }
}

impl ChunkSource for Frames {
    fn drain(&self, sink: &mut dyn FnMut(Tick, Chunk)) -> u64 {
        let waiting = take(&self.waiting);
        let lost = waiting.lost;
        for (at, frame) in waiting.into_chunks() {
            sink(at, Chunk::Bytes(frame));
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_beyond_the_limit_are_counted_not_kept() {
        let frames = Frames::default();
        let half = Bytes::from(vec![b'x'; MOST_BYTES / 2 + 1]);
        assert!(!frames.push(Tick(1), half.clone()));
        assert!(frames.push(Tick(2), half));
        let mut kept = Vec::new();
        let lost = frames.drain(&mut |at, _| kept.push(at));
        assert_eq!((kept, lost), (vec![Tick(1)], 1));
        assert_eq!(frames.drain(&mut |_, _| unreachable!()), 0);
    }
}
