//! No attribute has a name that nobody knows.

use std::collections::BTreeSet;

use super::{FIXTURES, spans};
use crate::export::otlp::OtlpProfile;
use crate::export::otlp::encode::names::{BACKENDS, CONVENTIONS, type_of};

/// What the programs of the fixtures call by names of their own.
const OF_THE_PROGRAMS: [&str; 3] = ["channel", "width", "comment"];

/// What version 1.36 has in the events for messages.
const IN_MESSAGES: [&str; 7] = [
    "role",
    "content",
    "tool_calls",
    "id",
    "index",
    "finish_reason",
    "message",
];

#[test]
fn every_name_is_of_the_conventions_or_of_ours() {
    for (fixture, events) in FIXTURES {
        let events = events();
        for profile in OtlpProfile::ALL {
            for span in spans(&events, profile) {
                for pair in &span.attributes {
                    let name = pair.key.as_str();
                    let known = name.starts_with("rollout.")
                        || type_of(name).is_some()
                        || OF_THE_PROGRAMS.contains(&name);
                    assert!(known, "{profile}/{fixture}: {name}");
                }
                for pair in span.events.iter().flat_map(|event| &event.attributes) {
                    let name = pair.key.as_str();
                    let is_old = profile == OtlpProfile::Otel136 && IN_MESSAGES.contains(&name);
                    let known = name.starts_with("rollout.")
                        || type_of(name).is_some()
                        || OF_THE_PROGRAMS.contains(&name);
                    assert!(known || is_old, "{profile}/{fixture}: {name}");
                }
            }
        }
    }
}

#[test]
fn what_is_one_backends_own_is_sent_to_no_other() {
    let prefixes = [
        (OtlpProfile::Langfuse, "langfuse."),
        (OtlpProfile::Braintrust, "braintrust."),
        (OtlpProfile::MlFlow, "mlflow."),
        (OtlpProfile::OpenInference, "llm."),
        (OtlpProfile::OpenInference, "openinference."),
    ];
    let sent = |profile| {
        let spans = FIXTURES
            .iter()
            .flat_map(|(_, events)| spans(&events(), profile));
        let names = spans.flat_map(|span| span.attributes.into_iter().map(|pair| pair.key));
        names.collect::<BTreeSet<_>>()
    };
    for profile in OtlpProfile::ALL {
        let names = sent(profile);
        for (owner, prefix) in prefixes {
            let there = names.iter().any(|name| name.starts_with(prefix));
            assert_eq!(there, owner == profile, "{profile}: {prefix}");
        }
        let old = names.contains("gen_ai.usage.cache_creation.input_tokens");
        let new = names.contains("gen_ai.usage.cache_write.input_tokens");
        // Twice the same number under two names is counted twice.
        assert!(!(old && new), "{profile}");
        assert_eq!(new, profile == OtlpProfile::Otel, "{profile}");
    }
}

#[test]
fn names_that_are_listed_are_spelt_as_names_are() {
    for (name, _) in CONVENTIONS.iter().chain(BACKENDS) {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        assert!(name.chars().all(fits) && !name.contains(".."), "{name}");
    }
}
