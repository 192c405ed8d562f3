//! The trace of a call, told to the provider's side by those programs that want it to know.

use rollout::{Builder, Context, Rollout};
use rollout_tests::provider::openai;
use rollout_tests::{Recorder, Reply, Request, ScriptedProvider};

use super::calls::{TEXT, Way, answer, call_bare, chat_request, client, runtime};
use super::harness::{TAPS, Tap, call, layered};

const HEADERS: [&str; 3] = ["traceparent", "tracestate", "baggage"];

fn recorder(configure: impl FnOnce(Builder) -> Builder) -> Recorder {
    Recorder::with(configure(Rollout::builder().without_environment()))
}

/// Returns what a request says about the trace.
fn told(request: &Request) -> Vec<&str> {
    HEADERS
        .iter()
        .filter_map(|name| request.header(name))
        .collect()
}

#[test]
fn the_call_is_the_parent_of_what_happens_behind_it() {
    for tap in TAPS {
        for way in [
            Way::Chat,
            Way::ChatStream,
            Way::Response,
            Way::ResponseStream,
        ] {
            let provider = ScriptedProvider::start([answer(way)]);
            let recorder = recorder(|builder| builder.propagate_context(true));
            call(&recorder, &provider.base_url(), tap, way);
            let start = recorder.only_call().start;
            let trace = start
                .trace_id
                .unwrap()
                .replace("trace_", "")
                .replace('-', "");
            let span = start.span_id.unwrap().replace("span_", "");
            let expected = [format!("00-{trace}-{span}-01")];
            assert_eq!(told(&provider.requests()[0]), expected, "{tap:?} {way:?}");
        }
    }
}

#[test]
fn what_came_with_the_trace_from_elsewhere_goes_on() {
    let incoming = [
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("tracestate", "vendor=1"),
        ("baggage", "tenant=7"),
    ];
    for tap in TAPS {
        let provider = ScriptedProvider::start([answer(Way::Chat)]);
        let recorder = recorder(|builder| builder.propagate_context(true));
        let context = recorder.rollout().context();
        context.in_scope(|| {
            Context::from_headers(incoming).in_scope(|| match tap {
                // Here it records where the trace is, and in `call` where the client is.
                Tap::Layered => call_bare(&layered(&provider.base_url()), Way::Chat),
                tap => call(&recorder, &provider.base_url(), tap, Way::Chat),
            });
        });
        let requests = provider.requests();
        let [parent, state, baggage] = told(&requests[0])[..] else {
            panic!("{tap:?} {requests:?}")
        };
        assert!(parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(!parent.contains("00f067aa0ba902b7"), "the call is between");
        assert_eq!((state, baggage), ("vendor=1", "tenant=7"));
    }
}

#[test]
fn each_attempt_tells_the_same() {
    let provider = ScriptedProvider::start([Reply::status(500), answer(Way::Chat)]);
    let recorder = recorder(|builder| builder.propagate_context(true));
    call(&recorder, &provider.base_url(), Tap::Layered, Way::Chat);
    let requests = provider.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(told(&requests[0]).len(), 1);
    assert_eq!(told(&requests[0]), told(&requests[1]));
}

#[test]
fn a_provider_learns_nothing_unless_the_program_wants_it_to() {
    for tap in TAPS {
        let provider = ScriptedProvider::start([answer(Way::Chat)]);
        call(&Recorder::new(), &provider.base_url(), tap, Way::Chat);
        assert_eq!(told(&provider.requests()[0]), [""; 0], "{tap:?}");
        // Of a trace that is not recorded there is nothing to go on with.
        let provider = ScriptedProvider::start([answer(Way::Chat)]);
        let disabled = recorder(|builder| builder.propagate_context(true).disabled(true));
        call(&disabled, &provider.base_url(), tap, Way::Chat);
        assert_eq!(told(&provider.requests()[0]), [""; 0], "{tap:?}");
    }
}

#[test]
fn the_other_options_of_a_request_stay() {
    use async_openai::traits::RequestOptionsBuilder as _;

    let provider = ScriptedProvider::start([Reply::json(openai::chat(&openai::answer(TEXT)))]);
    let recorder = recorder(|builder| builder.propagate_context(true));
    let openai = recorder.wrap(client(&provider.base_url()));
    let chat = openai.chat().header("x-tenant", "seven").unwrap();
    let chat = chat.query(&[("api-version", "2")]).unwrap();
    runtime().block_on(chat.create(chat_request())).unwrap();
    let request = &provider.requests()[0];
    assert_eq!(request.header("x-tenant"), Some("seven"));
    assert!(request.path.ends_with("?api-version=2"), "{}", request.path);
    assert_eq!(told(request).len(), 1);
}

#[test]
fn the_layer_leaves_what_the_program_says_itself() {
    use async_openai::traits::RequestOptionsBuilder as _;

    let provider = ScriptedProvider::start([Reply::json(openai::chat(&openai::answer(TEXT)))]);
    let recorder = recorder(|builder| builder.propagate_context(true));
    let openai = layered(&provider.base_url());
    let chat = openai.chat().header("traceparent", "mine").unwrap();
    let work = chat.create(chat_request());
    let context = recorder.rollout().context();
    context.in_scope(|| runtime().block_on(work)).unwrap();
    assert_eq!(told(&provider.requests()[0]), ["mine"]);
}
