//! Recorded traffic: interactions with providers, and the facts that each must yield.
//!
//! An [`Interaction`] holds the bytes of the answer, so that it can be fed to the decoders as well as
//! be served over HTTP; [`fields`] puts what was [`Observed`] beside what must be, whichever way it
//! went, and a [`Score`] counts what agrees.

mod comparison;
mod expectation;
mod observed;
mod score;
mod shape;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use rollout_core::WireFormat;
use serde_json::Value;

pub use expectation::{Field, fields};
pub use observed::Observed;
pub use score::{Exception, Score};

/// The environment variable that names the corpus' folder.
pub const FOLDER: &str = "ROLLOUT_CORPUS";

/// All interactions of the operations whose format we decode.
#[derive(Debug)]
pub struct Corpus {
    /// The interactions, by id.
    pub interactions: Vec<Interaction>,
    /// Those of operations that answer in the format of chat completions, more or less: legacy
    /// completions and embeddings, by id.
    pub relatives: Vec<Interaction>,
    /// How many there must be of each operation, as the folder's own README counts them.
    pub declared: BTreeMap<Operation, usize>,
}

/// The operations whose format we decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Interaction {
    /// The id, which is also the file's name.
    pub id: String,
    /// Which operation it is.
    pub operation: Operation,
    /// Whether the answer is an event stream.
    pub streaming: bool,
    /// The HTTP method of the request.
    pub method: String,
    /// The path of the request, with some of the query.
    pub path: String,
    /// The body of the request; null where it is not known.
    pub request: Value,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The headers of the answer that were kept.
    pub headers: Vec<(String, String)>,
    /// The body of the answer as it was on the wire, or nearly so.
    pub body: Vec<u8>,
    /// The facts it must yield; `None` where the provider's own SDK can't read the answer.
    pub expected: Option<Value>,
}

impl Corpus {
    /// Loads the folder that the environment names, if it names one.
    pub fn from_environment() -> Option<io::Result<Self>> {
        std::env::var_os(FOLDER).map(|folder| Self::load(Path::new(&folder)))
    }

    /// Loads all interactions below `recorded/` and `response_only/`.
    ///
    /// # Errors
    ///
    /// Fails if a file can't be read, is not of the format, or if there is none at all; and without the
    /// README that counts them.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for part in ["recorded", "response_only"] {
            let part = folder.join(part);
            if part.is_dir() {
                collect(&part, &mut files)?;
            }
        }
        let (mut interactions, mut relatives) = (Vec::new(), Vec::new());
        for (operation, file) in files {
            let invalid = |problem: String| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{}: {problem}", file.display()),
                )
            };
            let value: Value = serde_json::from_slice(&fs::read(&file)?)
                .map_err(|error| invalid(error.to_string()))?;
            let interaction = Interaction::parse(operation.unwrap_or(Operation::Chat), &value)
                .ok_or_else(|| invalid("a member is missing".to_owned()))?;
            match operation {
                Some(_) => interactions.push(interaction),
                None if interaction.is_relative() => relatives.push(interaction),
                None => {}
            }
        }
        if interactions.is_empty() {
            let message = format!("no interactions in `{}`", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        for interactions in [&mut interactions, &mut relatives] {
            interactions.sort_by(|a, b| a.id.cmp(&b.id));
        }
        let declared = declared(&fs::read_to_string(folder.join("README.md"))?);
        Ok(Self {
            interactions,
            relatives,
            declared,
        })
    }

    /// Returns how many interactions of an operation there are.
    pub fn count(&self, operation: Operation) -> usize {
        let all = self.interactions.iter();
        all.filter(|it| it.operation == operation).count()
    }
}

