//! The shop's orders, as a tool for the model.

use async_openai::types::chat::{ChatCompletionTool, FunctionCall, FunctionObject};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where an order is.
#[derive(Debug, Serialize)]
pub struct Order {
    status: &'static str,
    expected_on: &'static str,
}

/// There is no such order.
#[derive(Debug, thiserror::Error)]
#[error("there is no order {0}")]
pub struct NoSuchOrder(String);

/// Looks an order up. Each call is a span of its own, with its arguments and what came of it; the id
/// links it to the model's request for it.
#[rollout::tool(tool_call_id = call_id, skip(call_id))]
async fn lookup_order(call_id: &str, number: &str) -> Result<Order, NoSuchOrder> {
    match number {
        "1042" => Ok(Order {
            status: "in transit",
            expected_on: "Tuesday",
        }),
        _ => Err(NoSuchOrder(number.to_owned())),
    }
}

/// Makes the call that the model asks for, and says in JSON what came of it: errors, too, as the model
/// is to know them.
pub async fn call(id: &str, function: &FunctionCall) -> String {
    #[derive(Deserialize)]
    struct Arguments {
        number: String,
    }

    let result = match serde_json::from_str::<Arguments>(&function.arguments) {
        Ok(arguments) => match lookup_order(id, &arguments.number).await {
            Ok(order) => json!(order),
            Err(error) => json!({"error": error.to_string()}),
        },
        Err(error) => json!({"error": format!("the arguments are not as described: {error}")}),
    };
    result.to_string()
}

/// Describes the tool to the model.
pub fn tool() -> ChatCompletionTool {
    ChatCompletionTool {
        function: FunctionObject {
            name: "lookup_order".to_owned(),
            description: Some("Tells where an order is.".to_owned()),
            parameters: Some(json!({
                "type": "object",
                "properties": {"number": {"type": "string"}},
                "required": ["number"],
            })),
            strict: None,
        },
    }
}
