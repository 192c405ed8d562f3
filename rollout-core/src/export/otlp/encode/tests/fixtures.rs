//! Programs, and what was recorded of them.

use serde_json::{Value, json};

use super::agents::{agent_in_agent, search, supervisor};
use crate::protocol::Event;
use crate::testing::{Recording, record_with};
use crate::{CallOptions, Failure, LlmCall, Payload, Scope, WireFormat, WrapOptions};

type Recorded = fn() -> Vec<Event>;

/// Recordings by name.
pub(crate) const FIXTURES: &[(&str, Recorded)] = &[
    ("chat", chat),
    ("chat-stream", chat_stream),
    ("chat-cut", chat_cut),
    ("chat-error", chat_error),
    ("chat-cancelled", chat_cancelled),
    ("responses-tools", responses_tools),
    ("anthropic-cache", anthropic_cache),
    ("image", image),
    ("agent-with-tools", agent_with_tools),
    ("agent-in-agent", agent_in_agent),
    ("search", search),
    ("supervisor", supervisor),
    ("notes", notes),
    ("by-hand", by_hand),
    ("unfinished", unfinished),
];

pub(super) fn record(program: impl FnOnce(&Recording)) -> Vec<Event> {
    let recording = record_with(|builder| {
        builder
            .agent_version("3")
            .environment("test")
            .service_name("shop")
            .release("1.2")
    });
    recording.in_scope(|| program(&recording));
    recording.events()
}

fn call(recording: &Recording, format: WireFormat, request: Value) -> LlmCall {
    let scope = Scope::of(recording.client(), WrapOptions::new());
    LlmCall::start(&scope, CallOptions::new(format), || Payload::value(request))
}

fn chat() -> Vec<Event> {
    record(|recording| {
        let request = json!({
            "model": "gpt-4.1-mini", "temperature": 0, "max_completion_tokens": 50, "seed": 7,
            "stop": "END", "user": "u1",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Where is order 1042?"}]},
            ],
        });
        let call = call(recording, WireFormat::OpenAiChat, request);
        call.respond(|| {
            Payload::value(json!({
                "id": "chatcmpl-1", "model": "gpt-4.1-mini-2025-04-14", "service_tier": "default",
                "choices": [{"index": 0, "finish_reason": "stop", "message": {
                    "role": "assistant", "content": "In transit.", "refusal": null,
                }}],
                "usage": {
                    "prompt_tokens": 60, "completion_tokens": 19, "total_tokens": 79,
                    "prompt_tokens_details": {"cached_tokens": 32, "audio_tokens": 0},
                    "completion_tokens_details": {"reasoning_tokens": 8},
                },
            }))
        });
    })
}

fn chat_stream() -> Vec<Event> {
    record(|recording| {
        let request = json!({
            "model": "gpt-4.1-mini", "stream": true,
            "messages": [{"role": "user", "content": "Count to two."}],
        });
        let scope = Scope::of(recording.client(), WrapOptions::new());
        let options = CallOptions::new(WireFormat::OpenAiChat).streaming(true);
        let call = LlmCall::start(&scope, options, || Payload::value(request));
        let mut tap = call.stream::<Value>();
        for chunk in [
            json!({"id": "chatcmpl-2", "model": "gpt-4.1-mini", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "One, "}}]}),
            json!({"id": "chatcmpl-2", "model": "gpt-4.1-mini", "choices": [{"index": 0, "delta": {"content": "two."}, "finish_reason": "stop"}]}),
            json!({"id": "chatcmpl-2", "model": "gpt-4.1-mini", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}}),
        ] {
            tap.push(chunk);
        }
        tap.finish();
    })
}

/// The connection ends, and nobody says that anything is wrong.
fn chat_cut() -> Vec<Event> {
    record(|recording| {
        let request = json!({
            "model": "gpt-4.1-mini", "stream": true,
            "messages": [{"role": "user", "content": "Count to two."}],
        });
        let scope = Scope::of(recording.client(), WrapOptions::new());
        let options = CallOptions::new(WireFormat::OpenAiChat).streaming(true);
        let call = LlmCall::start(&scope, options, || Payload::value(request));
        let mut tap = call.stream::<Value>();
        tap.push(
            json!({"id": "chatcmpl-3", "model": "gpt-4.1-mini", "choices": [
                {"index": 0, "delta": {"role": "assistant", "content": "One, "}},
            ]}),
        );
        tap.finish();
    })
}

fn chat_error() -> Vec<Event> {
    record(|recording| {
        let request = json!({"model": "gpt-9", "messages": [{"role": "user", "content": "hi"}]});
        let call = call(recording, WireFormat::OpenAiChat, request);
        let body = json!({"error": {
            "message": "The model `gpt-9` does not exist", "type": "invalid_request_error",
            "code": "model_not_found", "param": null,
        }});
        let failure = || Failure::new(&std::io::Error::other("the model does not exist"));
        call.fail_with_body(failure, Payload::value(body));
    })
}

