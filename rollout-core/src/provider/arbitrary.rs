//! Decoders take whatever comes: JSON of any shape made of words that they know, cut streams, noise.

use serde_json::{Map, Value, json};

use super::{Assembler, ResponseFacts, WireFormat, json, usage_from_anthropic, usage_from_openai};

const FORMATS: [WireFormat; 3] = [
    WireFormat::OpenAiChat,
    WireFormat::OpenAiResponses,
    WireFormat::AnthropicMessages,
];

/// Words that decoders look for, as keys and as values.
const WORDS: &str = "type choices delta message content tool_calls function custom arguments input \
    index id name usage response output item item_id output_index content_index summary_index part \
    summary text refusal reasoning reasoning_content reasoning_details thinking partial_json \
    content_block stop_reason finish_reason logprobs audio function_call error code status \
    annotation citation object role model x_groq prompt_tokens prompt_tokens_details cached_tokens \
    signature data transcript incomplete_details reason tool_use text_delta input_json_delta \
    message_start message_delta message_stop content_block_start content_block_delta completed \
    response.created response.completed response.failed response.output_item.added \
    response.output_item.done response.content_part.added response.output_text.delta \
    response.output_text.done response.output_text.annotation.added response.refusal.delta \
    response.reasoning_summary_text.delta response.function_call_arguments.delta output_text \
    custom_tool_call reasoning_text summary_text cost total_cost tools stop temperature stream \
    response.shell_call_command.delta response.shell_call_command.done command command_index action \
    commands response.apply_patch_call_operation_diff.delta operation diff failed fallback to";

/// A small deterministic source of noise (xorshift).
struct Noise {
    state: u64,
    words: Vec<&'static str>,
}

impl Noise {
    fn new(state: u64) -> Self {
        Self {
            state,
            words: WORDS.split_whitespace().collect(),
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap() % limit
    }

    fn word(&mut self) -> &'static str {
        let word = self.below(self.words.len());
        self.words[word]
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 12 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(4)),
            3 => [json!(-1), json!(u64::MAX), json!(1.5), json!("3")][self.below(4)].clone(),
            4 | 5 => json!(self.word()),
            6 | 7 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let members =
                    (0..self.below(6)).map(|_| (self.word().to_owned(), self.value(depth - 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// Returns an event of a known type with members of any kind.
    fn event(&mut self) -> Value {
        let mut event = self.value(4);
        if let Some(event) = event.as_object_mut() {
            event.insert("type".to_owned(), self.word().into());
        }
        event
    }
}

#[test]
fn arbitrary_values_are_decoded_without_harm() {
    let mut noise = Noise::new(0x9e37_79b9_7f4a_7c15);
    for _ in 0..10_000 {
        let value = noise.value(5);
        for format in FORMATS {
            format.request(&value);
            format.response(Some(200), &value);
            format.response(Some(500), &value);
        }
        usage_from_openai(&value);
        usage_from_anthropic(&value);
    }
}

#[test]
fn arbitrary_events_are_assembled_without_harm() {
    let mut noise = Noise::new(0x2545_f491_4f6c_dd1d);
    for _ in 0..1000 {
        for format in FORMATS {
            let mut assembler = format.assembler();
            for _ in 0..20 {
                let name = noise.word();
                let event = noise.event();
                assembler.push(
                    Some(name).filter(|name| name.starts_with("response")),
                    &event,
                );
            }
            let (response, facts) = assembler.finish();
            // What was assembled reads like any other response.
            let read = format.response(None, &response);
            assert_eq!(read.texts, facts.texts, "{response}");
        }
    }
}

#[test]
fn a_stream_may_end_anywhere() {
    let chat: Vec<_> = ["a", "b", "ü", "d"]
        .iter()
        .map(|text| json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string())
        .collect();
    let body = format!("data: {}\n\ndata: [DONE]\n\n", chat.join("\n\ndata: "));
    for end in 0..=body.len() {
        let (_, facts) = decoded(&body.as_bytes()[..end]);
        let text = facts.texts.concat_text();
        assert!("abüd".starts_with(&text), "{text}");
        assert!(!facts.complete || text == "abüd");
    }
}

#[test]
fn noise_in_a_body_does_no_harm() {
    let mut noise = Noise::new(0xda94_2042_e4dd_58b5);
    for _ in 0..1000 {
        let lines = (0..noise.below(6)).map(|_| {
            let start = ["data: ", "event: ", "", ": ", "{", "\u{feff}data:"][noise.below(6)];
            let end = ["\n", "\r\n\r\n", "\n\n", "\r"][noise.below(4)];
            format!("{start}{}{end}", noise.event())
        });
        let body: String = lines.collect();
        let mut body = body.into_bytes();
        if !body.is_empty() {
            let place = noise.below(body.len());
            body[place] = 0xc3;
        }
        decoded(&body);
        json::parse(&body);
    }
}

fn decoded(body: &[u8]) -> (Value, ResponseFacts) {
    WireFormat::OpenAiChat.decode(Some(200), Some("text/event-stream"), body)
}

trait ConcatText {
    fn concat_text(&self) -> String;
}

impl ConcatText for Vec<Option<String>> {
    fn concat_text(&self) -> String {
        self.iter().flatten().map(String::as_str).collect()
    }
}

/// The parts of a span's worker that hold assemblers move between threads.
#[test]
fn assemblers_can_be_sent() {
    fn sendable<T: Send + Sync>() {}
    sendable::<Assembler>();
}
