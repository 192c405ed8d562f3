//! Servers and networks that fail.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::Bench;
use super::pressure::Gate;
use super::server::{NOBODY, Reply, Server};

#[test]
fn what_may_pass_is_retried_with_the_same_body() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let server =
            Server::start(move |number, _| Reply::status(if number < 3 { status } else { 200 }));
        let mut bench = Bench::new(&server.url);
        assert_eq!(bench.deliver(2).exported, 2, "{status}");
        let requests = server.requests();
        assert_eq!(requests.len(), 4, "{status}");
        assert!(
            requests
                .iter()
                .all(|request| request.body == requests[0].body),
            "{status}"
        );
        assert_eq!(bench.said(), [""; 0]);
    }
}

#[test]
fn a_connection_that_breaks_and_an_answer_that_is_cut_off_are_retried() {
    let server = Server::start(|number, _| match number {
        0 => Reply::Nothing,
        1 => Reply::Truncated(200, r#"{"accepted": 2, "rej"#),
        _ => Reply::status(200),
    });
    let mut bench = Bench::new(&server.url);
    assert_eq!(bench.deliver(2).exported, 2);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn defect_19_an_attempt_that_takes_too_long_is_given_up_and_made_again() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |number, _| {
        if number == 0 {
            held.pass();
        }
        Reply::status(200)
    });
    let mut bench = Bench::new(&server.url);
    bench.set_timeout(Duration::from_millis(100));
    let started = Instant::now();
    assert_eq!(bench.deliver(2).exported, 2);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(server.requests().len(), 2);
    gate.open();
}

#[test]
fn an_answer_that_never_ends_is_no_answer() {
    // More is promised than comes, and the connection stays open.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = std::thread::spawn(move || {
        let open: Vec<_> = (0..4)
            .map(|_| {
                let (mut stream, _) = listener.accept().unwrap();
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{";
                std::io::Write::write_all(&mut stream, answer).unwrap();
                stream
            })
            .collect();
        open.len()
    });
    let mut bench = Bench::new(&url);
    bench.set_timeout(Duration::from_millis(100));
    assert_eq!(bench.deliver(2).dropped.undeliverable, 2);
    assert_eq!(connections.join().unwrap(), 4);
}

#[test]
fn a_permanent_refusal_stands_though_its_body_is_cut_off() {
    let server = Server::start(|_, _| Reply::Truncated(400, "because"));
    let mut bench = Bench::new(&server.url);
    assert_eq!(bench.deliver(2).dropped.rejected, 2);
}

#[test]
fn defect_24_what_a_dead_server_costs_is_counted_and_said_once() {
    let server = Server::start(|number, _| match number {
        0..8 => Reply::status(503),
        8..12 => Reply::status(500),
        _ => Reply::status(200),
    });
    let mut bench = Bench::new(&server.url);
    bench.deliver(3);
    bench.deliver(2);
    let stats = bench.deliver(4);
    assert_eq!((stats.dropped.undeliverable, stats.dropped.total()), (9, 9));
    assert_eq!(bench.deliver(1).exported, 1);
    let url = &server.url;
    assert_eq!(
        bench.said(),
        [
            format!("events are lost, as `{url}` does not take them: 503 Service Unavailable"),
            format!("events are lost, as `{url}` does not take them: 500 Internal Server Error"),
            format!("`{url}` takes events again; 9 are lost"),
        ]
    );
}

#[test]
fn a_refusal_of_one_batch_is_no_outage_and_said_once() {
    let server = Server::start(|number, _| Reply::status(if number % 2 == 0 { 422 } else { 200 }));
    let mut bench = Bench::new(&server.url);
    for _ in 0..6 {
        bench.deliver(1);
    }
    assert_eq!(bench.said().len(), 1, "{:?}", bench.said());
}

#[test]
fn nobody_at_the_address_is_said_in_plain_words() {
    let mut bench = Bench::new(NOBODY);
    assert_eq!(bench.deliver(1).dropped.undeliverable, 1);
    let said = bench.said().concat();
    assert!(said.contains(NOBODY) && said.contains("refused"), "{said}");
}

#[test]
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn https_without_tls_names_the_feature_once() {
    let mut bench = Bench::new("https://127.0.0.1:1");
    bench.deliver(1);
    assert_eq!(bench.deliver(1).dropped.undeliverable, 2);
    let [said] = &bench.said()[..] else {
        panic!("{:?}", bench.said())
    };
    assert!(
        said.contains("cargo feature `rustls` or `native-tls`"),
        "{said}"
    );
}
