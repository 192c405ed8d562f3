//! The metrics of the GenAI conventions: how long calls, tools and agents took, and how many tokens calls used.
//!
//! They add up from the beginning of the process, so that a request that is lost costs nothing but the time until
//! the next one.

mod histogram;

use std::collections::BTreeMap;
use std::time::SystemTime;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Histogram, Metric, ResourceMetrics, ScopeMetrics, metric,
};
use serde_json::Value;

use self::histogram::{OVERFLOW, Points};
use super::encode::tokens::Tokens;
use super::encode::{Attributes, Outcome, Resource, genai_provider, scope};
use super::fold::{Folded, Role};
use super::profile::OtlpProfile;

/// Seconds, doubling from a hundredth.
const SECONDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/// Seconds, doubling from a tenth: agents take longer.
const LONG_SECONDS: [f64; 13] = [
    0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6,
];
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// What is measured, apart from who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Call,
    FirstChunk,
    InputTokens,
    OutputTokens,
    OtherOperation,
    Tool,
    Agent,
}

/// The metrics of one process, in one profile's names.
pub(crate) struct Metrics {
    started: u64,
    is_dated: bool,
    measures: BTreeMap<Measure, Points>,
}

impl Metrics {
    pub(crate) fn new(profile: OtlpProfile, now: SystemTime) -> Self {
        Self {
            started: nanos(now),
            is_dated: profile.is_dated(),
            measures: BTreeMap::new(),
        }
    }

    /// Takes a span that has ended.
    #[expect(
        clippy::cast_precision_loss,
        reason = "tokens and nanoseconds of a span fit"
    )]
    pub(crate) fn note(&mut self, span: &Folded) {
        if !span.finished {
            // How long it took nobody knows.
            return;
        }
        let seconds = (span.ended() - span.started()) as f64 / 1e9;
        let who = || Who::of(span);
        match span.role {
            Role::Model => {
                self.add(Measure::Call, who().with_error(span), seconds);
                let first = span
                    .event
                    .attributes
                    .get("gen_ai.response.time_to_first_chunk");
                if let Some(first) = first.and_then(Value::as_f64) {
                    self.add(Measure::FirstChunk, who(), first);
                }
                let tokens = Tokens::of(span);
                for (measure, kind, count) in [
                    (Measure::InputTokens, "input", tokens.input),
                    (Measure::OutputTokens, "output", tokens.output),
                ] {
                    if let Some(count) = count {
                        let who = if self.is_dated {
                            who().with("gen_ai.token.type", Some(kind))
                        } else {
                            who()
                        };
                        self.add(measure, who, count as f64);
                    }
                }
            }
            Role::Embeddings | Role::Retrieval => {
                self.add(Measure::OtherOperation, who().with_error(span), seconds);
            }
            Role::Tool => self.add(Measure::Tool, who().with_error(span), seconds),
            Role::Agent => self.add(Measure::Agent, who().with_error(span), seconds),
            Role::Note | Role::Other => {}
        }
    }

    fn add(&mut self, measure: Measure, who: Who, value: f64) {
        let points = self.measures.entry(measure);
        let points = points.or_insert_with(|| Points::new(measure.bounds()));
        points.add(who.0, value);
    }

    /// Returns whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.measures.is_empty()
    }

    /// Returns what was measured so far.
    pub(crate) fn request(
        &self,
        resource: &Resource,
        now: SystemTime,
    ) -> ExportMetricsServiceRequest {
        let mut metrics: Vec<Metric> = Vec::new();
        for (measure, points) in &self.measures {
            let (name, unit, description) = measure.described(self.is_dated);
            let points = points.to_proto(self.started, nanos(now));
            // Older names have one metric for tokens of both kinds.
            let known = metrics.iter_mut().find(|metric| metric.name == name);
            if let Some(metric::Data::Histogram(known)) =
                known.and_then(|known| known.data.as_mut())
            {
                known.data_points.extend(points);
                continue;
            }
            metrics.push(Metric {
                name: name.to_owned(),
                unit: unit.to_owned(),
                description: description.to_owned(),
                data: Some(metric::Data::Histogram(Histogram {
                    data_points: points,
                    aggregation_temporality: AggregationTemporality::Cumulative.into(),
                })),
                ..Metric::default()
            });
        }
        ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(resource.to_proto()),
                scope_metrics: vec![ScopeMetrics {
                    scope: Some(scope()),
                    metrics,
                    schema_url: String::new(),
                }],
                schema_url: String::new(),
            }],
        }
    }
}

