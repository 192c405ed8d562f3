//! One request and its answer.

use std::error::Error;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use reqwest::{StatusCode, Url, redirect};

use super::answer::{Answer, Kind, Trouble};
use super::endpoint::Endpoint;
use super::retry::parse_retry_after;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// More of an answer is not read; one that refuses all of 1,000 events is a fifth of it.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The connections to an endpoint.
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
}

/// What a server answered.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// How long it wants to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// As far as it could be read; of a success it is whole.
    pub(super) body: Vec<u8>,
}

/// There is no way to make requests.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error(
        "the address begins with `https://`, but the program is built without TLS: switch on \
         rollout's cargo feature `rustls` or `native-tls`"
    )]
    NoTls,
    #[error("the HTTP client can't be set up: {0}")]
    Client(String),
}

impl Client {
    pub(super) async fn new(endpoint: Endpoint) -> Result<Self, StartError> {
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, endpoint.authorization),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        ]);
        let builder = reqwest::Client::builder().timeout(endpoint.timeout);
        Self::with(builder, endpoint.url, headers).await
    }

    /// Returns the connections to another kind of server, with further settings.
    pub(super) async fn with(
        builder: reqwest::ClientBuilder,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Self, StartError> {
        if url.scheme() == "https" && !has_tls().await {
            return Err(StartError::NoTls);
        }
        let http = builder
            .user_agent(concat!("rollout-rust/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // Following one could hand the events, and the key, to somebody else.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| StartError::Client(cause(&error)))?;
        Ok(Self { http, url })
    }

    /// Sends a body that holds so many events, once.
    pub(super) async fn post(&self, body: Bytes, events: usize) -> Answer {
        self.exchange(body, events).await.0
    }

    /// Sends a body that holds so many events, once. Returns the body of the answer as well.
    pub(super) async fn exchange(&self, body: Bytes, events: usize) -> (Answer, Vec<u8>) {
        match self.request(body).await {
            Ok(Reply {
                status,
                retry_after,
                body,
            }) => (Answer::new(status, retry_after, &body, events), body),
            Err(trouble) => (Answer::Unavailable(trouble, None), Vec::new()),
        }
    }

    /// Sends a body, once.
    ///
    /// # Errors
    ///
    /// Fails if there is no answer, or only a part of a good one.
    pub(super) async fn request(&self, body: Bytes) -> Result<Reply, Trouble> {
        let sent = self.http.post(self.url.clone()).body(body).send().await;
        let mut response = sent.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| parse_retry_after(text, SystemTime::now()));
        match read(&mut response).await {
            // What was cut off may have said which events were refused. Sending all of them again
            // does no harm, as the server knows them by their ids.
            Err(error) if status.is_success() => Err(unreachable(&error)),
            body => Ok(Reply {
                status,
                retry_after,
                body: body.unwrap_or_default(),
            }),
        }
    }
}

async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            break;
        }
    }
    Ok(body)
}

fn unreachable(error: &reqwest::Error) -> Trouble {
    let kind = if error.is_timeout() {
        Kind::Timeout
    } else {
        Kind::Connection
    };
    Trouble {
        kind,
        text: cause(error),
    }
}

/// Returns the last of an error's reasons: what is before it only says that there was an error, and
/// where.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Returns whether requests can be encrypted.
///
/// TLS may be there without a feature of ours, as any crate of the program can switch it on in
/// reqwest, which has no way to ask. So a request is tried: without TLS it fails for the scheme
/// before it connects, with TLS for want of somebody to connect to. The real address will not do,
/// because a proxy would be sent the request, and the key in it, unencrypted.
async fn has_tls() -> bool {
    if cfg!(any(feature = "rustls", feature = "native-tls")) {
        return true;
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(1))
        .build();
    let Ok(client) = client else { return true };
    match client.get("https://127.0.0.1:1").send().await {
        Ok(_) => true,
        Err(error) => !cause(&error).contains("scheme is not http"),
    }
}

#[cfg(test)]
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod tests {
    use super::*;

    #[test]
    fn without_tls_the_feature_to_switch_on_is_named() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let key = crate::config::Secret::new("rl_secret".into());
        let endpoint = Endpoint::new("https://127.0.0.1:1", &key).unwrap();
        let error = runtime.block_on(Client::new(endpoint)).err().unwrap();
        assert!(
            error
                .to_string()
                .contains("cargo feature `rustls` or `native-tls`"),
            "{error}"
        );
    }
}
