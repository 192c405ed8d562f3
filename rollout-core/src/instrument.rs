//! What can be wrapped, and with which options.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::client::{Core, Rollout, nobody_records};
use crate::context::{Active, Context};

/// A client whose calls to a model can be recorded.
///
/// Implemented by the integrations for provider clients, and by `#[derive(Instrumented)]` for one's
/// own. Wrapping what is wrapped already changes nothing, by type: `Wrapped::Wrapped` is `Wrapped`.
///
/// `By` says whose implementation it is, and is for the compiler alone: a crate may implement a
/// foreign trait for a foreign client only if something in the implementation is its own. A crate that
/// wraps clients of another one puts a type of its own there.
///
/// A wrapper by hand, for a client that the derive can't do:
///
/// ```
/// use rollout_core::{CallOptions, Failure, Instrumented, LlmCall, Payload, Scope, WireFormat};
/// use serde_json::{Value, json};
///
/// struct Client;
///
/// impl Client {
///     fn complete(&self, request: &Value) -> Result<Value, std::io::Error> {
///         Ok(json!({"model": request["model"], "choices": []})) // … or whatever it does …
///     }
/// }
///
/// struct Recorded {
///     client: Client,
///     scope: Scope,
/// }
///
/// impl Recorded {
///     fn complete(&self, request: &Value) -> Result<Value, std::io::Error> {
///         let options = CallOptions::new(WireFormat::OpenAiChat);
///         let call = LlmCall::start(&self.scope, options, || Payload::defer(request.clone()));
///         let result = call.in_scope(|| self.client.complete(request));
///         match &result {
///             Ok(answer) => call.respond(|| Payload::defer(answer.clone())),
///             Err(error) => call.fail(|| Failure::new(error)),
///         }
///         result
///     }
/// }
///
/// impl Instrumented for Client {
///     type Wrapped = Recorded;
///
///     fn instrument(self, scope: Scope) -> Recorded {
///         Recorded { client: self, scope }
///     }
/// }
///
/// impl Instrumented for Recorded {
///     type Wrapped = Self;
///
///     fn instrument(self, _: Scope) -> Self {
///         self // once is enough
///     }
/// }
///
/// let client = rollout_core::wrap(Client);
/// assert!(client.complete(&json!({"model": "qwen3-4b"})).is_ok());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no client that rollout can wrap",
    label = "not a supported client",
    note = "supported are `async_openai::Client` with the cargo feature `openai` and \
            `claude_api::Client` with the cargo feature `anthropic` of `rollout`; is the feature on, \
            and the client's version one that rollout supports?",
    note = "a client is wrapped by value: one behind a reference or an `Arc` is cloned for it, as in \
            `rollout::wrap((*client).clone())`",
    note = "for a client of your own, put `#[derive(rollout::Instrumented)]` on its struct, or \
            `#[rollout::llm]` on the method that calls the model"
)]
pub trait Instrumented<By = ()>: Sized {
    /// The client whose calls are recorded.
    type Wrapped: Instrumented<By, Wrapped = Self::Wrapped>;

    /// Wraps this client.
    fn instrument(self, scope: Scope) -> Self::Wrapped;
}

/// Options of a wrapped client.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::WrapOptions;
///
/// // A gateway that speaks OpenAI's protocol:
/// let options = WrapOptions::new().provider("openrouter").capture_output(false);
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until a client is wrapped with them"]
pub struct WrapOptions {
    pub(crate) attributes: Vec<(Cow<'static, str>, Value)>,
    pub(crate) capture_input: bool,
    pub(crate) capture_output: bool,
}

impl Default for WrapOptions {
    fn default() -> Self {
        Self {
            attributes: Vec::new(),
            capture_input: true,
            capture_output: true,
        }
    }
}

impl fmt::Debug for WrapOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without what the attributes say, which is the program's.
        let attributes: Vec<_> = self.attributes.iter().map(|(key, _)| key).collect();
        f.debug_struct("WrapOptions")
            .field("attributes", &attributes)
            .finish_non_exhaustive()
    }
}

impl WrapOptions {
    /// Returns the defaults: everything is recorded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute to each span. `provider` also names who serves the model.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Names who serves the model, as for a gateway: the same as the attribute `provider`.
    pub fn provider(self, name: impl Into<String>) -> Self {
        self.attribute("provider", name.into())
    }

    /// Sets whether requests are recorded. Defaults to true.
    pub fn capture_input(mut self, capture: bool) -> Self {
        self.capture_input = capture;
        self
    }

    /// Sets whether answers are recorded, also while they stream. Defaults to true.
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.capture_output = capture;
        self
    }

    /// Returns the name that was given to the provider.
    pub(crate) fn provider_name(&self) -> Option<&str> {
        let (_, value) = self
            .attributes
            .iter()
            .rev()
            .find(|(key, _)| key == "provider")?;
        value.as_str()
    }
}

/// What a wrapped client carries: its options, and the client that records it.
#[derive(Clone, Default)]
pub struct Scope {
    rollout: Option<Rollout>,
    pub(crate) options: Arc<WrapOptions>,
    /// Where the client is used.
    #[cfg(feature = "blocking")]
    pub(crate) residence: crate::blocking::Residence,
}

impl Scope {
    /// Returns the scope of a client that is recorded by whoever is active when it is called: the
    /// client of the active trace, else the global one.
    pub fn new(options: WrapOptions) -> Self {
        Self {
            options: Arc::new(options),
            ..Self::default()
        }
    }

    /// Returns the scope of a client that is recorded by this one where no trace is active.
    pub fn of(rollout: &Rollout, options: WrapOptions) -> Self {
        Self {
            rollout: Some(rollout.clone()),
            ..Self::new(options)
        }
    }

    /// Checks that a blocking call of the client does not wait for a connection that nobody drives
    /// meanwhile: see [`Residence`](crate::blocking::Residence).
    ///
    /// # Errors
    ///
    /// Fails if it could.
    #[cfg(feature = "blocking")]
    pub fn check_blocking(&self) -> Result<(), crate::blocking::StandstillError> {
        self.residence.check()
    }

    /// Returns the client that is to record in this context.
    pub(crate) fn core(&self, around: &Context) -> Option<Arc<Core>> {
        if nobody_records() {
            return None;
        }
        match (&around.active, &self.rollout) {
            (Active::Nothing | Active::Client(_), Some(rollout)) => rollout.core().recording(),
            _ => Core::of(around),
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Rollout {
    /// Wraps a client, so that its calls are recorded by this one where no trace is active.
    pub fn wrap<C: Instrumented<By>, By>(&self, client: C) -> C::Wrapped {
        self.wrap_with(client, WrapOptions::default())
    }

    /// Wraps a client with options.
    pub fn wrap_with<C: Instrumented<By>, By>(
        &self,
        client: C,
        options: WrapOptions,
    ) -> C::Wrapped {
        client.instrument(Scope::of(self, options))
    }
}

/// Wraps a client, so that its calls to a model are recorded. Touches nothing but this object.
///
/// It is recorded by the client of the active trace, else by the global one. Wrapping twice is the
/// same as once.
pub fn wrap<C: Instrumented<By>, By>(client: C) -> C::Wrapped {
    wrap_with(client, WrapOptions::default())
}

/// Wraps a client with options: attributes, the provider's name, what is captured.
pub fn wrap_with<C: Instrumented<By>, By>(client: C, options: WrapOptions) -> C::Wrapped {
    client.instrument(Scope::new(options))
}
