//! The decoders alone: bytes in, facts out.

use rollout_core::provider::ResponseFacts;
use rollout_core::provider::sse::SseParser;
use rollout_tests::corpus::{Exception, Field, Interaction, Observed, Operation, Score, fields};
use serde_json::json;

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
fn legacy_completions_and_embeddings_yield_the_facts_that_they_must() {
    let mut score = Score::new("relatives of chat completions", &[]);
    for interaction in &super::relatives() {
        let observed = Observed::decoded(interaction);
        score.count_with(interaction, fields(interaction, &observed), not_told);
    }
    super::judge(&score);
}

/// Says why the texts of a legacy completion are not in the recording's facts.
fn not_told(field: &Field) -> Option<&'static str> {
    let (expected, got) = (&field.expected, &field.got);
    match field.name {
        "output_texts" if *expected == json!([]) => Some("told of chat completions alone"),
        "output_text" if expected == "" && got != "" => {
            Some("the SDK finds no text where a gateway answers with a chat completion")
        }
        _ => None,
    }
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
            for pattern in [
                &[1][..],
                &[7, 1, 64, 3],
                &[4096],
                &any_pattern(&interaction.id),
            ] {
                let pieces = in_pieces(interaction, pattern);
                let id = &interaction.id;
                assert_eq!(pieces, observed.facts, "{id} in pieces of {pattern:?}");
            }
        }
        if interaction.streaming {
            check_cut(interaction, &observed.facts);
        }
        score.count(interaction, fields(interaction, &observed));
    }
    super::judge(&score);
}

/// Returns lengths of pieces that are this interaction's own, and the same in each run.
fn any_pattern(id: &str) -> Vec<usize> {
    let seed = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let lengths = (0..32).map(|n| seed.rotate_left(n * 2) % 199 + 1);
    lengths.map(|length| length as usize).collect()
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

/// Of a stream that breaks off there is the beginning of what it would have yielded.
fn check_cut(interaction: &Interaction, whole: &ResponseFacts) {
    let (id, body) = (&interaction.id, &interaction.body);
    if interaction.operation == Operation::Chat && whole.texts.len() > 1 {
        // The first choice that comes need not be the first.
        return;
    }
    for eighth in 1..8 {
        let begun = &body[..body.len() * eighth / 8];
        let format = interaction.operation.wire_format();
        let (_, facts) = format.decode(Some(200), interaction.content_type(), begun);
        for (cut, whole) in facts.texts.iter().zip(&whole.texts) {
            let (cut, whole) = (cut.as_deref(), whole.as_deref());
            let is_begun = whole
                .unwrap_or_default()
                .starts_with(cut.unwrap_or_default());
            assert!(is_begun, "{id} {eighth}/8: {cut:?} of {whole:?}");
        }
        for (cut, whole) in facts.tool_calls.iter().zip(&whole.tool_calls) {
            assert_eq!(cut.id, whole.id, "{id} {eighth}/8");
            // Anthropic begins with an input that is empty.
            let is_begun = whole.arguments.starts_with(&cut.arguments) || cut.arguments == "{}";
            assert!(is_begun, "{id} {eighth}/8: {cut:?} of {whole:?}");
        }
        let lists = [
            (&facts.item_types, &whole.item_types),
            (&facts.refusals, &whole.refusals),
        ];
        for (cut, whole) in lists {
            assert!(
                cut.len() <= whole.len(),
                "{id} {eighth}/8: {cut:?} of {whole:?}"
            );
        }
        // Usage and the like may come after the end.
        let has_ended = facts.finish_reasons.iter().all(Option::is_some);
        assert!(!facts.complete || has_ended, "{id} {eighth}/8");
        assert!(facts.texts.len() <= whole.texts.len(), "{id} {eighth}/8");
        assert!(
            facts.tool_calls.len() <= whole.tool_calls.len(),
            "{id} {eighth}/8"
        );
    }
}
