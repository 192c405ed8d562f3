//! A provider that says what it was told to say.
//!
//! ```
//! use rollout_tests::provider::openai;
//! use rollout_tests::{Reply, ScriptedProvider};
//!
//! let turn = openai::answer("It arrives on Tuesday.");
//! let provider = ScriptedProvider::start([
//!     Reply::status(503).with_header("retry-after", "0"),
//!     Reply::json(openai::chat(&turn)),
//!     Reply::sse(openai::chat_frames(&openai::chat_chunks(&turn))),
//! ]);
//! // … point a client to `provider.base_url()` …
//! assert_eq!(provider.unused(), 3);
//! ```

use std::sync::Arc;
use std::time::Duration;

use crate::http::{Reply, Request, Server, Watched};

pub mod anthropic;
pub mod openai;

/// A server with one reply for each request that is expected.
///
/// It runs in a thread of its own until it is dropped, so blocking programs can use it too.
#[derive(Debug)]
pub struct ScriptedProvider {
    server: Server,
    script: Arc<Watched<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    replies: Vec<Reply>,
    requests: Vec<Request>,
}

impl ScriptedProvider {
    /// Starts one with these replies, to be given in this order. A reply
    /// [for a path](Reply::for_path) waits for a request to that path.
    ///
    /// When there is no reply for a request, it gets a status 599 that says so.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Arc::new(Watched::new(Script {
            replies: replies.into_iter().collect(),
            requests: Vec::new(),
        }));
        let handler = Arc::clone(&script);
        let server = Server::start(move |request| handler.update(|script| script.reply(request)));
        Self { server, script }
    }

    /// Returns `http://127.0.0.1:PORT`, what Anthropic's clients take as base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns `http://127.0.0.1:PORT/v1`, what OpenAI's clients take as base URL.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Adds a reply at the end of the script.
    pub fn push(&self, reply: Reply) {
        self.script.update(|script| script.replies.push(reply));
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.script.read(|script| script.requests.clone())
    }

    /// Waits for so many requests, and returns all there are. A request counts when all of it has
    /// arrived, before it is answered.
    ///
    /// # Panics
    ///
    /// If they do not come in time.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> Vec<Request> {
        let requests = self.script.wait(timeout, |script| {
            (script.requests.len() >= count).then(|| script.requests.clone())
        });
        let Some(requests) = requests else {
            let came = self.requests().len();
            panic!("{came} of {count} requests came within {timeout:?}");
        };
        requests
    }

    /// Returns how many replies are left.
    pub fn unused(&self) -> usize {
        self.script.read(|script| script.replies.len())
    }
}

impl Script {
    fn reply(&mut self, request: &Request) -> Reply {
        self.requests.push(request.clone());
        let fits = |reply: &Reply| {
            let path = reply.only_for.as_deref();
            path.is_none_or(|path| path == request.route())
        };
        if let Some(next) = self.replies.iter().position(fits) {
            return self.replies.remove(next);
        }
        let (method, path, nth) = (&request.method, &request.path, self.requests.len());
        let text = format!("the script has no reply for {method} {path}, which is request {nth}");
        Reply::text(text).with_status(599)
    }
}
