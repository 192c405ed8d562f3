//! Where events are sent, and in whose name.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::config::Secret;

/// The address that takes events, and what opens it.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) url: Url,
    /// Marked as sensitive, so that not even `Debug` shows it.
    pub(super) authorization: HeaderValue,
    /// How long one attempt may take, the answer included.
    pub(super) timeout: Duration,
}

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Nothing can be sent with these options.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum EndpointError {
    #[error(
        "`{0}` is no address of an ingest API: set `ROLLOUT_BASE_URL` to one that begins with \
         `https://` or `http://`"
    )]
    Address(String),
    #[error(
        "the address of the ingest API has a user name or password in it, but it is the API key that \
         is sent: check `ROLLOUT_BASE_URL`"
    )]
    Credentials,
    #[error("the API key has characters that no header can have: check `ROLLOUT_API_KEY`")]
    Key,
}

impl Endpoint {
    pub(super) fn new(base_url: &str, key: &Secret) -> Result<Self, EndpointError> {
        // The colon in the path is sent as it is.
        let url = Url::parse(&format!("{base_url}/v1/events:batch"))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| EndpointError::Address(base_url.to_owned()))?;
        if !url.username().is_empty() || url.password().is_some() {
            // They would take the place of the key, and be shown wherever the address is.
            return Err(EndpointError::Credentials);
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", key.expose()))
            .map_err(|_| EndpointError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            url,
            authorization,
            timeout: ATTEMPT_TIMEOUT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(base_url: &str, key: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(base_url, &Secret::new(key.into()))
    }

    #[test]
    fn the_path_is_added_to_the_base_url() {
        for (base, url) in [
            (
                "https://app.rollout.work",
                "https://app.rollout.work/v1/events:batch",
            ),
            (
                "http://127.0.0.1:8080/in",
                "http://127.0.0.1:8080/in/v1/events:batch",
            ),
        ] {
            assert_eq!(endpoint(base, "key").unwrap().url.as_str(), url);
        }
    }

    #[test]
    fn an_address_without_scheme_is_refused_with_the_cure() {
        for base in [
            "localhost:8080",
            "app.rollout.work",
            "ftp://app.rollout.work",
        ] {
            let error = endpoint(base, "key").err().unwrap();
            assert_eq!(error, EndpointError::Address(base.into()));
        }
    }

    #[test]
    fn credentials_in_the_address_are_refused_and_not_shown() {
        let error = endpoint("https://me:hunter2@localhost", "key")
            .err()
            .unwrap();
        assert!(error.to_string().contains("`ROLLOUT_BASE_URL`"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn the_key_is_in_no_debug_and_no_error() {
        let key = "rl_secret";
        let authorization = endpoint("http://localhost", key).unwrap().authorization;
        assert!(!format!("{authorization:?}").contains(key));
        let error = endpoint("http://localhost", "rl_secret\n").err().unwrap();
        assert!(!format!("{error} {error:?}").contains(key));
    }
}
