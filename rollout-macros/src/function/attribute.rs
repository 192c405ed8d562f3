//! Which attribute it is, and what sets it apart from the others.

/// An attribute on a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Agent,
    Trace,
    Span,
    Task,
    Tool,
}

/// What the text that comes first, without a key, stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Name,
    /// The type of a span; one has to be given.
    Kind,
}

/// What every attribute takes.
const COMMON: &[&str] = &[
    "name",
    "capture_input",
    "capture_output",
    "skip",
    "user_id",
    "session_id",
    "conversation_id",
    "attributes",
    "crate",
];
const OF_TRACES: &[&str] = &["external_trace_id", "flush"];
const OF_TOOLS: &[&str] = &["tool_call_id", "retry_count"];

impl Attribute {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Trace => "trace",
            Self::Span => "span",
            Self::Task => "task",
            Self::Tool => "tool",
        }
    }

    /// Returns how it is written, to show what goes where.
    pub(super) fn example(self) -> String {
        let first = match self.first() {
            First::Name => "name",
            First::Kind => "retrieval",
        };
        format!("#[{}(\"{first}\", capture_input = false)]", self.name())
    }

    pub(super) fn first(self) -> First {
        match self {
            Self::Span => First::Kind,
            Self::Agent | Self::Trace | Self::Task | Self::Tool => First::Name,
        }
    }

    /// Returns whether arguments and result are captured unless an option says otherwise.
    pub(super) fn captures(self) -> bool {
        match self {
            Self::Agent | Self::Tool => true,
            Self::Trace | Self::Span | Self::Task => false,
        }
    }

    /// Returns the options that it takes.
    pub(super) fn options(self) -> Vec<&'static str> {
        let more = match self {
            Self::Agent | Self::Trace => OF_TRACES,
            Self::Tool => OF_TOOLS,
            Self::Span | Self::Task => &[],
        };
        [COMMON, more].concat()
    }

    /// Returns why it does not take an option that others do, and what to do instead.
    pub(super) fn refuses(self, option: &str) -> Option<String> {
        let own = self.name();
        if self.options().contains(&option) {
            None
        } else if OF_TRACES.contains(&option) {
            Some(format!(
                "`{option}` belongs to a trace, and `#[{own}]` opens none: put it on the \
                 `#[agent]` or `#[trace]` around"
            ))
        } else if OF_TOOLS.contains(&option) {
            Some(format!(
                "`{option}` belongs to a tool, and `#[{own}]` is none: use `#[tool]`"
            ))
        } else {
            None
        }
    }
}