/// Reads the table of counts: `| … / operation | not streamed | streamed | …`.
fn declared(readme: &str) -> BTreeMap<Operation, usize> {
    let mut counts = BTreeMap::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", name, whole, streamed, ..] = cells[..] else {
            continue;
        };
        let operation = name.rsplit_once(" / ").map(|(_, operation)| operation);
        let operations = [Operation::Chat, Operation::Responses, Operation::Messages];
        let operation = operations
            .into_iter()
            .find(|it| operation == Some(&*it.to_string()));
        if let (Some(operation), Ok(whole), Ok(streamed)) =
            (operation, whole.parse::<usize>(), streamed.parse::<usize>())
        {
            *counts.entry(operation).or_default() += whole + streamed;
        }
    }
    counts
}

/// Finds the files: `<provider>/<operation>/<id>.json`, of the operations that have a format of
/// their own and of others.
fn collect(folder: &Path, files: &mut Vec<(Option<Operation>, PathBuf)>) -> io::Result<()> {
    for provider in fs::read_dir(folder)? {
        let provider = provider?.path();
        for (name, operation) in [
            ("chat", Some(Operation::Chat)),
            ("responses", Some(Operation::Responses)),
            ("messages", Some(Operation::Messages)),
            ("embeddings", None),
            ("other", None),
        ] {
            let folder = provider.join(name);
            if !folder.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder)? {
                let file = file?.path();
                if file
                    .extension()
                    .is_some_and(|extension| extension == "json")
                {
                    files.push((operation, file));
                }
            }
        }
    }
    Ok(())
}

impl Operation {
    /// Returns the format of the operation's JSON.
    pub fn wire_format(self) -> WireFormat {
        match self {
            Self::Chat => WireFormat::OpenAiChat,
            Self::Responses => WireFormat::OpenAiResponses,
            Self::Messages => WireFormat::AnthropicMessages,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        })
    }
}

impl Interaction {
    /// Reads an interaction out of its file.
    pub fn parse(operation: Operation, file: &Value) -> Option<Self> {
        let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let (request, response) = (file.get("request")?, file.get("response")?);
        let headers = response.get("headers").and_then(Value::as_object);
        let headers = headers
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())));
        Some(Self {
            id: text(file, "id")?,
            operation,
            streaming: file.get("streaming")?.as_bool()?,
            method: text(request, "method").unwrap_or_else(|| "POST".to_owned()),
            path: text(request, "path").unwrap_or_default(),
            request: request.get("body").cloned().unwrap_or_default(),
            status: u16::try_from(response.get("status")?.as_u64()?).ok()?,
            headers: headers.collect(),
            body: match (response.get("sse"), response.get("body")) {
                (Some(Value::String(text)), _) | (_, Some(Value::String(text))) => {
                    text.clone().into_bytes()
                }
                (_, None | Some(Value::Null)) => Vec::new(),
                (_, Some(body)) => body.to_string().into_bytes(),
            },
            expected: file
                .get("expected")
                .filter(|expected| !expected.is_null())
                .cloned(),
        })
    }

    /// Returns whether it is a legacy completion, or one or more embeddings.
    fn is_relative(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let names = ["/completions", "/embeddings"];
        self.method == "POST" && names.iter().any(|name| path.ends_with(name))
    }

    /// Returns whether the answer is a stream that comes to no end.
    pub fn breaks_off(&self) -> bool {
        let Some(expected) = self.expected.as_ref().filter(|_| self.streaming) else {
            return false;
        };
        if self.operation == Operation::Responses {
            return !expected["terminal_event"].is_string();
        }
        let reasons = expected["finish_reasons"].as_array();
        let has_ended = reasons.is_some_and(|it| !it.is_empty() && !it.contains(&Value::Null));
        let ends = ["data: [DONE]", "event: message_stop"];
        let body = String::from_utf8_lossy(&self.body);
        !has_ended && !ends.iter().any(|end| body.contains(end))
    }

    /// Returns the content type that the answer claims to have.
    pub fn content_type(&self) -> Option<&str> {
        let found = self.headers.iter().find(|(name, _)| name == "content-type");
        found.map(|(_, value)| value.as_str())
    }
}
