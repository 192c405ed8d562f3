//! The server: a thread of its own, so that it serves blocking programs as well as futures.

use std::future::{pending, poll_fn};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::body::{Broken, PacedBody};
use super::reply::{At, Fault, Reply};
use super::request::Request;

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server that listens until it is dropped, in a thread of its own.
///
/// ```
/// use rollout_tests::{Reply, Server};
///
/// let server = Server::start(|request| Reply::text(request.path.clone()));
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one that answers each request as `handler` says.
    ///
    /// # Panics
    ///
    /// If there is no port or no thread to be had.
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("no port to be had");
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("scripted-server".into());
        let thread = thread.spawn(move || run(listener, Arc::new(handler), stopped));
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread.unwrap()),
        }
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has printed why, if it panicked.
            let _ = thread.join();
        }
    }
}

fn run(listener: TcpListener, handler: Arc<Handler>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(serve(stream, connection, Arc::clone(&handler)));
            }
        });
        let _ = stopped.await;
    });
    // The runtime goes, and with it all connections.
}

async fn serve(stream: TcpStream, connection: usize, handler: Arc<Handler>) {
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        Box::pin(answer(
            request,
            connection,
            Arc::clone(&handler),
            Arc::clone(&reset),
        ))
    });
    let mut http = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = poll_fn(|context| http.poll_without_shutdown(context)).await;
    let stream = http.into_parts().io.into_inner();
    if reset.load(Ordering::Acquire) {
        stream.set_zero_linger().unwrap();
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    connection: usize,
    handler: Arc<Handler>,
    reset: Arc<AtomicBool>,
) -> Result<Response<PacedBody>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request {
        method: head.method.to_string(),
        path: path.to_owned(),
        headers: head.headers,
        json: serde_json::from_slice(&body).ok(),
        body,
        connection,
    };

    let reply = handler(&request);
    tokio::time::sleep(reply.head_delay).await;
    match reply.fault {
        Some((At::Head, Fault::Hang)) => pending().await,
        Some((At::Head, fault)) => {
            reset.store(fault == Fault::Reset, Ordering::Release);
            Err(Broken)
        }
        _ => {
            let mut response = Response::builder().status(reply.status);
            for (name, value) in &reply.headers {
                response = response.header(name, value);
            }
            Ok(response.body(PacedBody::new(reply, reset)).unwrap())
        }
    }
}
