//! What holds for every value, every text and every limit.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{Limits, MediaStore, length};
use crate::pipeline::redact::{Redactor, StreamRedactor};
use crate::protocol::Json;

const KEY: &str = "sk-proj-s3cr3tabcdefgh0123";

fn limits(bytes: usize) -> Limits<'static> {
    Limits {
        redactor: Redactor::BUILT_IN,
        media: None::<&MediaStore>,
        bytes,
    }
}

/// Any JSON value, with texts that are long, odd, media, or secret.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        4 => any::<String>(),
        1 => "[ -~]{0,2000}",
        1 => "(é|\\PC|\"|\\\\|\n){0,400}",
        1 => "[A-Za-z0-9+/]{1000,3000}",
        1 => "[a-z ]{0,20}".prop_map(|text| format!("{text} {KEY} {text}")),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        // serde_json reads what has more digits to the last but one.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 4.0)),
        text.prop_map(Value::String),
    ];
    let key =
        prop_oneof![3 => "[a-z_]{0,12}", 1 => any::<String>(), 1 => Just("api_key".to_owned())];
    leaf.prop_recursive(6, 200, 20, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..40)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Returns whether something in a value says that something is missing.
fn says_so(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("cut"),
        Value::Array(items) => items.iter().any(says_so),
        Value::Object(map) => map.values().any(says_so),
        _ => false,
    }
}

/// Returns how many values are tried: as many as `PROPTEST_CASES` says, else few enough not to be waited for.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn whatever_it_is_it_is_json_within_the_limit_and_says_what_is_missing(
        value in value(),
        limit in prop_oneof![7..200_usize, 200..20_000_usize],
        as_text in any::<bool>(),
    ) {
        let json = if as_text {
            Json::from_text(value.to_string()).unwrap()
        } else {
            Json::from(value.clone())
        };
        let (fitted, truncated) = limits(limit).fit(json);
        let text = fitted.to_text();
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(text.len() <= limit, "{} > {limit}", text.len());
        prop_assert!(!truncated || says_so(&read));
        prop_assert!(!text.contains("s3cr3tabcdefgh"), "{text}");
        prop_assert!(!text.contains('\n'));
        // It stays so, though what says that items are missing may be masked, where a secret would stand.
        let (again, _) = limits(limit).fit(Json::from_text(text.clone()).unwrap());
        let again = again.to_text();
        prop_assert!(again.len() <= limit && serde_json::from_str::<Value>(&again).is_ok());
        prop_assert!(again == text || again.contains("REDACTED"), "{again}");
    }

    #[test]
    fn what_is_masked_once_is_masked(mut value in value()) {
        Redactor::BUILT_IN.value(&mut value);
        let once = value.to_string();
        prop_assert!(!once.contains("s3cr3tabcdefgh"), "{once}");
        prop_assert_eq!(&serde_json::from_str::<Value>(&once).unwrap(), &value);
        Redactor::BUILT_IN.value(&mut value);
        prop_assert_eq!(value.to_string(), once);
    }

    #[test]
    fn what_is_captured_is_json_whatever_the_limit(value in value(), limit in 0..5_000_usize) {
        let payload = crate::Payload::serialize(&value, limit);
        let resolved = payload.resolve(limit).unwrap();
        let text = resolved.json.to_text();
        let read: Value = serde_json::from_str(&text).unwrap();
        // What can be left out is, but not the brackets that are open.
        prop_assert!(text.len() <= limit.max(4) + 64, "{} > {limit}", text.len());
        prop_assert!(resolved.truncated || read == value || length(&value) > limit);
    }

    #[test]
    fn a_text_in_pieces_is_masked_as_if_it_were_whole(
        parts in prop::collection::vec(part(), 0..12),
        cuts in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let text = parts.concat();
        let whole = Redactor::BUILT_IN.text(&text).into_owned();
        let mut stream = StreamRedactor::default();
        let (mut shown, mut bytes) = (String::new(), 0);
        let mut show = |text: &str, length: usize| {
            shown.push_str(text);
            bytes += length;
        };
        let mut rest = text.as_str();
        for cut in cuts.iter().cycle() {
            let at = rest.char_indices().nth(*cut).map_or(rest.len(), |(at, _)| at);
            let (piece, others) = rest.split_at(at);
            stream.push(Redactor::BUILT_IN, piece, false, &mut show);
            rest = others;
            if rest.is_empty() {
                break;
            }
        }
        stream.push(Redactor::BUILT_IN, "", true, &mut show);
        prop_assert_eq!(bytes, text.len());
        // No part of what the whole text does not show, but for the first letter.
        for secret in [KEY, "hunter2pass", "s3cr3tPEM", "eyJzdWIiOiIxMjM0In0"] {
            for at in 1..secret.len().saturating_sub(6) {
                let part = &secret[at..at + 6];
                prop_assert!(whole.contains(part) || !shown.contains(part), "{part}: {shown} / {whole}");
            }
        }
        prop_assert_eq!(Redactor::BUILT_IN.text(&whole).into_owned(), whole.clone());
    }
}

/// Parts of texts with credentials in them.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~é\n]{0,30}",
        Just(format!(" {KEY} ")),
        Just("Bearer abcdef0123456789, ".to_owned()),
        Just("\"password\": \"hunter2pass\", ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\ns3cr3tPEM\n-----END PRIVATE KEY----- ".to_owned()),
        Just(" eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl ".to_owned()),
        Just(" https://me:hunter2pass@host/?key=abc123def ".to_owned()),
        Just(" api_key=".to_owned()),
    ]
}
