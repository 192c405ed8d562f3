//! Events that are on disk already, sent when somebody asks for it: what the program `rollout` does.

use bytes::Bytes;
use tokio::runtime::{self, Runtime};

use super::answer::{Answer, Refusals, Trouble};
use super::client::Client;
use super::endpoint::Endpoint;
use super::envelope;
use super::retry::{Backoff, Retries};
use super::thread::Closing;
use crate::config::{Builder, Config, environment};
use crate::context::Context;

/// Posts events to the ingest API of the environment, one envelope after the other.
pub struct Post {
    client: Client,
    runtime: Runtime,
    to: String,
    fingerprint: String,
}

/// What became of the events of an envelope that was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// How many the API has.
    pub stored: usize,
    /// How many it will never take.
    pub refused: usize,
    /// Why it does not.
    pub reason: Option<String>,
}

impl Post {
    /// Returns what posts to the address of the environment, with the key of the environment.
    ///
    /// # Errors
    ///
    /// Fails if there is no key, or nothing can be sent with these options.
    pub fn from_environment() -> Result<Self, String> {
        let (config, _) = Builder::default().resolve(&environment::process);
        Self::new(&config)
    }

    fn new(config: &Config) -> Result<Self, String> {
        let key = config.api_key.as_ref();
        let key = key.ok_or("there is no API key: set `ROLLOUT_API_KEY`")?;
        let endpoint = Endpoint::new(&config.base_url, key).map_err(|error| error.to_string())?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let client = runtime.block_on(Client::new(endpoint));
        Ok(Self {
            client: client.map_err(|error| error.to_string())?,
            runtime,
            to: config.base_url.clone(),
            fingerprint: key.fingerprint_with(&config.base_url),
        })
    }

    /// Returns the address.
    pub fn address(&self) -> &str {
        &self.to
    }

    /// Returns what tells the address and the key from others, and tells nothing of the key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Sends events, each as it is on disk, and tries again as usual.
    ///
    /// # Errors
    ///
    /// Fails if the API does not take any events for now, for a reason that says nothing of these.
    pub fn send(&self, events: &[Vec<u8>]) -> Result<Posted, String> {
        let events = events.iter().map(|event| Bytes::copy_from_slice(event));
        // The HTTP client may be instrumented, too.
        let _nothing_is_recorded = Context::suppressed().attach();
        self.runtime.block_on(self.deliver(events.collect()))
    }

    async fn deliver(&self, events: Vec<Bytes>) -> Result<Posted, String> {
        let mut posted = Posted::default();
        let mut bundles = vec![events];
        while let Some(events) = bundles.pop() {
            bundles.extend(self.deliver_bundle(events, &mut posted).await?);
        }
        Ok(posted)
    }

    /// Returns what is to be sent in smaller envelopes.
    async fn deliver_bundle(
        &self,
        mut events: Vec<Bytes>,
        posted: &mut Posted,
    ) -> Result<Vec<Vec<Bytes>>, String> {
        let (_open, closing) = Closing::open();
        let mut retries = Retries::new(Backoff::default(), closing);
        while !events.is_empty() {
            let body = envelope::seal(&events).map_err(|error| error.to_string())?;
            match self.client.post(body, events.len()).await {
                Answer::Stored(refusals) => {
                    posted.stored += events.len() - refusals.places.len();
                    if refusals.places.is_empty() {
                        break;
                    }
                    events = refused(events, &refusals);
                    if refusals.retryable {
                        if retries.wait_for_another_answer().await {
                            continue;
                        }
                        return Err(format!(
                            "{} does not take events for now: {refusals}",
                            self.to
                        ));
                    }
                    posted.refuse(events.len(), refusals.to_string());
                    break;
                }
                Answer::TooLarge(_) if events.len() > 1 => {
                    let second = events.split_off(events.len() / 2);
                    return Ok(vec![second, events]);
                }
                Answer::TooLarge(trouble) | Answer::Refused(trouble) => {
                    posted.refuse(events.len(), trouble.text);
                    break;
                }
                Answer::Unavailable(trouble, asked) => {
                    if !retries.wait(asked).await {
                        return Err(self.cannot(&trouble));
                    }
                }
                Answer::Misdirected(trouble) => return Err(self.cannot(&trouble)),
            }
        }
        Ok(Vec::new())
    }

    fn cannot(&self, trouble: &Trouble) -> String {
        let cure = if trouble.kind.is_about_the_key() {
            "; check `ROLLOUT_API_KEY`"
        } else {
            ""
        };
        format!("{}: {}{cure}", self.to, trouble.text)
    }
}

impl Posted {
    fn refuse(&mut self, events: usize, reason: String) {
        self.refused += events;
        self.reason.get_or_insert(reason);
    }
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

fn refused(events: Vec<Bytes>, refusals: &Refusals) -> Vec<Bytes> {
    let events = events.into_iter().enumerate();
    let events = events.filter(|(place, _)| refusals.places.binary_search(place).is_ok());
    events.map(|(_, event)| event).collect()
}
