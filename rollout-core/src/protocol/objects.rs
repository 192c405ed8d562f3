//! The objects inside an event. Each is left out where it is empty.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Json;

macro_rules! objects {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty $(, max $limit:literal)?;)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        #[cfg_attr(feature = "otlp", derive(serde::Deserialize), serde(default))]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,)*
        }

        impl $name {
            /// Returns whether nothing is known.
            pub fn is_empty(&self) -> bool {
                $(self.$field.is_none())&&*
            }

            /// Calls `change` with each text that is a field.
            pub(super) fn each_field(&mut self, change: &mut dyn FnMut(&mut String)) {
                let Self { $($field),* } = self;
                $($field.each_field(change);)*
            }

            /// Adds what is said later, which wins.
            #[cfg(feature = "otlp")]
            pub(super) fn absorb(&mut self, later: Self) {
                $(if later.$field.is_some() {
                    self.$field = later.$field;
                })*
            }

            /// Cuts texts to the lengths that the protocol allows.
            pub(super) fn clip(&mut self) {
                $($(clip(&mut self.$field, $limit);)?)*
            }
        }
    )*};
}

objects! {
    /// Who acted.
    Agent {
        /// Its id.
        id: String, max 200;
        /// Its name.
        name: String, max 200;
        /// Its version.
        version: String, max 100;
        /// The version of its prompt.
        prompt_version: String, max 100;
        /// Where it is deployed.
        deployment: String, max 100;
        /// The environment it runs in.
        environment: String, max 100;
    }

    /// Which model was asked.
    Model {
        /// Who serves it.
        provider: String, max 100;
        /// Its name.
        model: String, max 200;
        /// Its version.
        model_version: String, max 100;
        /// How much it was to think.
        reasoning_mode: String, max 100;
        /// The sampling temperature.
        temperature: f64;
    }

    /// Which tool was called.
    Tool {
        /// Its name.
        name: String, max 200;
        /// The id that links the call to its result, and to the model's request for it.
        tool_call_id: String, max 200;
        /// `started`, `ok`, `error` or `cancelled`.
        status: String, max 80;
        /// How often it was tried again.
        retry_count: u64;
        /// A hash of the types of the arguments.
        args_shape_hash: String, max 200;
    }

    /// What was consumed.
    UsageInfo {
        /// Tokens read.
        input_tokens: u64;
        /// Tokens written.
        output_tokens: u64;
        /// Tokens read from the cache (Anthropic: or written to it).
        cached_tokens: u64;
        /// Tokens written while thinking.
        reasoning_tokens: u64;
        /// Input and output.
        total_tokens: u64;
        /// The size of the model's context window.
        context_window_tokens: u64;
        /// How much of it was used.
        context_used_tokens: u64;
        /// How much of it was used, from 0 to 1.
        context_utilization: f64;
        /// What it cost in US dollars.
        cost_usd: f64;
    }

    /// How it went.
    Outcome {
        /// Whether it went well.
        success: bool;
        /// The status in a word.
        status: String, max 80;
        /// The score of an evaluation.
        eval_score: f64;
        /// Whether the user took the result.
        user_accepted: bool;
        /// Whether a human had to take over.
        human_escalated: bool;
        /// What it meant for the business.
        business_outcome: String, max 200;
        /// Why it failed.
        failure_reason: String, max 300;
    }

    /// What went wrong.
    ErrorInfo {
        /// The error's type, without its module.
        r#type: String, max 200;
        /// What is alike in errors of the same cause.
        signature: String, max 300;
        /// The beginning of its message.
        message_preview: String, max 1000;
    }

    /// On whose behalf.
    Context {
        /// The user.
        user_id: String, max 200;
        /// The account that the user belongs to.
        account_id: String, max 200;
        /// The session.
        session_id: String, max 200;
        /// The conversation.
        conversation_id: String, max 200;
        /// What is known of the user.
        user_traits: Map<String, Value>;
        /// What is known of the account.
        account_traits: Map<String, Value>;
    }

    /// A message of a conversation.
    Message {
        /// Its id.
        id: String, max 200;
        /// Who speaks.
        role: String, max 80;
        /// What is said.
        content: Json;
        /// The kind of content.
        content_type: String, max 80;
        /// The tool call it answers.
        tool_call_id: String, max 200;
        /// Its place in the conversation.
        index: u64;
        /// Whether the user does not see it.
        is_internal: bool;
    }

    /// What recorded it.
    Integration {
        /// Its name.
        name: String, max 100;
        /// Its version.
        version: String, max 100;
        /// The framework it is for.
        framework: String, max 100;
        /// What it runs on.
        runtime: String, max 100;
    }

    /// What it belongs to in other systems.
    Links {
        /// The run.
        run_id: String, max 200;
        /// The rollout.
        rollout_id: String, max 200;
        /// The dataset.
        dataset_id: String, max 200;
        /// The experiment.
        experiment_id: String, max 200;
        /// The optimisation job.
        optimization_job_id: String, max 200;
    }
}

