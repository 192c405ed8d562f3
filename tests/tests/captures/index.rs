//! Which test shows which capture.

use std::collections::BTreeSet;
use std::path::Path;

use super::capture::folder;

/// Who shows a capture.
enum Shown {
    /// The test that runs the same program.
    By(&'static str),
    /// Nobody, for this reason.
    Not(&'static str),
}
use Shown::{By, Not};

/// Each capture.
const INDEX: &[(&str, Shown)] = &[
    ("01-check", By("check::a_server_that_is_well")),
    ("02-check-failures", By("check::servers_that_refuse")),
    (
        "03-manual-trace-llm-span",
        By("manual::a_call_told_by_hand"),
    ),
    ("04-manual-stream-span", By("manual::a_stream_told_by_hand")),
    ("05-messages", By("manual::messages_of_every_form")),
    (
        "06-spans-and-tasks-nested",
        By("manual::spans_and_tasks_one_inside_the_other"),
    ),
    (
        "07-span-error",
        By("manual::an_error_leaves_a_span_and_its_trace"),
    ),
    ("08-agent-sync-and-async", By("agents::sync_and_async")),
    ("09-agent-error", By("agents::errors_and_cancellation")),
    (
        "10-agent-capture-off",
        By("agents::without_what_goes_in_and_comes_out"),
    ),
    (
        "11-agent-inside-agent",
        By("agents::an_agent_inside_an_agent"),
    ),
    ("12-tools-decorators", By("tools::functions_with_options")),
    (
        "13-tools-nested-in-spans",
        By("tools::tools_inside_of_tools"),
    ),
    ("14-tools-errors", By("tools::a_tool_that_fails")),
    ("15-tools-wrap-registry", By("tools::tools_from_a_registry")),
    (
        "16-tools-linked-to-llm-call",
        By("tools::tools_that_the_model_asked_for"),
    ),
    ("17-identity", By("records::users")),
    (
        "18-feedback-and-signals",
        By("records::judgements_and_signals"),
    ),
    ("19-raw-events", By("records::events_of_ones_own")),
    (
        "20-openai-chat-in-agent",
        By("calls::a_chat_completion_in_an_agent"),
    ),
    (
        "21-openai-chat-implicit",
        By("calls::a_chat_completion_alone"),
    ),
    (
        "22-openai-responses-in-agent",
        By("calls::a_response_in_an_agent"),
    ),
    (
        "23-openai-responses-implicit",
        By("calls::a_response_alone"),
    ),
    (
        "24-anthropic-messages-in-agent",
        By("calls::a_message_in_an_agent"),
    ),
    (
        "25-anthropic-messages-implicit",
        By("calls::a_message_alone"),
    ),
    ("26-openai-async-in-agent", By("calls::calls_side_by_side")),
    (
        "27-anthropic-async-implicit",
        By("calls::a_message_of_a_blocking_client"),
    ),
    (
        "28-openai-tool-calls-response",
        By("calls::answers_that_want_tools"),
    ),
    (
        "29-usage-missing",
        By("calls::answers_that_say_nothing_of_usage"),
    ),
    (
        "30-openai-chat-stream-in-agent",
        By("streams::a_chat_completion_in_an_agent"),
    ),
    (
        "31-openai-chat-stream-implicit",
        By("streams::a_chat_completion_alone"),
    ),
    (
        "32-openai-chat-stream-no-usage",
        By("streams::a_chat_completion_without_usage"),
    ),
    (
        "33-openai-responses-stream-in-agent",
        By("streams::a_response_in_an_agent"),
    ),
    (
        "34-openai-responses-stream-implicit",
        By("streams::a_response_alone"),
    ),
    (
        "35-anthropic-stream-in-agent",
        By("streams::a_message_in_an_agent"),
    ),
    (
        "36-anthropic-stream-implicit",
        By("streams::a_message_alone"),
    ),
    (
        "37-openai-async-stream-in-agent",
        By("streams::two_in_an_agent"),
    ),
    (
        "38-stream-tool-call-deltas",
        By("contents::nothing_but_calls_of_tools"),
    ),
    (
        "39-stream-reasoning-and-refusal",
        By("contents::thoughts_and_a_refusal"),
    ),
    ("40-stream-long-preview", By("contents::a_long_text")),
    ("41-stream-slow-update-cadence", By("streams::a_slow_one")),
    ("42-stream-capture-chunks", By("streams::chunk_by_chunk")),
    ("43-stream-unicode", By("streams::letters_of_several_bytes")),
    (
        "44-stream-helpers",
        Not("helpers of the Python clients, which call what 31, 34 and 36 call; Rust's have none"),
    ),
    (
        "50-openai-http-400",
        By("failures::a_request_that_is_refused"),
    ),
    ("51-openai-http-500", By("failures::a_server_that_fails")),
    (
        "52-anthropic-http-400-and-500",
        By("failures::messages_that_are_refused"),
    ),
    ("53-connection-refused", By("failures::nobody_there")),
    ("54-stream-http-400", By("broken::a_stream_that_is_refused")),
    (
        "55-stream-aborted-midway",
        By("broken::streams_that_break_off"),
    ),
    (
        "56-stream-error-event",
        By("broken::errors_in_the_middle_of_streams"),
    ),
    (
        "57-stream-dropped-by-consumer",
        By("drops::dropped_half_way"),
    ),
    ("58-stream-closed-by-consumer", By("drops::closed_half_way")),
    (
        "59-stream-async-dropped-and-cancelled",
        By("drops::dropped_and_cancelled"),
    ),
    (
        "60-stream-consumed-after-the-agent",
        By("drops::read_after_the_agent"),
    ),
    (
        "61-capture-off",
        By("options::without_what_goes_in_and_comes_out"),
    ),
    (
        "62-capture-off-stream",
        By("streams::without_what_goes_in_and_comes_out"),
    ),
    (
        "63-attributes-openrouter",
        By("options::a_gateway_that_an_attribute_names"),
    ),
    (
        "64-wrap-twice",
        By("options::a_client_that_is_wrapped_twice"),
    ),
    (
        "65-wrap-unsupported",
        Not(
            "what can't be wrapped is refused by the compiler: `ui-tests/fail/wrap/unsupported.rs`",
        ),
    ),
    ("66-sample-rate-0", By("options::of_which_no_trace_is_kept")),
    (
        "67-sample-rate-half",
        By("options::of_which_half_of_the_traces_are_kept"),
    ),
    ("68-disabled", By("options::that_is_switched_off")),
    ("69-config-fields", By("options::that_has_an_identity")),
    (
        "70-sync-mode",
        By("options::that_sends_each_event_by_itself"),
    ),
    (
        "71-before-send-and-scrubber",
        By("options::whose_hooks_change_and_drop_events"),
    ),
    (
        "72-before-send-raises",
        By("options::whose_hooks_fail_or_move_events"),
    ),
    ("80-batching-250-events", By("delivery::many_events")),
    ("81-batching-by-bytes", By("delivery::large_events")),
    (
        "82-flush-interval",
        By("delivery::an_event_that_waits_for_company"),
    ),
    (
        "83-queue-overflow",
        Not(
            "a full queue gives up whole spans, and none of their ends (defect 30b): `defect_30b_whole_spans_go_before_halves_of_them`",
        ),
    ),
    (
        "84-oversized-event",
        By("delivery::an_event_that_is_too_large"),
    ),
    (
        "85-ingest-500-then-ok",
        By("answers::a_server_that_fails_twice"),
    ),
    (
        "86-ingest-500-forever",
        By("answers::a_server_that_always_fails"),
    ),
    (
        "87-ingest-429-retry-after",
        By("answers::a_server_that_asks_for_time"),
    ),
    ("88-ingest-401", By("answers::a_key_that_is_refused")),
    ("89-ingest-statuses", By("answers::every_status")),
    (
        "90-ingest-connection-lost",
        By("answers::a_connection_that_is_lost"),
    ),
    (
        "91-ingest-partial-rejection",
        By("answers::events_that_are_refused"),
    ),
    ("92-ingest-odd-answers", By("answers::odd_answers")),
    ("93-ingest-hang", By("answers::a_server_that_hangs")),
    (
        "94-ingest-refused",
        Not(
            "nothing was sent; what a dead server costs is told: `defect_18_agents_do_not_wait_for_a_server_that_is_down`",
        ),
    ),
    ("95-no-api-key", By("delivery::without_a_key")),
    ("96-after-shutdown", By("delivery::after_the_end")),
    (
        "97-threads",
        By("delivery::in_a_thread_that_knows_of_nothing"),
    ),
    (
        "98-openai-agents-processor",
        Not("the OpenAI Agents SDK has no Rust counterpart"),
    ),
];

/// Returns the source of a module of this package of tests.
fn source(module: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/captures")
        .join(module)
        .with_extension("rs");
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn the_tests_of_the_index_are_there_and_about_their_captures() {
    for (capture, shown) in INDEX {
        let By(test) = shown else { continue };
        let (module, function) = test.rsplit_once("::").unwrap();
        let source = source(&module.replace("::", "/"));
        let head = format!("#[test]\nfn {function}()");
        let (_, rest) = source
            .split_once(&head)
            .unwrap_or_else(|| panic!("there is no test {test}"));
        let body = rest.split("\n}\n").next().unwrap();
        assert!(
            body.contains(&format!("\"{capture}\"")),
            "{test} is not about {capture}"
        );
    }
}

#[test]
fn every_capture_is_in_the_index_once() {
    let named: BTreeSet<_> = INDEX.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named.len(), INDEX.len());
    let reasons = INDEX.iter().filter_map(|(_, shown)| match shown {
        Not(reason) => Some(reason),
        By(_) => None,
    });
    assert!(reasons.into_iter().all(|reason| reason.len() > 20));
    let Some(folder) = folder() else {
        eprintln!("not compared with a folder of captures");
        return;
    };
    let files = std::fs::read_dir(folder).unwrap();
    let captures: BTreeSet<_> = files
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|kind| kind == "json"))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let different: Vec<_> = captures.symmetric_difference(&named).collect();
    assert!(different.is_empty(), "{different:?}");
}
