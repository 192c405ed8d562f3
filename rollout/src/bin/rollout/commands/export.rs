//! `rollout export`: runs for other programs.

mod otlp;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::filter::FilterArgs;
use super::json::tree;
use super::show::not_found;
use super::{full, show};
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::Screen;
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
    match &args.output {
        Some(path) => {
            let failed = |error: io::Error| {
                let path = path.display();
                Failure::new(format!("can't write `{path}`: {error}"))
            };
            let mut file = BufWriter::new(new_file(path).map_err(failed)?);
            write(args.format, place, &store, &mut wanted, &mut file)?;
            file.flush().map_err(failed)
        }
        None => write(args.format, place, &store, &mut wanted, screen),
    }
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
    format: Format,
    place: &Place,
    store: &Store,
    next: &mut dyn FnMut() -> io::Result<Option<&'a Head>>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match format {
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
                    write!(out, "{separator}{value}")?;
                    separator = ",\n";
                }
            }
            let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
            out.write_all(end.as_bytes())?;
        }
        Format::OtlpJson => {
            while let Some(head) = next()? {
                let events = show::events(&store.lines(head)?);
                for run in store.runs(head)? {
                    writeln!(out, "{}", otlp::request(&run, &events))?;
                }
            }
        }
    }
    Ok(())
}
