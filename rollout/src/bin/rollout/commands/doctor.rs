//! `rollout doctor`: what is set, where records go, and what stands in their way.

mod folder;
mod settings;
mod spool;

use std::io;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::{Ink, Screen, inert};
use folder::Folder;
use settings::{Environment, Setting};
use spool::Spool;

/// What `rollout doctor` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug)]
struct Diagnosis {
    settings: Vec<Setting>,
    destination: String,
    folder: Folder,
    spools: Vec<Spool>,
    prices: Option<String>,
    problems: Vec<String>,
}

pub(crate) fn run(args: &DoctorArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let diagnosis = Diagnosis::of(&Environment::of_process(), place);
    if args.json {
        screen.json(&diagnosis.json())?;
    } else {
        diagnosis.write(screen)?;
    }
    if diagnosis.problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::said())
    }
}

impl Diagnosis {
    fn of(environment: &Environment, place: &Place) -> Self {
        let settings = environment.settings();
        let problems = settings
            .iter()
            .filter_map(|setting| setting.problem.clone());
        let mut problems: Vec<String> = problems.collect();
        let mut folder = Folder::look(place);
        if folder.matters(environment.records_locally()) {
            problems.append(&mut folder.problems);
        }
        let dirs = environment.spool_dirs();
        let spools: Vec<Spool> = dirs.iter().filter_map(|dir| Spool::look(dir)).collect();
        for spool in &spools {
            let open = folder::open_to_others(spool.path());
            problems.extend(open.map(|mode| folder::warning(spool.path(), mode)));
            problems.extend(spool.problems());
        }
        let prices = match Prices::load(&place.dir) {
            Ok(prices) => Some(prices.told()),
            Err(error) => {
                problems.push(error.to_string());
                None
            }
        };
        Self {
            settings,
            destination: environment.destination(),
            folder,
            spools,
            prices,
            problems,
        }
    }

    fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let title = screen.ink(Ink::Bold, "Configuration");
        let note = "of programs that are started here; what they set themselves goes first";
        let note = screen.ink(Ink::Dim, note);
        screen.line(&format!("{title}  {note}"))?;
        let names = self.settings.iter().map(|setting| setting.name.len() + 1);
        let width = names.max().unwrap_or_default();
        for setting in &self.settings {
            let ink = if setting.problem.is_some() {
                Ink::Bad
            } else {
                Ink::Plain
            };
            let value = screen.ink(ink, &format!("{:<33}", inert(&setting.value)));
            let source = screen.ink(Ink::Dim, setting.source());
            screen.line(&format!("  {:<width$}{value} {source}", setting.name))?;
        }
        let title = screen.ink(Ink::Bold, "Destination");
        screen.line(&format!("\n{title}  {}\n", inert(&self.destination)))?;
        self.folder.write(screen)?;
        let title = screen.ink(Ink::Bold, "Waiting to be sent");
        let nothing = if self.spools.is_empty() {
            "  nothing"
        } else {
            ""
        };
        screen.line(&format!("\n{title}{nothing}"))?;
        for spool in &self.spools {
            spool.write(screen)?;
        }
        let note = "  what a program has in memory, and what it dropped and why, it says itself: \
                    `rollout::stats()`, and standard error when it ends";
        screen.line(&screen.ink(Ink::Dim, note))?;
        let title = screen.ink(Ink::Bold, "Prices");
        let prices = self.prices.as_deref().unwrap_or("can't be read");
        screen.line(&format!("\n{title}  {}\n", inert(prices)))?;
        if self.problems.is_empty() {
            let good = screen.ink(Ink::Good, "✓");
            return screen.line(&format!("{good} all is as it should be"));
        }
        for problem in &self.problems {
            let mark = screen.ink(Ink::Warning, "!");
            screen.line(&format!("{mark} {}", inert(problem)))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let settings = self.settings.iter().map(Setting::json);
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "settings": settings.collect::<Vec<_>>(),
            "destination": self.destination,
            "folder": self.folder,
            "spools": self.spools,
            "prices": self.prices,
            "problems": self.problems,
        })
    }
}