/// What went in and came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "otlp", derive(serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Raw {
    /// The input of a trace or a span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
    /// Its output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    /// The arguments of a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Json>,
    /// Its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// A chunk of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk: Option<Json>,
    /// The end of what a stream has brought so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_preview: Option<Json>,
    /// Anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    /// What the program calls by names of its own, such as the hits of a retrieval; beside the others,
    /// whose names are not to be used again.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Raw {
    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        let Self {
            input,
            output,
            arguments,
            result,
            chunk,
            stream_preview,
            data,
            more,
        } = self;
        let members = [
            input,
            output,
            arguments,
            result,
            chunk,
            stream_preview,
            data,
        ];
        more.is_empty() && members.iter().all(|member| member.is_none())
    }

    /// Removes what has the name of another member: no object has two of a name.
    pub(super) fn clip(&mut self) {
        for name in RAW_MEMBERS {
            self.more.remove(name);
        }
    }
}

/// The names of the members that [`Raw`] has of its own.
const RAW_MEMBERS: [&str; 7] = [
    "input",
    "output",
    "arguments",
    "result",
    "chunk",
    "stream_preview",
    "data",
];

/// What a field holds: texts are passed to `change`, values that have more in them are not.
pub(super) trait Field {
    fn each_field(&mut self, change: &mut dyn FnMut(&mut String));
}

impl<T: Field> Field for Option<T> {
    fn each_field(&mut self, change: &mut dyn FnMut(&mut String)) {
        if let Some(field) = self {
            field.each_field(change);
        }
    }
}

impl Field for String {
    fn each_field(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(self);
    }
}

macro_rules! no_texts {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn each_field(&mut self, _: &mut dyn FnMut(&mut String)) {}
        }
    )*};
}

no_texts!(bool, u64, f64, Json, Map<String, Value>);

/// Cuts a text to `limit` code points. An empty one says nothing, and a server refuses the whole event
/// for most of them.
pub(super) fn clip(text: &mut Option<String>, limit: usize) {
    text.take_if(|text| text.is_empty());
    if let Some(text) = text
        && let Some((end, _)) = text.char_indices().nth(limit)
    {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_are_left_out() {
        let mut agent = Agent {
            id: Some(String::new()),
            name: Some(" ".into()),
            ..Agent::default()
        };
        agent.clip();
        assert_eq!((agent.id, agent.name.as_deref()), (None, Some(" ")));
    }

    #[test]
    fn defect_06_long_texts_are_cut_to_what_the_server_takes() {
        let mut agent = Agent {
            name: Some("é".repeat(201)),
            ..Agent::default()
        };
        agent.clip();
        assert_eq!(agent.name, Some("é".repeat(200)));
        let mut error = ErrorInfo {
            message_preview: Some("x".repeat(1000)),
            ..Default::default()
        };
        error.clip();
        assert_eq!(error.message_preview.map(|text| text.len()), Some(1000));
    }
    #[test]
    fn raw_has_names_of_the_programs_own() {
        let mut raw = Raw::default();
        assert!(raw.is_empty());
        raw.more.insert("hits".into(), 2.into());
        raw.more.insert("input".into(), "twice".into());
        raw.input = Json::from_text(r#"{"q": 1}"#.into());
        raw.clip();
        assert!(!raw.is_empty());
        let json = serde_json::to_string(&raw).unwrap();
        assert_eq!(json, r#"{"input":{"q": 1},"hits":2}"#);
    }
}
