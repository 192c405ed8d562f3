use super::common::{set_outcome, status};
use super::{Encoder, shape};
use crate::capture::Payload;
use crate::protocol::{Event, EventType};
use crate::record::End;
use crate::span::{SpanState, ToolState};

impl Encoder<'_> {
    pub(super) fn tool_called(&self, span: &SpanState, tool: &ToolState, input: Payload) -> Event {
        let mut event = self.of_span(EventType::ToolCall, span, span.started);
        event.started_at = Some(self.core.clock.wall(span.started));
        let arguments = self.keep(input, &mut event, "arguments");
        if let Some(arguments) = &arguments {
            let _ = tool.shape.set(shape::hash(&arguments.to_value()));
        }
        event.raw.arguments = arguments;
        set_tool(&mut event, span, tool, "started");
        event
    }

    pub(super) fn tool_returned(&self, span: &SpanState, tool: &ToolState, end: End) -> Event {
        let mut event = self.of_span(EventType::ToolResult, span, end.at);
        self.set_times(&mut event, span.started, end.at);
        set_outcome(&mut event, &end.outcome);
        let result = self.keep(end.output, &mut event, "result");
        event.raw.result = result.filter(|result| !result.is_null());
        set_tool(&mut event, span, tool, status(&end.outcome));
        event
    }
}

fn set_tool(event: &mut Event, span: &SpanState, tool: &ToolState, status: &str) {
    for (key, value) in &span.attributes {
        event
            .attributes
            .insert(key.clone().into_owned(), value.clone());
    }
    event.tool.name = Some(span.name.clone().into_owned());
    // A tool has a span of its own, whose id serves where the model gave the call none.
    let own_id = || span.id.to_string().replacen("span_", "tool_", 1);
    // Some servers have the field and leave it blank.
    let given = tool.call_id.clone().filter(|id| !id.trim().is_empty());
    event.tool.tool_call_id = Some(given.unwrap_or_else(own_id));
    event.tool.status = Some(status.to_owned());
    event.tool.retry_count = tool.retry_count;
    event.tool.args_shape_hash = tool.shape.get().cloned();
}
