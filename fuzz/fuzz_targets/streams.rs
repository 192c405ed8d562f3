//! A stream of any family, whole and in pieces: the facts are the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout_core::WireFormat;
use rollout_core::provider::sse::SseParser;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let format = match choice % 3 {
        0 => WireFormat::OpenAiChat,
        1 => WireFormat::OpenAiResponses,
        _ => WireFormat::AnthropicMessages,
    };
    let read = |piece: usize| {
        let (mut parser, mut assembler) = (SseParser::new(), format.assembler());
        for bytes in body.chunks(piece.max(1)) {
            for event in parser.push(bytes) {
                assembler.push_event(&event);
            }
        }
        for event in parser.finish() {
            assembler.push_event(&event);
        }
        assembler.finish()
    };
    let whole = read(body.len());
    for piece in [1, 2, usize::from(choice / 3).max(3)] {
        assert_eq!(read(piece), whole);
    }
});
