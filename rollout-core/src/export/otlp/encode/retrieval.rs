//! What a retrieval found.

use serde_json::{Map, Value};

use super::common::text;

/// How many documents of a retrieval are told one by one.
const MOST: usize = 100;

/// Where programs put a list of documents, if it is not the whole of what they found.
const LISTS: [&str; 4] = ["documents", "results", "matches", "data"];

/// Returns the documents as the conventions have them: each with an id and a score, and what else is known of it.
/// `None` where one has neither.
pub(super) fn documents(found: &Value) -> Option<Value> {
    let documents: Vec<_> = list(found)?.iter().take(MOST).collect();
    let is_one = |document: &&&Value| {
        let has_id = document.get("id").is_some_and(Value::is_string);
        has_id && document.get("score").is_some_and(Value::is_number)
    };
    let all = !documents.is_empty() && documents.iter().all(|document| is_one(&document));
    all.then(|| documents.into_iter().cloned().collect())
}

/// Tells the documents as `OpenInference` has them, member by member.
pub(super) fn flatten(found: &Value, mut tell: impl FnMut(String, Value)) {
    let documents = list(found).into_iter().flatten();
    for (index, document) in documents.take(MOST).enumerate() {
        let mut tell = |name: &str, value: Value| {
            tell(
                format!("retrieval.documents.{index}.document.{name}"),
                value,
            );
        };
        let Value::Object(members) = document else {
            tell("content", text(document).into());
            continue;
        };
        let id = members.get("id").filter(|id| !id.is_null());
        if let Some(id) = id {
            tell("id", text(id).into());
        }
        let content = first(members, &["content", "text", "page_content"]);
        if let Some(content) = content {
            tell("content", text(content).into());
        }
        if let Some(score) = members.get("score").and_then(Value::as_f64) {
            tell("score", score.into());
        }
        let metadata = members.get("metadata").filter(|value| value.is_object());
        if let Some(metadata) = metadata {
            tell("metadata", metadata.to_string().into());
        }
    }
}

fn list(found: &Value) -> Option<&[Value]> {
    let list = match found {
        Value::Object(members) => first(members, &LISTS)?,
        other => other,
    };
    list.as_array().map(Vec::as_slice)
}

fn first<'a>(members: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names
        .iter()
        .find_map(|name| members.get(*name).filter(|value| !value.is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(found: &Value) -> Vec<(String, Value)> {
        let mut told = Vec::new();
        flatten(found, |name, value| {
            let name = name.trim_start_matches("retrieval.documents.");
            told.push((name.to_owned(), value));
        });
        told
    }

    #[test]
    fn documents_have_an_id_and_a_score() {
        let one = json!({"id": "d1", "score": 0.5, "title": "Manual"});
        assert_eq!(documents(&json!([one])), Some(json!([one])));
        assert_eq!(
            documents(&json!({"matches": [one], "took": 3})),
            Some(json!([one]))
        );
        for other in [
            json!([one, {"id": "d2"}]),
            json!([{"id": 7, "score": 0.5}]),
            json!(["page 7"]),
            json!([]),
            json!({"answer": 42}),
            json!("page 7"),
        ] {
            assert_eq!(documents(&other), None, "{other}");
        }
    }

    #[test]
    fn whatever_was_found_is_told_one_by_one() {
        let found = json!([
            {"id": 7, "score": 1, "text": "a", "metadata": {"page": 3}},
            "page 7",
        ]);
        let expected = [
            ("0.document.id", json!("7")),
            ("0.document.content", json!("a")),
            ("0.document.score", json!(1.0)),
            ("0.document.metadata", json!(r#"{"page":3}"#)),
            ("1.document.content", json!("page 7")),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(told(&found), expected);
        assert_eq!(told(&json!({"answer": 42})), []);
        let many: Value = (0..=MOST).collect::<Vec<_>>().into();
        assert_eq!(told(&many).len(), MOST);
    }
}
