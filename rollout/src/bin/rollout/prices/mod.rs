//! What calls cost: what the provider said, or else what its list prices come to.
//!
//! What is not known is not zero: a call without a price, or without the tokens to be paid, makes a sum
//! one that lacks something.

mod cost;
mod table;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use cost::{Cost, Sum};
use table::{Price, Table};

/// The prices that come with the program.
const LISTED: &[u8] = include_bytes!("prices.json");

/// The file of one's own prices, in the folder of the runs.
const OWN: &str = "prices.json";

/// Prices by provider and model. One's own are asked first.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    tables: Vec<Table>,
    /// The file of one's own prices, if there is one.
    pub(crate) own: Option<PathBuf>,
}

impl Prices {
    /// Reads the file that `ROLLOUT_PRICES` names, or `prices.json` in the folder of the runs, if it
    /// is there; and the prices that come with the program.
    ///
    /// # Errors
    ///
    /// Fails if there is such a file, and it can't be made out.
    pub(crate) fn load(dir: &Path) -> io::Result<Self> {
        let named = std::env::var_os("ROLLOUT_PRICES").filter(|name| !name.is_empty());
        let own = match named {
            Some(name) => Some(PathBuf::from(name)),
            None => Some(dir.join(OWN)).filter(|file| file.exists()),
        };
        let mut prices = Self::listed()?;
        if let Some(file) = own {
            let wrong = |why: String| {
                let file = file.display();
                io::Error::other(format!("can't read the prices in `{file}`: {why}"))
            };
            let text = fs::read(&file).map_err(|error| wrong(error.to_string()))?;
            prices.tables.insert(0, Table::read(&text).map_err(wrong)?);
            prices.own = Some(file);
        }
        Ok(prices)
    }

    /// Returns which prices these are, in words.
    pub(crate) fn told(&self) -> String {
        let date = self
            .tables
            .last()
            .and_then(Table::date)
            .unwrap_or("no known date");
        match &self.own {
            Some(file) => format!("`{}`, then list prices of {date}", file.display()),
            None => format!("list prices of {date}"),
        }
    }

    /// Returns the prices that come with the program.
    pub(crate) fn listed() -> io::Result<Self> {
        let table = Table::read(LISTED).map_err(io::Error::other)?;
        Ok(Self {
            tables: vec![table],
            own: None,
        })
    }

    fn price(&self, provider: Option<&str>, model: &str) -> Option<Price> {
        let find = |provider: &str, model: &str| {
            let mut tables = self.tables.iter();
            tables.find_map(|table| table.price(provider, model))
        };
        if let Some(price) = provider.and_then(|provider| find(provider, model)) {
            return Some(price);
        }
        // Gateways name the maker as well: `openai/gpt-4o`, `anthropic.claude-…` of Bedrock.
        let (maker, model) = model.split_once('/').or_else(|| {
            let model = model.strip_prefix("us.").unwrap_or(model);
            model
                .strip_prefix("anthropic.")
                .map(|model| ("anthropic", model))
        })?;
        // Whose prices are known has none for the models of others.
        let is_maker = provider.is_some_and(|provider| {
            !provider.eq_ignore_ascii_case(maker)
                && self.tables.iter().any(|table| table.knows(provider))
        });
        // Makers are at times named within the family: `anthropic/claude-sonnet-4.5`.
        let dashed = || find(maker, &model.replace('.', "-"));
        (!is_maker).then(|| find(maker, model).or_else(dashed))?
    }
}
