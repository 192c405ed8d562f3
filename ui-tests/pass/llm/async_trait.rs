//! Methods of traits that return boxed futures: the attribute below `async_trait`, and above it.

use async_trait::async_trait;
use serde_json::Value;

#[async_trait]
trait Model: Sync {
    async fn complete(&self, request: &Value) -> Result<Value, String>;

    #[rollout::llm(provider = "openai", operation = "chat")]
    async fn by_default(&self, request: &Value) -> Result<Value, String> {
        self.complete(request).await
    }
}

struct Gateway;

#[async_trait]
impl Model for Gateway {
    #[rollout::llm(provider = "openai", operation = "chat")]
    async fn complete(&self, request: &Value) -> Result<Value, String> {
        Ok(request.clone())
    }
}

struct Local;

#[async_trait(?Send)]
impl LocalModel for Local {
    #[rollout::llm(provider = "anthropic", operation = "messages", label = "local")]
    async fn complete(&self, request: Value) -> Value {
        let not_send = std::rc::Rc::new(request);
        std::future::ready(()).await;
        Value::clone(&not_send)
    }
}

#[async_trait(?Send)]
trait LocalModel {
    async fn complete(&self, request: Value) -> Value;
}

fn main() {
    let model: Box<dyn Model> = Box::new(Gateway);
    drop(model.by_default(&Value::Null));
    let model: Box<dyn LocalModel> = Box::new(Local);
    drop(model.complete(Value::Null));
}
