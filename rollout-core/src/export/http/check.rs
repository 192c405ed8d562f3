//! Three events that ask whether what a program sends is taken.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::runtime;
use tokio::time::timeout;

use super::answer::{Answer, Kind};
use super::client::Client;
use super::endpoint::Endpoint;
use super::envelope;
use super::retry::{Backoff, Retries};
use super::thread::Closing;
use crate::check::CheckReport;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::context::Context;
use crate::id::{uuid_v4, write_uuid};
use crate::protocol::{Event, EventType};

const NAME: &str = "rollout.sdk.check";

/// Sends the events on a thread of its own, and tells `done` within this time what came of it.
///
/// # Errors
///
/// Fails if nothing can be sent with these options.
pub(crate) fn check(
    config: &Config,
    limit: Duration,
    done: impl FnOnce(CheckReport) + Send + 'static,
) -> Result<(), String> {
    let key = config.api_key.as_ref().ok_or("there is no API key")?;
    let endpoint = Endpoint::new(&config.base_url, key).map_err(|error| error.to_string())?;
    let to = config.base_url.clone();
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    std::thread::Builder::new()
        .name("rollout-check".into())
        .spawn(move || {
            // The HTTP client may be instrumented, too.
            let _nothing_is_recorded = Context::suppressed().attach();
            let asked = async { timeout(limit, ask(endpoint, &to)).await };
            done(runtime.block_on(asked).unwrap_or_else(|_| {
                CheckReport::failed(format!("{to} did not answer within {limit:?}"))
            }));
            // Does not wait for a name to be resolved, which has no time limit.
            runtime.shutdown_background();
        })
        .map(drop)
        .map_err(|error| error.to_string())
}

async fn ask(endpoint: Endpoint, to: &str) -> CheckReport {
    let events = match events() {
        Ok(events) => events,
        Err(error) => return CheckReport::failed(error.to_string()),
    };
    let body = match envelope::seal(&events) {
        Ok(body) => body,
        Err(error) => return CheckReport::failed(error.to_string()),
    };
    let client = match Client::new(endpoint).await {
        Ok(client) => client,
        Err(error) => return CheckReport::failed(error.to_string()),
    };
    let (_open, closing) = Closing::open();
    let mut retries = Retries::new(Backoff::default(), closing);
    loop {
        let (answer, answered) = client.exchange(body.clone(), events.len()).await;
        let trouble = match answer {
            Answer::Stored(_) => return CheckReport::read(&answered, events.len() as u64, to),
            Answer::Unavailable(trouble, asked) => {
                if retries.wait(asked).await {
                    continue;
                }
                trouble
            }
            Answer::TooLarge(trouble) | Answer::Misdirected(trouble) | Answer::Refused(trouble) => {
                trouble
            }
        };
        let cure = if trouble.kind.is_about_the_key() {
            "; check `ROLLOUT_API_KEY`"
        } else {
            ""
        };
        let what = match trouble.kind {
            Kind::Status(_) => "answered",
            _ => "can't be reached:",
        };
        return CheckReport::failed(format!("{to} {what} {}{cure}", trouble.text));
    }
}

/// Returns the three events as JSON, all of one time and one fresh trace.
fn events() -> serde_json::Result<Vec<Bytes>> {
    let now = Timestamp::from(SystemTime::now());
    let trace = prefixed("trace_check_");
    let event = |sequence, kind, prefix: &str| {
        let mut event = Event::new(kind, now);
        event.set_event_id(prefixed(prefix));
        event.trace_id = Some(trace.clone());
        event.sequence = Some(sequence);
        event.name = Some(NAME.to_owned());
        event.attributes = Map::from_iter([
            ("diagnostic".to_owned(), Value::Bool(true)),
            ("rollout_check".to_owned(), Value::Bool(true)),
        ]);
        event
    };
    let mut start = event(1, EventType::TraceStart, "evt_check_start_");
    start.started_at = Some(now);
    let mut metric = event(2, EventType::Metric, "evt_check_metric_");
    metric.attributes.extend([
        ("metric_name".to_owned(), json!("ingestion_check")),
        ("value".to_owned(), json!(1)),
    ]);
    let mut end = event(3, EventType::TraceEnd, "evt_check_end_");
    (end.started_at, end.ended_at) = (Some(now), Some(now));
    end.duration_ms = Some(0.0);
    end.status = Some("ok".to_owned());
    end.outcome.success = Some(true);
    end.outcome.status = Some("ok".to_owned());
    [start, metric, end]
        .iter()
        .map(|event| serde_json::to_vec(event).map(Bytes::from))
        .collect()
}

fn prefixed(prefix: &str) -> String {
    let mut id = prefix.to_owned();
    // There is always room in a text.
    let _ = write_uuid(&mut id, uuid_v4());
    id
}
