//! `rollout export`: runs for other programs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use rollout_core::{OtlpProfile, OtlpTranslator};

use super::filter::FilterArgs;
use super::json::tree;
use super::show::not_found;
use super::{full, show};
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::{Screen, inert_json};
use crate::store::{Head, Row, Store};

/// What `rollout export` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// The run: its id or the beginning of it, or `last`; all by default
    run: Option<String>,
    /// The form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The file to write; standard output by default
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Whose reading of the conventions `otlp-json` is written for: otel, otel-1.41, otel-1.36,
    /// openinference, mlflow, langfuse, braintrust, logfire, datadog
    #[arg(long, value_name = "PROFILE", default_value = "otel")]
    profile: OtlpProfile,
    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A list of runs with their steps, whole texts included
    Json,
    /// The events as they were recorded, one a line
    #[default]
    Jsonl,
    /// Traces for OpenTelemetry: a request of OTLP/JSON a line, one for each run
    OtlpJson,
}

pub(crate) fn run(args: &ExportArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let filter = args.filter.filter()?;
    let store = place.open()?;
    let heads: Vec<&Head> = match &args.run {
        Some(id) => {
            let found = store.find(id)?.ok_or_else(|| not_found(&store, id))?;
            vec![found.0]
        }
        // As they happened.
        None => store.heads().iter().rev().collect(),
    };
    let mut heads = heads.into_iter();
    let mut wanted = || -> io::Result<Option<&Head>> {
        for head in heads.by_ref() {
            if filter.is_open()
                || store
                    .rows_of(head)?
                    .iter()
                    .any(|row: &Row| filter.matches(row))
            {
                return Ok(Some(head));
            }
        }
        Ok(None)
    };
    let Some(path) = &args.output else {
        let is_terminal = screen.is_terminal;
        return write(args, place, &store, &mut wanted, screen, is_terminal);
    };
    let failed = |error: io::Error| {
        let path = path.display();
        Failure::new(format!("can't write `{path}`: {error}"))
    };
    let mut file = BufWriter::new(new_file(path).map_err(failed)?);
    write(args, place, &store, &mut wanted, &mut file, false)?;
    file.flush().map_err(failed)
}

/// Makes a file that only its owner can read: what was recorded is private.
fn new_file(path: &std::path::Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write<'a>(
    args: &ExportArgs,
    place: &Place,
    store: &Store,
    next: &mut dyn FnMut() -> io::Result<Option<&'a Head>>,
    out: &mut dyn Write,
    is_terminal: bool,
) -> Result<(), Failure> {
    match args.format {
        // As they are on disk, but for a terminal, which might obey what is in them.
        Format::Jsonl if is_terminal => {
            while let Some(head) = next()? {
                for event in show::events(&store.lines(head)?) {
                    writeln!(out, "{}", inert_json(&event.to_string()))?;
                }
            }
        }
        Format::Jsonl => {
            while let Some(head) = next()? {
                for line in store.lines(head)? {
                    // What is no event is of no use to anybody.
                    if serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_ok() {
                        out.write_all(&line)?;
                        out.write_all(b"\n")?;
                    }
                }
            }
        }
        Format::Json => {
            let prices = Prices::load(&place.dir)?;
            let mut separator = "[\n";
            while let Some(head) = next()? {
                let events = show::events(&store.lines(head)?);
                for run in store.runs(head)? {
                    let mut value = tree(&run, &prices);
                    full::replace(&mut value, &events);
                    write!(out, "{separator}{}", inert_json(&value.to_string()))?;
                    separator = ",\n";
                }
            }
            let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
            out.write_all(end.as_bytes())?;
        }
        Format::OtlpJson => {
            while let Some(head) = next()? {
                let mut translator = OtlpTranslator::new(args.profile);
                for event in show::events(&store.lines(head)?) {
                    // What is no event is of no use to anybody.
                    let _ = translator.add(event);
                }
                let request = translator.finish().to_json();
                writeln!(out, "{}", inert_json(&String::from_utf8_lossy(&request)))?;
            }
        }
    }
    Ok(())
}
