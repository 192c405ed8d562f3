//! `rollout grep`: which runs and steps say something.

use regex::{Regex, RegexBuilder};
use serde::Serialize;
use serde_json::Value;

use super::filter::FilterArgs;
use super::list::short;
use crate::failure::Failure;
use crate::place::Place;
use crate::screen::{Ink, Screen, cut, inert};

/// So many characters around what was found are shown.
const AROUND: usize = 60;

/// What `rollout grep` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct GrepArgs {
    /// A regular expression
    pattern: String,
    /// Upper and lower case are the same
    #[arg(long, short)]
    ignore_case: bool,
    /// Only in these runs: an id or its beginning, or `last`
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// No more than so many; 0 for all
    #[arg(long, short = 'n', default_value_t = 100)]
    limit: usize,
    /// A JSON object a line
    #[arg(long)]
    json: bool,
}

/// Something that was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Hit<'a> {
    trace_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<&'a str>,
    /// The name of the run or of the step.
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    event_type: &'a str,
    /// Where in the event: `raw.input.messages.0.content`.
    field: String,
    #[serde(rename = "match")]
    found: String,
    #[serde(skip)]
    before: String,
    #[serde(skip)]
    after: String,
}

pub(crate) fn run(args: &GrepArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let pattern = RegexBuilder::new(&args.pattern)
        .case_insensitive(args.ignore_case)
        .build()
        .map_err(|error| Failure::usage(error.to_string()))?;
    let filter = args.filter.filter()?;
    let store = place.open()?;
    let only = match &args.run {
        Some(id) => Some(
            store
                .find(id)?
                .ok_or_else(|| super::show::not_found(&store, id))?
                .0,
        ),
        None => None,
    };
    let limit = if args.limit == 0 {
        usize::MAX
    } else {
        args.limit
    };
    let mut count = 0;
    let heads = store.heads().iter();
    for head in heads.filter(|head| only.is_none_or(|only| std::ptr::eq(only, *head))) {
        if !filter.is_open() && !store.rows_of(head)?.iter().any(|row| filter.matches(row)) {
            continue;
        }
        for line in store.lines(head)? {
            let Ok(event) = serde_json::from_slice::<Value>(&line) else {
                continue;
            };
            for hit in hits(&event, &pattern) {
                if count == limit {
                    if !args.json {
                        let line = format!("the first {}: `--limit 0` shows all", args.limit);
                        screen.line(&screen.ink(Ink::Dim, &line))?;
                    }
                    return Ok(());
                }
                count += 1;
                write(&hit, args.json, screen)?;
            }
        }
    }
    if count == 0 {
        // Like grep: a code, and no word.
        return Err(Failure::said());
    }
    Ok(())
}

fn write(hit: &Hit<'_>, as_json: bool, screen: &mut Screen) -> std::io::Result<()> {
    if as_json {
        return screen.json(hit);
    }
    let name = match hit.name {
        "" => hit.event_type,
        name => name,
    };
    let line = format!(
        "{} {} {}: {}{}{}",
        screen.ink(Ink::Dim, &short(hit.trace_id)),
        screen.ink(Ink::Bold, &cut(&inert(name), 40)),
        screen.ink(Ink::Dim, &inert(&hit.field)),
        inert(&hit.before),
        screen.ink(Ink::Bad, &inert(&hit.found)),
        inert(&hit.after),
    );
    screen.line(&line)
}

/// Returns what is found in the name, the payloads, the message and the error of an event: the first
/// place in each text.
fn hits<'a>(event: &'a Value, pattern: &Regex) -> Vec<Hit<'a>> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = text("event_type");
    let mut found = Vec::new();
    for key in ["name", "raw", "message", "error", "tool"] {
        if let Some(value) = event.get(key) {
            walk(value, key, pattern, 0, &mut found);
        }
    }
    let trace = match text("trace_id") {
        "" => text("external_trace_id"),
        id => id,
    };
    let span = event.get("span_id").and_then(Value::as_str);
    let hits = found
        .into_iter()
        .map(|(field, [before, found, after])| Hit {
            trace_id: trace,
            span_id: span,
            name: text("name"),
            event_type: kind,
            field,
            found,
            before,
            after,
        });
    hits.collect()
}

fn walk(
    value: &Value,
    path: &str,
    pattern: &Regex,
    depth: usize,
    found: &mut Vec<(String, [String; 3])>,
) {
    match value {
        Value::String(text) => {
            if let Some(hit) = pattern.find(text) {
                let (before, after) = (text.get(..hit.start()), text.get(hit.end()..));
                let before: Vec<char> = before
                    .unwrap_or_default()
                    .chars()
                    .rev()
                    .take(AROUND)
                    .collect();
                let after = after.unwrap_or_default().chars().take(AROUND).collect();
                let before = before.into_iter().rev().collect();
                found.push((path.to_owned(), [before, hit.as_str().to_owned(), after]));
            }
        }
        // No event is so deep; serde_json reads 128.
        _ if depth > 128 => {}
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                walk(value, &format!("{path}.{index}"), pattern, depth + 1, found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                walk(value, &format!("{path}.{key}"), pattern, depth + 1, found);
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            walk(&Value::String(text), path, pattern, depth + 1, found);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hit_says_where_it_is() {
        let event = json!({
            "event_type": "span.end", "trace_id": "t", "span_id": "s", "name": "lookup",
            "raw": {"input": {"messages": [{"content": "where is order 1042?"}]}, "output": {"number": 1042}},
            "attributes": {"secret": "1042"},
        });
        let hits = hits(&event, &Regex::new(r"\b10\d+").unwrap());
        let fields: Vec<&str> = hits.iter().map(|hit| &*hit.field).collect();
        assert_eq!(
            fields,
            ["raw.input.messages.0.content", "raw.output.number"]
        );
        assert_eq!(
            (&*hits[0].before, &*hits[0].found),
            ("where is order ", "1042")
        );
    }
}
