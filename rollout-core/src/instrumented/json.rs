use serde::Serialize;

/// Requests, answers and chunks: what can be written as the provider's JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be recorded: it is not `Serialize`",
    label = "has to be `serde::Serialize`, in the provider's format",
    note = "put `#[derive(serde::Serialize)]` on it, or send and return `serde_json::Value`",
    note = "if it is a stream, say so: `chat(stream): …` in a declaration, `stream` in `#[llm(…)]`; \
            if it is a future, declare it as `impl Future<Output = …>`"
)]
pub trait ProviderJson {
    /// What is written.
    type Json: Serialize + ?Sized;

    /// Returns what is written.
    fn json(&self) -> &Self::Json;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> ProviderJson for T {
    type Json = Self;

    fn json(&self) -> &Self {
        self
    }
}
