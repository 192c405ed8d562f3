//! Who may read the traces: the page that this program opened, and nobody else.
//!
//! Prompts are private, and a loopback port is reachable for every program and every user of the
//! machine, and for every site that is open in the browser. So each question for data needs a token, in
//! a header and not in a cookie: cookies are sent to every port of a host, to any server there. What a
//! hostile site can still do is to have its own name lead here, which is why the host is checked, too.

use std::fmt::Write as _;
use std::io;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::routes::error;

/// Nothing but what this server sends, no script but its files, and no way for a text to become one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The keys to the traces.
#[derive(Debug)]
pub(super) struct Keys {
    token: String,
    /// Opens the page once. A browser's command line can be read by every user of the machine, so what
    /// stands there must be worth nothing afterwards.
    once: Mutex<Option<String>>,
}

impl Keys {
    pub(super) fn random() -> io::Result<Self> {
        Ok(Self {
            token: random()?,
            once: Mutex::new(Some(random()?)),
        })
    }

    /// Returns the key that every question needs.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Returns the key that can be turned into the token, once.
    pub(super) fn once(&self) -> Option<String> {
        let once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        once.clone()
    }

    /// Returns the token for the key that is good for one time.
    pub(super) fn exchange(&self, headers: &HeaderMap) -> Option<&str> {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = once.as_deref().is_some_and(|key| bears(headers, key));
        if is_it {
            *once = None;
        }
        is_it.then_some(&*self.token)
    }
}

/// Returns 256 random bits.
fn random() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Lets requests of the page's own through, and says what browsers may do with the answers.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_exchange = path == "/api/session";
    let is_data = path.starts_with("/api/") && !is_exchange;
    let headers = request.headers();
    let mut response = if !is_our_host(headers, app.port) {
        error(
            StatusCode::FORBIDDEN,
            "this server is only for this machine",
        )
    } else if !is_our_page(headers) {
        error(
            StatusCode::FORBIDDEN,
            "this server is only for its own page",
        )
    } else if is_data && !bears(headers, app.keys.token()) {
        error(StatusCode::UNAUTHORIZED, "the key is missing or wrong")
    } else {
        next.run(request).await
    };
    let is_api = is_data || is_exchange;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Returns whether the request was made to this machine by name. A site whose name was made to lead here
/// would still name itself.
fn is_our_host(headers: &HeaderMap, port: u16) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    host.rsplit_once(':').is_some_and(|(name, named)| {
        matches!(name, "127.0.0.1" | "localhost") && named == port.to_string()
    })
}

/// Returns whether the request comes from a page of this server, or from no page at all.
fn is_our_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().ok());
    let is_same_origin = match text(ORIGIN) {
        None => true,
        Some(origin) => origin
            .and_then(|origin| origin.strip_prefix("http://"))
            .is_some_and(|origin| text(HOST).flatten() == Some(origin)),
    };
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let mode = text(HeaderName::from_static("sec-fetch-mode"));
    let is_same_site = match site {
        None | Some(Some("same-origin" | "none")) => true,
        // A link may lead here: to a page without a key, which shows nothing.
        Some(_) => mode == Some(Some("navigate")),
    };
    is_same_origin && is_same_site
}

/// Returns whether the request carries this key.
fn bears(headers: &HeaderMap, key: &str) -> bool {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|given| is_same(given.as_bytes(), key.as_bytes()))
}

/// Compares in a time that tells nothing of where the difference is.
fn is_same(given: &[u8], key: &[u8]) -> bool {
    let differing = given.iter().zip(key).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == key.len() && differing == 0
}

pub(super) async fn exchange(State(app): State<App>, headers: HeaderMap) -> Response {
    match app.keys.exchange(&headers) {
        Some(token) => axum::Json(serde_json::json!({ "token": token })).into_response(),
        None => error(StatusCode::UNAUTHORIZED, "this key was used already"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(named: &[(&'static str, &'static str)]) -> HeaderMap {
        named
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_this_machine_by_name_is_a_host() {
        for (host, is_ours) in [
            ("127.0.0.1:7000", true),
            ("localhost:7000", true),
            ("127.0.0.1:7001", false),
            ("127.0.0.1", false),
            ("evil.example:7000", false),
            ("127.0.0.1.evil.example:7000", false),
            ("localhost.:7000", false),
            ("", false),
        ] {
            assert_eq!(
                is_our_host(&headers(&[("host", host)]), 7000),
                is_ours,
                "{host}"
            );
        }
        assert!(!is_our_host(&HeaderMap::new(), 7000));
    }

    #[test]
    fn only_the_page_itself_may_ask() {
        let host = ("host", "127.0.0.1:7000");
        for (more, may) in [
            (&[][..], true),
            (&[("origin", "http://127.0.0.1:7000")], true),
            (&[("origin", "http://127.0.0.1:3000")], false),
            (&[("origin", "https://127.0.0.1:7000")], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                true,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                false,
            ),
        ] {
            let mut all = vec![host];
            all.extend(more);
            assert_eq!(is_our_page(&headers(&all)), may, "{more:?}");
        }
    }

    #[test]
    fn a_key_for_one_time_works_one_time() {
        let keys = Keys::random().unwrap();
        let bearer = |key: &str| {
            let mut map = HeaderMap::new();
            map.insert(AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
            map
        };
        let once = keys.once().unwrap();
        assert_eq!(keys.exchange(&bearer(keys.token())), None);
        assert_eq!(keys.exchange(&bearer(&once[1..])), None);
        assert_eq!(keys.exchange(&bearer(&once)), Some(keys.token()));
        assert_eq!(keys.exchange(&bearer(&once)), None);
        assert!(bears(&bearer(keys.token()), keys.token()));
        assert!(!bears(&HeaderMap::new(), keys.token()));
        assert_ne!(keys.token(), once);
        assert_eq!(keys.token().len(), 64);
    }
}
