//! What all recorded methods do: clone, call, hand over.

use std::io;

use rollout_core::{CallOptions, LlmCall, Payload, Scope, StreamTap, WireFormat};

use super::upstream::{
    self, Error,
    messages::{CreateMessageRequest, Message, StreamEvent},
};
use super::{EventStream, error};

/// Starts a call with a clone of its request, which is serialised on the worker: serialising takes
/// ten times as long as cloning.
pub(super) fn start(scope: &Scope, request: &CreateMessageRequest) -> LlmCall {
    begin(scope, options(), request)
}

/// Starts a call whose answer is streamed. claude-api adds `stream: true` to the request.
pub(super) fn start_stream(scope: &Scope, request: &CreateMessageRequest) -> LlmCall {
    let options = options().streaming(true).sets_stream_flag(true);
    begin(scope, options, request)
}

fn begin(scope: &Scope, options: CallOptions, request: &CreateMessageRequest) -> LlmCall {
    LlmCall::start(scope, options, || Payload::defer(request.clone()))
}

fn options() -> CallOptions {
    CallOptions::new(WireFormat::AnthropicMessages)
}

/// Checks that a blocking call can be waited for.
pub(super) fn may_wait(scope: &Scope) -> Result<(), Error> {
    scope
        .check_blocking()
        .map_err(|error| io::Error::new(io::ErrorKind::Deadlock, error).into())
}

/// Ends a call with its result.
pub(super) fn finish(call: LlmCall, result: &Result<Message, Error>) {
    match result {
        Ok(message) => call.respond(|| Payload::defer(message.clone())),
        Err(error) => call.fail(|| error::failure(error)),
    }
}

/// Goes on with a call as the stream that it returned. claude-api's stream can't be made of another,
/// so its type is ours whether it is recorded or not.
pub(super) fn stream(
    call: LlmCall,
    result: Result<upstream::messages::stream::EventStream, Error>,
) -> Result<EventStream, Error> {
    match result {
        Ok(stream) => Ok(EventStream::new(stream, call.stream())),
        Err(error) => {
            call.fail(|| error::failure(&error));
            Err(error)
        }
    }
}

/// Notes what passes in a stream. It may go on after an error.
pub(super) fn note(tap: &mut StreamTap<StreamEvent>, item: &Result<StreamEvent, Error>) {
    match item {
        Ok(event) if tap.wants_items() => tap.push(event.clone()),
        Ok(_) => {}
        Err(error) => tap.note_error(|| error::failure(error)),
    }
}
