//! What a turn costs.

use super::conversation::{Conversation, Message, Tool, ToolCall, Turn};
use super::tokens;

/// Token counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All that was read.
    pub input: u64,
    /// The part of it that had been read before.
    pub cached: u64,
    /// All that was written.
    pub output: u64,
    /// The part of it that was thought.
    pub reasoning: u64,
}

impl Usage {
    /// Counts what was read and written, roughly.
    pub(super) fn of(conversation: &Conversation, turn: &Turn) -> Self {
        let tools: u64 = conversation.tools.iter().map(Tool::tokens).sum();
        let read = |messages: &[Message]| match messages {
            [] => 0,
            messages => tools + messages.iter().map(Message::tokens).sum::<u64>(),
        };
        let count = |text: &Option<String>| text.as_deref().map_or(0, tokens::count);
        let reasoning = count(&turn.reasoning);
        let calls: u64 = turn.tool_calls.iter().map(ToolCall::tokens).sum();
        Self {
            input: read(&conversation.messages),
            cached: read(conversation.seen_before()),
            output: reasoning + count(&turn.text) + calls,
            reasoning,
        }
    }
}

impl Conversation {
    /// Returns the messages of the request before this one, which a provider has in its cache: those
    /// before the model's last answer.
    fn seen_before(&self) -> &[Message] {
        let own = |message: &Message| matches!(message, Message::Assistant(_) | Message::Call(_));
        let mut seen = self.messages.as_slice();
        for of_answer in [false, true] {
            while let Some((_, before)) = seen.split_last().filter(|(m, _)| own(m) == of_answer) {
                seen = before;
            }
        }
        seen
    }
}

impl Message {
    fn tokens(&self) -> u64 {
        match self {
            Self::System(text) | Self::User(text) | Self::Assistant(text) => tokens::count(text),
            Self::Call(call) => call.tokens(),
            Self::Result { output, .. } => tokens::count(output),
        }
    }
}

impl ToolCall {
    fn tokens(&self) -> u64 {
        tokens::count(&self.name) + tokens::count(&self.arguments)
    }
}

impl Tool {
    fn tokens(&self) -> u64 {
        tokens::count(&self.name) + tokens::count(&self.parameters.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_round_finds_the_first_one_in_the_cache() {
        let call = || ToolCall {
            id: "1".into(),
            name: "f".into(),
            arguments: "{}".into(),
        };
        let result = || Message::Result {
            call_id: "1".into(),
            output: "12345678".into(),
        };
        let mut conversation = Conversation {
            messages: vec![
                Message::System("1234".into()),
                Message::User("12345678".into()),
            ],
            ..Conversation::default()
        };
        let turn = Turn {
            text: Some("1234".into()),
            ..Turn::default()
        };
        let usage = Usage::of(&conversation, &turn);
        assert_eq!(
            usage,
            Usage {
                input: 3,
                cached: 0,
                output: 1,
                reasoning: 0
            }
        );

        // Two calls at once are one answer, then their results come.
        conversation
            .messages
            .extend([call(), call()].map(Message::Call));
        conversation.messages.extend([result(), result()]);
        let usage = Usage::of(&conversation, &turn);
        assert_eq!(
            usage,
            Usage {
                input: 11,
                cached: 3,
                output: 1,
                reasoning: 0
            }
        );
    }
}
