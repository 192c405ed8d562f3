//! The chunks of a stream that are told one by one, each once all of its text is certain.

use std::collections::VecDeque;

use super::Sign;
use crate::clock::Tick;

#[derive(Debug, Default)]
pub(super) struct Chunks(VecDeque<Chunk>);

#[derive(Debug)]
struct Chunk {
    at: Tick,
    index: u64,
    /// How many bytes of it are still to come.
    missing: usize,
    text: String,
}

impl Chunks {
    /// Notes that a chunk of so many bytes has come.
    pub(super) fn begin(&mut self, at: Tick, index: u64, bytes: usize) {
        self.0.push_back(Chunk {
            at,
            index,
            missing: bytes,
            text: String::new(),
        });
    }

    /// Adds text that stands for so many bytes of what came, and tells the chunks that are whole. What
    /// stands for bytes of several chunks belongs to the first.
    pub(super) fn add(&mut self, text: &str, mut bytes: usize, tell: &mut dyn FnMut(Sign)) {
        // What is shown as it came can be taken apart; what stands for something else can not.
        let is_verbatim = text.len() == bytes;
        let mut text = text;
        while let Some(chunk) = self.0.front_mut() {
            let taken = chunk.missing.min(bytes);
            let length = if is_verbatim { taken } else { text.len() };
            let (head, rest) = text.split_at_checked(length).unwrap_or((text, ""));
            chunk.text.push_str(head);
            text = rest;
            chunk.missing -= taken;
            bytes -= taken;
            if chunk.missing > 0 {
                return;
            }
            if let Some(Chunk {
                at, index, text, ..
            }) = self.0.pop_front()
            {
                tell(Sign::Chunk { at, index, text });
            }
        }
    }
}
