//! HTTP, and the pace at which a model writes.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, channel::Channel};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::desk::{Answer, Desk};

/// How long the model takes to begin, and then for each token.
const FIRST_TOKEN: Duration = Duration::from_millis(90);
const NEXT_TOKEN: Duration = Duration::from_millis(4);

/// A provider that listens on a free port of this machine until it is dropped.
#[derive(Debug)]
pub struct LocalProvider {
    address: SocketAddr,
    server: AbortHandle,
}

impl LocalProvider {
    /// Starts one, in the tokio runtime that this is called from.
    ///
    /// # Errors
    ///
    /// If no port can be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(serve(listener)).abort_handle();
        Ok(Self { address, server })
    }

    /// Returns what OpenAI's clients take as their base URL: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Returns what Anthropic's clients take as their base URL: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what a client takes as the endpoint of an Azure resource: `http://127.0.0.1:PORT`.
    /// There is a deployment of any name.
    pub fn azure_endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener) {
    let desk = Arc::new(Desk::default());
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        let service = service_fn(move |request| answer(Arc::clone(&desk), request));
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(
    desk: Arc<Desk>,
    request: Request<Incoming>,
) -> Result<Response<Body>, hyper::Error> {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let id = format!("local{:04}", REQUESTS.fetch_add(1, Ordering::Relaxed));

    let (head, body) = request.into_parts();
    let route = format!("{} {}", head.method, head.uri.path());
    let is_anthropic = head.uri.path() == "/v1/messages";
    let body = body.collect().await?.to_bytes();
    let (status, content_type, body) = match desk.answer(&route, &body, id.clone()) {
        Ok(Answer::Whole(body, usage)) => {
            let tokens = usage.output.try_into().unwrap_or(u32::MAX);
            sleep(FIRST_TOKEN + NEXT_TOKEN * tokens).await;
            (
                StatusCode::OK,
                "application/json",
                Full::from(body.to_string()).boxed(),
            )
        }
        Ok(Answer::Stream(frames)) => (StatusCode::OK, "text/event-stream", stream(frames)),
        Err(refusal) => {
            let body = refusal.body().to_string();
            (refusal.status, "application/json", Full::from(body).boxed())
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let id = format!("req_{id}")
        .parse()
        .expect("an id is fit for a header");
    let name = if is_anthropic {
        "request-id"
    } else {
        "x-request-id"
    };
    response.headers_mut().insert(name, id);
    let content_type = content_type.parse().expect("a constant");
    response.headers_mut().insert("content-type", content_type);
    Ok(response)
}

/// Sends one frame after the other. The first one says only that the model has begun.
fn stream(frames: Vec<String>) -> Body {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        for (index, frame) in frames.into_iter().enumerate() {
            match index {
                0 => {}
                1 => sleep(FIRST_TOKEN).await,
                _ => sleep(NEXT_TOKEN).await,
            }
            if sender.send_data(Bytes::from(frame)).await.is_err() {
                return; // The client has left.
            }
        }
    });
    body.boxed()
}
