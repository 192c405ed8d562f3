//! The decoders alone: bytes in, facts out.

use rollout_core::provider::ResponseFacts;
use rollout_core::provider::sse::SseParser;
use rollout_tests::corpus::{Exception, Interaction, Observed, Score, fields};

/// Facts that the recording does not know by the way it was made, one by one.
pub(super) const NOT_OURS: &[Exception] = &[
    Exception {
        id: "mistral-chat-882d0cb8cff94225",
        field: "output_text",
        reason: "the SDK's accumulator gave up on content that is a list of parts, and the facts \
                 were then joined of contents that are texts: the answer `2 + 2 = 4` is on the wire",
    },
    Exception {
        id: "openrouter-chat-9edf24eab2f3601c",
        field: "reasoning_text",
        reason: "the SDK's accumulator gave up on `reasoning_details`, and the facts were then \
                 joined of `content` alone: `reasoning` is on the wire",
    },
];

#[test]
fn recorded_traffic_yields_the_facts_that_it_must() {
    judge(&super::recorded());
}

#[test]
fn handwritten_interactions_yield_the_facts_that_they_must() {
    judge(&super::handwritten());
}

fn judge(interactions: &[Interaction]) {
    let mut score = Score::new("decoders", NOT_OURS);
    for interaction in interactions {
        let observed = Observed::decoded(interaction);
        if interaction.streaming {
            // However the bytes come, the facts are the same.
            for pattern in [&[1][..], &[7, 1, 64, 3], &[4096]] {
                let pieces = in_pieces(interaction, pattern);
                let id = &interaction.id;
                assert_eq!(pieces, observed.facts, "{id} in pieces of {pattern:?}");
            }
        }
        score.count(interaction, fields(interaction, &observed));
    }
    super::judge(&score);
}

fn in_pieces(interaction: &Interaction, pattern: &[usize]) -> ResponseFacts {
    let mut parser = SseParser::new();
    let mut assembler = interaction.operation.wire_format().assembler();
    let mut rest = interaction.body.as_slice();
    for length in pattern.iter().cycle() {
        let (piece, others) = rest.split_at(rest.len().min(*length));
        for event in parser.push(piece) {
            assembler.push_event(&event);
        }
        rest = others;
        if rest.is_empty() {
            break;
        }
    }
    for event in parser.finish() {
        assembler.push_event(&event);
    }
    assert_eq!(parser.dropped(), 0);
    let (_, mut facts) = assembler.finish();
    if let Some(error) = &mut facts.error {
        error.status = error.status.or(Some(interaction.status));
    }
    facts
}
