//! What a client sent.

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, and the query if there is one.
    pub path: String,
    /// The headers, with names in lower case.
    pub headers: HeaderMap,
    /// The body, as it was sent: a compressed one is still compressed.
    pub body: Bytes,
    /// The body as JSON, if it is that.
    pub json: Option<Value>,
    /// Which connection it came on, from 0 in the order in which they were made.
    pub connection: usize,
}

impl Request {
    /// Returns a header's value, if it is there and a text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    ///
    /// If it is not JSON.
    #[track_caller]
    pub fn json(&self) -> &Value {
        let Some(json) = &self.json else {
            panic!("not JSON: {:?}", self.body)
        };
        json
    }

    /// Returns the path without the query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}
