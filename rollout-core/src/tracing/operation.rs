//! What a span tells of.

use std::borrow::Cow;

/// What a span tells of, by its `gen_ai.operation.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A call to a model.
    Inference,
    /// A call of a tool.
    Tool,
    /// The run of an agent.
    Agent,
    /// Any other step, and the type of its span.
    Step(Cow<'static, str>),
}

impl Operation {
    pub(super) fn named(name: &str) -> Self {
        match name {
            // The last two are what some libraries call it, against the conventions.
            "chat" | "text_completion" | "generate_content" | "chat_streaming" | "completion" => {
                Self::Inference
            }
            "execute_tool" => Self::Tool,
            "invoke_agent" | "create_agent" => Self::Agent,
            "invoke_workflow" => Self::Step("workflow".into()),
            "embeddings" => Self::Step("embedding".into()),
            "retrieval" => Self::Step("retrieval".into()),
            other => Self::Step(other.to_owned().into()),
        }
    }

    /// Returns whether it has a model of its own, and uses its tokens.
    pub(super) fn asks_a_model(&self) -> bool {
        match self {
            Self::Inference => true,
            Self::Step(kind) => kind == "embedding",
            Self::Tool | Self::Agent => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_known_by_their_names() {
        for (name, operation) in [
            ("chat", Operation::Inference),
            ("execute_tool", Operation::Tool),
            ("invoke_agent", Operation::Agent),
            ("embeddings", Operation::Step("embedding".into())),
            ("rerank", Operation::Step("rerank".into())),
        ] {
            assert_eq!(Operation::named(name), operation, "{name}");
        }
    }
}
