//! One run in two services: a request takes the trace along, in the header `traceparent`.
//!
//! `cargo run --example distributed_trace`
//!
//! Here both services are in one program, and talk over HTTP as they would elsewhere. Services that
//! record into OpenTelemetry understand the same header.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use rollout::Context;

const FOLDER: &str = ".rollout";

/// The first service: the trace begins here.
#[rollout::agent(skip(warehouse))]
fn answer(warehouse: SocketAddr, number: u32) -> Result<String, ureq::Error> {
    let status = ask_warehouse(warehouse, number)?;
    Ok(format!("Order {number} is {status}."))
}

#[rollout::tool(skip(warehouse))]
fn ask_warehouse(warehouse: SocketAddr, number: u32) -> Result<String, ureq::Error> {
    let mut request = ureq::get(format!("http://{warehouse}/orders/{number}"));
    // On the way out: what is active here goes into the headers.
    Context::current().inject(|name, value| {
        if let Some(headers) = request.headers_mut()
            && let Ok(value) = value.parse()
        {
            headers.insert(name, value);
        }
    });
    request.call()?.body_mut().read_to_string()
}

/// The second service: an agent of its own, and part of the run that asked.
#[rollout::agent("warehouse")]
fn look_up(path: &str) -> &'static str {
    rollout::span("retrieval").name("shelves").start().end();
    if path.ends_with("/1042") {
        "in transit"
    } else {
        "unknown"
    }
}

fn serve(listener: &TcpListener) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    let lines = BufReader::new(stream.try_clone()?).lines();
    let head: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1));
    let headers = head.iter().filter_map(|line| line.split_once(": "));
    // On the way in: what the headers say is active while the request is handled.
    let context = Context::from_headers(headers);
    let status = context.in_scope(|| look_up(path.unwrap_or_default()));
    respond(&mut stream, status)
}

fn respond(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let warehouse = listener.local_addr()?;
    let service = thread::spawn(move || serve(&listener));
    println!("{}\n", answer(warehouse, 1042)?);
    service.join().map_err(|_| "the service panicked")??;
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
