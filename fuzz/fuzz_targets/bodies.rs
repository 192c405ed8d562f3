//! Whatever a provider, or something before it, answers and a client sends.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout_core::{WireFormat, usage_from_anthropic, usage_from_openai};

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let status = [None, Some(200), Some(400), Some(529)][usize::from(choice % 4)];
    let kind = [
        None,
        Some("application/json"),
        Some("text/event-stream"),
        Some("text/html"),
    ][usize::from(choice / 4 % 4)];
    for format in [
        WireFormat::OpenAiChat,
        WireFormat::OpenAiResponses,
        WireFormat::AnthropicMessages,
    ] {
        let _ = format.decode(status, kind, body);
        if let Ok(json) = serde_json::from_slice(body) {
            let _ = format.request(&json);
            let _ = usage_from_openai(&json);
            let _ = usage_from_anthropic(&json);
        }
    }
});