fn chat_cancelled() -> Vec<Event> {
    record(|recording| {
        let request =
            json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]});
        drop(call(recording, WireFormat::OpenAiChat, request));
    })
}

fn responses_tools() -> Vec<Event> {
    record(|recording| {
        let request = json!({
            "model": "gpt-5", "instructions": "Help.", "reasoning": {"effort": "low"},
            "previous_response_id": "resp_0", "max_output_tokens": 100,
            "input": [
                {"role": "user", "content": "Weather in Oslo and the news?"},
                {"type": "function_call", "call_id": "c0", "name": "clock", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c0", "output": "{\"hour\": 9}"},
            ],
            "tools": [
                {"type": "function", "name": "weather", "parameters": {"type": "object"}},
                {"type": "web_search"},
            ],
        });
        let call = call(recording, WireFormat::OpenAiResponses, request);
        call.respond(|| Payload::value(json!({
            "id": "resp_1", "model": "gpt-5-2025-08-07", "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Ask for it."}]},
                {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "news"}},
                {"type": "function_call", "id": "fc", "call_id": "c1", "name": "weather", "arguments": "{\"city\":\"Oslo\"}", "status": "completed"},
            ],
            "usage": {
                "input_tokens": 95, "output_tokens": 40, "total_tokens": 135,
                "input_tokens_details": {"cached_tokens": 64},
                "output_tokens_details": {"reasoning_tokens": 31},
            },
        })));
    })
}

fn anthropic_cache() -> Vec<Event> {
    record(|recording| {
        let request = json!({
            "model": "claude-sonnet-4-5", "max_tokens": 100, "top_k": 5,
            "system": [{"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}],
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Ask.", "signature": "s"},
                    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "4 degrees"}]},
                ]},
            ],
        });
        let call = call(recording, WireFormat::AnthropicMessages, request);
        call.respond(|| Payload::value(json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
            "content": [{"type": "text", "text": "It is 4 degrees."}], "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 10, "output_tokens": 12, "cache_read_input_tokens": 200,
                "cache_creation_input_tokens": 30,
                "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
            },
        })));
    })
}

fn image() -> Vec<Event> {
    record(|recording| {
        let data = format!("/9j/{}", "a1B2".repeat(400));
        let request = json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": format!("data:image/jpeg;base64,{data}")}},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ]}]});
        let call = call(recording, WireFormat::OpenAiChat, request);
        call.respond(|| Payload::value(json!({"choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A cat."}},
        ]})));
    })
}

fn agent_with_tools() -> Vec<Event> {
    record(|recording| {
        let trace = crate::trace("support")
            .user_id("u1")
            .session_id("s1")
            .conversation_id("c1");
        let mut trace = trace
            .attribute("channel", "mail")
            .input(&json!({"question": "Where?"}))
            .start();
        let active = trace.enter();
        let request =
            json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Where?"}]});
        call(recording, WireFormat::OpenAiChat, request).respond(|| Payload::value(json!({
            "id": "chatcmpl-1", "model": "gpt-4.1-mini", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
                "role": "assistant", "content": null, "tool_calls": [{
                    "id": "call_1", "type": "function",
                    "function": {"name": "lookup", "arguments": "{\"number\":1042}"},
                }],
            }}],
            "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
        })));
        let mut tool = crate::tool("lookup")
            .tool_call_id("call_1")
            .input(&json!({"number": 1042}))
            .start();
        tool.record_output(&json!({"place": "in transit"}));
        tool.end();
        let mut tool = crate::tool("refund").input(&json!({"number": 1})).start();
        tool.record_error(&std::io::Error::other("there is no order 1"));
        tool.end();
        let mut step = crate::span("retrieval")
            .name("manual")
            .input(&"returns")
            .start();
        step.record_output(&["page 7"]);
        step.end();
        drop(active);
        trace.record_output(&"In transit.");
        trace.end();
    })
}

fn notes() -> Vec<Event> {
    record(|_| {
        let trace = crate::trace("support").external_trace_id("req-1").start();
        let id = trace.id().unwrap();
        trace.message("user", "hello").id("m1").record();
        trace
            .feedback("csat", 5)
            .attribute("comment", "quick")
            .record();
        trace.signal("clicked", "link").record();
        trace.end();
        crate::feedback("thumbs_up", true).trace_id(id).record();
        crate::feedback("late", "good")
            .external_trace_id("req-1")
            .record();
    })
}

fn by_hand() -> Vec<Event> {
    record(|_| {
        let trace = crate::trace("job").start();
        let mut call = trace.llm("ask").start();
        call.set_model("mistral", "mistral-large");
        call.record_input(&json!([{"role": "user", "content": "hi"}]));
        call.record_output("hello");
        call.set_usage(crate::provider::usage_from_openai(
            &json!({"prompt_tokens": 3, "completion_tokens": 2}),
        ));
        call.end();
        let mut span = trace.span("task").name("resize").start();
        span.set_attribute("width", 640);
        span.end();
        trace.end();
    })
}

fn unfinished() -> Vec<Event> {
    let mut events = agent_with_tools();
    events.truncate(3);
    events
}
