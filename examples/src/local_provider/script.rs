//! What the model says: the support desk of a shop.

use serde_json::{Map, Value, json};

use super::conversation::{Conversation, Message, Tool, ToolCall, Turn};
use super::usage::Usage;

/// Returns what the model says next.
///
/// It has the tools look up each order that the customer mentions, and then says what they found.
pub fn next(conversation: &Conversation) -> Turn {
    // What belongs to the present question: the question itself, then calls and results.
    let messages = &conversation.messages;
    let is_question = |message: &Message| matches!(message, Message::User(_));
    let recent = &messages[messages.iter().rposition(is_question).unwrap_or(0)..];
    let orders = match recent.first() {
        Some(Message::User(text)) => order_numbers(text),
        _ => Vec::new(),
    };
    let found = results(recent);
    let mut missing = orders.clone();
    missing.retain(|order| !found.iter().any(|(known, _)| known == order));
    if !conversation.parallel {
        missing.truncate(1);
    }

    let mut turn = Turn::default();
    match pick(&conversation.tools) {
        Some(tool) if !missing.is_empty() => {
            let nth = messages.len();
            turn.tool_calls = missing.iter().map(|order| call(tool, order, nth)).collect();
        }
        _ if !found.is_empty() => turn.text = Some(report(&found)),
        tool => {
            let text = summary(recent).unwrap_or_else(|| small_talk(&orders, tool.is_some()));
            turn.text = Some(text);
        }
    }
    if conversation.reasoning {
        turn.reasoning = Some(thoughts(&turn, &orders));
    }
    turn.usage = Usage::of(conversation, &turn);
    turn
}

/// Returns what looks like an order number: `1042`, `#1042`, `A-1042`.
fn order_numbers(text: &str) -> Vec<&str> {
    let mut numbers: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let word = word.trim_end_matches('-');
        let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '-');
        let is_number = digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit());
        if is_number && !numbers.contains(&word) {
            numbers.push(word);
        }
    }
    numbers
}

/// Returns the orders that were looked up, each with what the tool returned.
fn results<'a>(messages: &'a [Message]) -> Vec<(String, &'a str)> {
    let order_of = |id: &str| {
        messages.iter().find_map(|message| match message {
            Message::Call(call) if call.id == id => {
                let arguments: Map<_, _> = serde_json::from_str(&call.arguments).ok()?;
                arguments.values().next().map(plain)
            }
            _ => None,
        })
    };
    let result = |message: &'a Message| match message {
        Message::Result { call_id, output } => Some((order_of(call_id)?, output.as_str())),
        _ => None,
    };
    messages.iter().filter_map(result).collect()
}

fn pick(tools: &[Tool]) -> Option<&Tool> {
    let by_name = tools.iter().find(|tool| tool.name == "lookup_order");
    by_name.or(tools.first())
}

/// Fills the first argument that the tool's schema asks for.
fn call(tool: &Tool, order: &str, nth: usize) -> ToolCall {
    let properties = &tool.parameters["properties"];
    let argument = tool.parameters["required"][0]
        .as_str()
        .or_else(|| properties.as_object()?.keys().next().map(String::as_str))
        .unwrap_or("order_number");
    let value = match order.parse::<u64>() {
        Ok(number) if properties[argument]["type"] == "integer" => json!(number),
        _ => json!(order),
    };
    ToolCall {
        id: format!("call_{order}_{nth}"),
        name: tool.name.clone(),
        arguments: json!({ argument: value }).to_string(),
    }
}

/// Says in words what the tools found.
fn report(results: &[(String, &str)]) -> String {
    let mut text = String::new();
    for (order, output) in results {
        text += &sentence(order, output);
        text += " ";
    }
    text + "Is there anything else I can do for you?"
}

fn sentence(order: &str, output: &str) -> String {
    let Ok(found) = serde_json::from_str::<Map<String, Value>>(output) else {
        return format!("About order {order} I found this: {output}");
    };
    let field = |names: &[&str]| {
        let named = |key: &str| names.iter().any(|name| key.to_lowercase().contains(name));
        let mut fields = found.iter().filter(|(_, value)| !value.is_null());
        fields.find(|(key, _)| named(key))
    };
    if let Some((_, error)) = field(&["error"]) {
        return format!("I could not look up order {order}: {}.", plain(error));
    }
    let status = field(&["status"]).map_or_else(|| "on record".into(), |(_, status)| plain(status));
    match field(&["date", "arriv", "deliver", "expect"]) {
        Some((key, date)) => {
            let (what, date) = (key.replace('_', " "), plain(date));
            format!("Order {order} is {status} ({what}: {date}).")
        }
        None => format!("Order {order} is {status}."),
    }
}

/// Sums up a case that is told as `Customer: …` and `Desk: …`.
fn summary(messages: &[Message]) -> Option<String> {
    let Some(Message::User(text)) = messages.first() else {
        return None;
    };
    let (customer, desk) = text.strip_prefix("Customer: ")?.split_once("\nDesk: ")?;
    let answer = desk.split_inclusive(". ").next().unwrap_or(desk).trim_end();
    Some(format!(
        "The customer asked \"{customer}\" and was told: {answer}"
    ))
}

/// Says something when there is nothing to look up, or nothing to look it up with.
fn small_talk(orders: &[&str], has_tools: bool) -> String {
    match orders.first() {
        Some(order) => format!(
            "I can't look up order {order} from here, but parcels usually arrive within three \
             working days."
        ),
        None if has_tools => "Gladly! What is the number of your order?".into(),
        None => "Hello, this is the support desk. You can ask me about orders and returns.".into(),
    }
}

fn thoughts(turn: &Turn, orders: &[&str]) -> String {
    let next = match turn.text {
        Some(_) => "I can answer that now.",
        None => "I have to look that up first.",
    };
    if orders.is_empty() {
        return next.into();
    }
    let orders = orders.join(" and ");
    format!("The customer asks about order {orders}. {next}")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('_', " "),
        other => other.to_string(),
    }
}
