use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::*;

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { side: f32 },
}

fn write(value: &impl Serialize) -> String {
    let written = to_json(value, Limits::bytes(10_000)).unwrap();
    assert!(!written.truncated);
    written.json
}

#[test]
fn what_serde_json_can_write_is_written_alike() {
    let value = json!({
        "text": "a\"b\\c\n\t\u{1}é💡",
        "numbers": [0, -7, 1.5, 1e300, u64::MAX],
        "nothing": null,
        "flags": [true, false],
        "empty": [[], {}],
    });
    assert_eq!(write(&value), value.to_string());
    let shapes = [
        Shape::Unit,
        Shape::Newtype(1),
        Shape::Tuple(1, 2),
        Shape::Struct { side: 0.1 },
    ];
    assert_eq!(write(&shapes), serde_json::to_string(&shapes).unwrap());
    let odd = (Some(1), None::<u8>, (), 'x', "s", i128::MIN);
    assert_eq!(write(&odd), serde_json::to_string(&odd).unwrap());
}

#[test]
fn defect_60_nan_and_infinity_are_told_from_null() {
    let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    assert_eq!(write(&numbers), r#"["NaN","Infinity","-Infinity"]"#);
    assert_eq!(write(&f32::NAN), r#""NaN""#);
}

#[test]
fn defect_02_keys_of_every_type_become_texts() {
    let map = BTreeMap::from([((1, 2), "pair")]);
    assert_eq!(write(&map), r#"{"[1,2]":"pair"}"#);
    assert_eq!(write(&BTreeMap::from([(7, 1)])), r#"{"7":1}"#);
    assert_eq!(write(&BTreeMap::from([(Some("k"), 1)])), r#"{"k":1}"#);
}

#[test]
fn json_kept_as_text_is_written_verbatim() {
    let raw = serde_json::value::RawValue::from_string(r#"{"a": 1.0}"#.into()).unwrap();
    assert_eq!(write(&vec![raw]), r#"[{"a": 1.0}]"#);
}

#[test]
fn a_long_value_is_cut_stays_valid_and_says_so() {
    let value = json!({"list": [1, 2, {"deep": "x".repeat(500)}], "more": "yyy"});
    for bytes in 0..600 {
        let written = to_json(&value, Limits::bytes(bytes)).unwrap();
        let parsed: Value = serde_json::from_str(&written.json)
            .unwrap_or_else(|error| panic!("{error} at {bytes}: {}", written.json));
        assert_eq!(
            written.truncated,
            parsed != value,
            "{bytes}: {}",
            written.json
        );
        assert!(written.json.len() < bytes + 64, "{bytes}: {}", written.json);
    }
}

#[test]
fn a_cut_text_says_how_much_is_missing_and_splits_no_character() {
    let written = to_json(&"é".repeat(100), Limits::bytes(21)).unwrap();
    assert_eq!(
        written.json,
        format!(r#""{}… [180 bytes cut]""#, "é".repeat(10))
    );
    assert!(written.truncated);
}

#[test]
fn a_long_text_leaves_room_for_what_comes_after_it() {
    let value = json!({"a": format!("begin {} end", "é".repeat(1_000)), "b": "after"});
    let written = to_json(&value, Limits::shared(400)).unwrap();
    let parsed: Value = serde_json::from_str(&written.json).unwrap();
    let text = parsed["a"].as_str().unwrap();
    assert!(
        text.starts_with("begin é") && text.ends_with("é end"),
        "{text}"
    );
    assert_eq!((&parsed["b"], written.truncated), (&json!("after"), true));
}

#[test]
fn of_media_the_beginning_is_enough() {
    let image = format!(
        "data:image/png;base64,iVBORw0KGgo{}",
        "Ab1+".repeat(100_000)
    );
    let written = to_json(&json!([image, 1]), Limits::shared(100_000)).unwrap();
    assert!(written.json.starts_with(r#"["data:image/png;base64,iVBOR"#));
    assert!(
        written.json.ends_with("[399521 bytes cut] …\",1]"),
        "{}",
        written.json
    );
    assert!(written.json.len() < 1_000);
}

#[test]
fn what_is_too_deep_is_left_out() {
    let mut value = json!("bottom");
    for _ in 0..500 {
        value = json!([value]);
    }
    let written = to_json(
        &value,
        Limits {
            depth: 3,
            ..Limits::bytes(10_000)
        },
    )
    .unwrap();
    assert_eq!(written.json, r#"[[["…"]]]"#);
    assert!(written.truncated);
}

#[test]
fn an_endless_value_ends_at_the_limit() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(std::iter::repeat(1))
        }
    }
    let written = to_json(&Endless, Limits::bytes(20)).unwrap();
    assert_eq!(written.json, "[1,1,1,1,1,1,1,1,1,1]");
}

#[test]
fn a_value_that_gives_up_is_an_error() {
    struct Stubborn;
    impl Serialize for Stubborn {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(ser::Error::custom("no"))
        }
    }
    assert_eq!(to_json(&[Stubborn], Limits::bytes(20)), Err("no".into()));
}

#[test]
fn what_is_nested_without_brackets_is_not_nested_without_end() {
    /// Goes round in a circle, as a variant of itself or as an option.
    #[derive(Clone, Copy)]
    struct Circle {
        is_variant: bool,
    }
    impl Serialize for Circle {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.is_variant {
                return serializer.serialize_newtype_variant("Circle", 0, "Next", self);
            }
            serializer.serialize_some(self)
        }
    }
    for is_variant in [true, false] {
        let written = to_json(&Circle { is_variant }, Limits::bytes(usize::MAX)).unwrap();
        assert!(written.truncated);
        // Valid, though parsers have a limit of their own.
        assert_eq!(written.json.contains("Next"), is_variant);
        assert_eq!(
            written.json.matches('{').count(),
            written.json.matches('}').count()
        );
    }
}

#[test]
fn what_displays_without_end_is_cut() {
    struct Endless;
    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            loop {
                f.write_str("and so on ")?;
            }
        }
    }
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }
    let written = to_json(&Endless, Limits::shared(1_000)).unwrap();
    assert!(
        written.truncated && written.json.len() < 1_100,
        "{}",
        written.json
    );
    assert!(written.json.ends_with("cut]\""), "{}", written.json);
}
