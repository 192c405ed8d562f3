//! Two drafts of one step become one.

use super::{Draft, Seen};

impl Draft {
    /// Takes what another draft of the same step knows.
    pub(in crate::show) fn merge(&mut self, other: Self) {
        let Self {
            first,
            last,
            seen,
            is_stopped,
            parent,
            label,
            name,
            status,
            started,
            ended,
            took,
            provider,
            model,
            response_model,
            usage,
            first_token,
            chunks,
            lost_chunks,
            complete,
            finish_reasons,
            tool_calls: [listed, answered],
            server_tools,
            tool_call_id,
            attempts,
            attempt_count,
            input,
            output,
            streamed,
            truncated,
            error,
            attributes,
        } = other;
        self.first = [self.first, first].into_iter().flatten().min();
        self.last = self.last.max(last);
        self.seen.merge(seen);
        self.is_stopped |= is_stopped;
        self.parent.merge(parent);
        self.label.merge(label);
        self.name.merge(name);
        self.status.merge(status);
        self.started.merge(started);
        self.ended.merge(ended);
        self.took.merge(took);
        self.provider.merge(provider);
        self.model.merge(model);
        self.response_model.merge(response_model);
        self.usage.merge(usage);
        self.first_token.merge(first_token);
        self.chunks.merge(chunks);
        self.lost_chunks.merge(lost_chunks);
        self.complete.merge(complete);
        self.finish_reasons.merge(finish_reasons);
        let [own_listed, own_answered] = &mut self.tool_calls;
        own_listed.merge(listed);
        own_answered.merge(answered);
        self.server_tools.merge(server_tools);
        self.tool_call_id.merge(tool_call_id);
        self.attempts.merge(attempts);
        self.attempt_count.merge(attempt_count);
        self.input.merge(input);
        self.output.merge(output);
        self.streamed.merge(streamed);
        self.truncated.extend(truncated);
        self.error.merge(error);
        for (key, value) in attributes {
            self.attributes.entry(key).or_default().merge(value);
        }
    }
}

impl Seen {
    fn merge(&mut self, other: Self) {
        let Self {
            span,
            call,
            beginning,
            end,
        } = other;
        self.span |= span;
        self.call |= call;
        self.beginning |= beginning;
        self.end |= end;
    }
}