impl Measure {
    fn bounds(self) -> &'static [f64] {
        match self {
            Self::InputTokens | Self::OutputTokens => &TOKENS,
            Self::Agent => &LONG_SECONDS,
            _ => &SECONDS,
        }
    }

    /// Returns its name, unit and description.
    fn described(self, is_dated: bool) -> (&'static str, &'static str, &'static str) {
        const CALL: &str = "How long a call to a model took";
        const FIRST: &str = "How long it took until the first chunk of an answer";
        match (self, is_dated) {
            (Self::Call, false) => ("gen_ai.client.inference.duration", "s", CALL),
            (Self::Call, true) => ("gen_ai.client.operation.duration", "s", CALL),
            (Self::FirstChunk, false) => {
                ("gen_ai.client.inference.time_to_first_chunk", "s", FIRST)
            }
            (Self::FirstChunk, true) => ("gen_ai.client.operation.time_to_first_chunk", "s", FIRST),
            (Self::InputTokens, false) => (
                "gen_ai.client.inference.operation.input_tokens",
                "{token}",
                "How many tokens a call read",
            ),
            (Self::OutputTokens, false) => (
                "gen_ai.client.inference.operation.output_tokens",
                "{token}",
                "How many tokens a call wrote",
            ),
            (Self::InputTokens | Self::OutputTokens, true) => (
                "gen_ai.client.token.usage",
                "{token}",
                "How many tokens a call read and wrote",
            ),
            (Self::OtherOperation, _) => (
                "gen_ai.client.operation.duration",
                "s",
                "How long an operation took",
            ),
            (Self::Tool, _) => ("gen_ai.execute_tool.duration", "s", "How long a tool took"),
            (Self::Agent, _) => (
                "gen_ai.invoke_agent.duration",
                "s",
                "How long the run of an agent took",
            ),
        }
    }
}

/// Who did what: the attributes of a point. Few values each, so never what was said.
struct Who(BTreeMap<&'static str, String>);

impl Who {
    fn of(span: &Folded) -> Self {
        let event = &span.event;
        let said = |name| span.text(name);
        let who = Self(BTreeMap::new());
        match span.role {
            Role::Tool => who.with(
                "gen_ai.tool.name",
                event.tool.name.as_deref().or(event.name.as_deref()),
            ),
            Role::Agent => who.with("gen_ai.agent.name", event.name.as_deref()),
            _ => {
                let operation = match span.role {
                    Role::Model => said("gen_ai.operation.name").unwrap_or("chat"),
                    Role::Embeddings => "embeddings",
                    _ => "retrieval",
                };
                let provider = event.model.provider.as_deref().map(genai_provider);
                let answered =
                    said("gen_ai.response.model").or(event.model.model_version.as_deref());
                who.with("gen_ai.operation.name", Some(operation))
                    .with("gen_ai.provider.name", provider)
                    .with("gen_ai.request.model", event.model.model.as_deref())
                    .with("gen_ai.response.model", answered)
            }
        }
    }

    fn with(mut self, name: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.0.insert(name, value.to_owned());
        }
        self
    }

    fn with_error(self, span: &Folded) -> Self {
        let outcome = Outcome::of(span);
        self.with("error.type", outcome.error_type())
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.unwrap_or_default().as_nanos();
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// Returns attributes in OTLP's form.
fn attributes(
    who: &BTreeMap<&'static str, String>,
) -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    let mut attributes = Attributes::default();
    for (name, value) in who {
        if *name == OVERFLOW {
            attributes.set(*name, true);
        } else {
            attributes.set(*name, value.as_str());
        }
    }
    attributes.into_list()
}

#[cfg(test)]
mod tests;
