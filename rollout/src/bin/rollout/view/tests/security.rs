//! Who gets nothing.

use super::*;

const DATA: [&str; 9] = [
    "/api/about",
    "/api/runs",
    "/api/runs/t",
    "/api/runs/t/steps/a",
    "/api/runs/t/steps/a/events",
    "/api/stats",
    "/api/compare?left=t&right=t",
    "/api/live",
    "/api/nothing",
];

#[test]
fn without_the_key_there_is_no_data() {
    let server = Server::start("key");
    server.record("a.jsonl", &[span("t", "a")]);
    let host = server.host();
    let token = server.app.keys.token();
    for path in DATA {
        for key in [
            "x: y".to_owned(),
            "authorization: Bearer ".to_owned(),
            format!("authorization: Bearer {}", &token[1..]),
            format!("authorization: Bearer {token}0"),
            format!("authorization: Basic {token}"),
            format!("cookie: token={token}"),
        ] {
            let request = format!("GET {path} HTTP/1.1\r\n{host}\r\n{key}");
            let (status, _, body) = server.send(&request);
            assert_eq!(status, 401, "{path}, {key}");
            assert!(!body.contains("secret"));
        }
        let (status, ..) = server.send(&format!("GET {path}?token={token} HTTP/1.1\r\n{host}"));
        assert_eq!(
            status, 401,
            "a key in the address is no key: addresses get into logs"
        );
    }
}

#[test]
fn another_host_or_origin_gets_nothing_with_the_key_either() {
    let server = Server::start("host");
    server.record("a.jsonl", &[span("t", "a")]);
    let (key, host, port) = (server.key(), server.host(), server.app.port);
    for path in DATA.into_iter().chain(["/", "/assets/app.js"]) {
        for head in [
            format!("host: rebound.example:{port}"),
            "host: 127.0.0.1:1".to_owned(),
            format!("host: 0.0.0.0:{port}"),
            format!("{host}\r\norigin: https://evil.example"),
            format!("{host}\r\norigin: http://127.0.0.1:3000"),
            format!("{host}\r\norigin: null"),
            format!("{host}\r\nsec-fetch-site: cross-site"),
            format!("{host}\r\nsec-fetch-site: same-site"),
        ] {
            let (status, answer, body) =
                server.send(&format!("GET {path} HTTP/1.1\r\n{head}\r\n{key}"));
            assert_eq!(status, 403, "{path}, {head}");
            assert!(!answer.contains("access-control-"), "{answer}");
            assert!(!body.contains("secret"));
        }
    }
    let preflight = format!(
        "OPTIONS /api/runs HTTP/1.1\r\n{host}\r\norigin: http://127.0.0.1:3000\r\naccess-control-request-method: GET"
    );
    let (status, answer, _) = server.send(&preflight);
    assert_eq!(status, 403);
    assert!(!answer.contains("access-control-allow"));
}

#[test]
fn no_path_leads_out_of_the_page() {
    let server = Server::start("path");
    let secret = server.folder.join("secret.txt");
    fs::write(&secret, "the secret").unwrap();
    let (key, host) = (server.key(), server.host());
    let outside = secret.display();
    for path in [
        "/assets/../mod.rs".to_owned(),
        "/assets/..%2fmod.rs".to_owned(),
        "/assets/%2e%2e/mod.rs".to_owned(),
        "/assets/....//mod.rs".to_owned(),
        "/assets//etc/passwd".to_owned(),
        "/../../etc/passwd".to_owned(),
        format!("/assets/{outside}"),
        format!("/{outside}"),
        "/assets/".to_owned(),
        "/assets/app.js%00.css".to_owned(),
        "/api/runs/..%2f..%2fsecret.txt".to_owned(),
        "/api/runs/t/steps/..%2fsecret.txt".to_owned(),
    ] {
        let (status, _, body) = server.send(&format!("GET {path} HTTP/1.1\r\n{host}\r\n{key}"));
        assert_eq!(status, 404, "{path}");
        assert!(
            !body.contains("secret\n") && !body.contains("root:"),
            "{path}: {body}"
        );
    }
}

#[test]
fn every_answer_forbids_what_a_browser_could_be_talked_into() {
    let server = Server::start("headers");
    let (key, host) = (server.key(), server.host());
    for (path, status) in [
        ("/", 200),
        ("/assets/app.js", 200),
        ("/api/runs", 200),
        ("/nothing", 404),
        ("/api/about", 401),
    ] {
        let key = if status == 401 { "x: y" } else { &key };
        let (got, head, _) = server.send(&format!("GET {path} HTTP/1.1\r\n{host}\r\n{key}"));
        assert_eq!(got, status, "{path}");
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "require-trusted-types-for 'script'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(head.contains(header), "{header}, in {path}: {head}");
        }
        assert_eq!(
            head.contains("no-store"),
            path.starts_with("/api/"),
            "{path}"
        );
        assert!(!head.contains("unsafe") && !head.contains("set-cookie"));
    }
}

#[test]
fn the_key_of_the_browser_is_worth_nothing_after_it_was_used() {
    let server = Server::start("once");
    let once = server.app.keys.once().unwrap();
    let host = server.host();
    let exchange = format!(
        "POST /api/session HTTP/1.1\r\n{host}\r\ncontent-length: 0\r\nauthorization: Bearer {once}"
    );
    let (status, _, body) = server.send(&exchange);
    assert_eq!(status, 200);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["token"],
        server.app.keys.token()
    );
    assert_eq!(server.send(&exchange).0, 401);
    let (status, ..) = server.send(&format!(
        "GET /api/runs HTTP/1.1\r\n{host}\r\nauthorization: Bearer {once}"
    ));
    assert_eq!(status, 401);
}
