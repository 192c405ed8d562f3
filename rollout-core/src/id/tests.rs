use super::*;
use std::collections::HashSet;

#[test]
fn fresh_trace_ids_are_uuids_of_version_4() {
    for _ in 0..100 {
        let text = TraceId::random().to_string();
        assert_eq!(text.len(), "trace_".len() + 36);
        assert_eq!(text.as_bytes()[6 + 14], b'4', "{text}");
        assert!(b"89ab".contains(&text.as_bytes()[6 + 19]), "{text}");
    }
}

#[test]
fn ids_of_many_threads_never_repeat() {
    let ids: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..10_000).map(|_| SpanId::random()).collect::<Vec<_>>()))
            .collect();
        handles
            .into_iter()
            .flat_map(|h| h.join().unwrap())
            .collect()
    });
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn ids_are_texts_in_json() {
    let (trace, span) = (TraceId::random(), SpanId::random());
    let json = serde_json::to_string(&(trace, span)).unwrap();
    assert_eq!(json, format!(r#"["{trace}","{span}"]"#));
    assert_eq!(
        serde_json::from_str::<(TraceId, SpanId)>(&json).unwrap(),
        (trace, span)
    );
    let error = serde_json::from_str::<TraceId>(r#""none""#).unwrap_err();
    assert!(error.to_string().contains("trace id"), "{error}");
}

#[test]
fn ids_read_back_from_every_form_they_are_written_in() {
    let trace = TraceId::random();
    for text in [
        trace.to_string(),
        trace.to_hex(),
        trace.to_string().replace("trace_", ""),
    ] {
        assert_eq!(text.parse(), Ok(trace));
    }
    let span = SpanId::random();
    assert_eq!(span.to_string().parse(), Ok(span));
    assert_eq!(SpanId::from_bytes(span.to_bytes()), Some(span));
    assert_eq!(TraceId::from_bytes(trace.to_bytes()), trace);
}

#[test]
fn a_bad_id_is_named_in_the_error() {
    let error = "trace_xyz".parse::<TraceId>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`trace_xyz` is no trace id: expected `trace_` and a UUID, or 32 hexadecimal digits"
    );
    assert!("0000000000000000".parse::<SpanId>().is_err());
}

#[test]
fn lots_are_spread_evenly() {
    let kept = (0..10_000)
        .filter(|_| TraceId::random().lot() < u64::MAX / 4)
        .count();
    assert!((2_200..2_800).contains(&kept), "{kept}");
}
