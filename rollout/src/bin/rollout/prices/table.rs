//! A table of prices, by provider and model.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What the file of prices says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// The form of the file.
    pub(super) version: u32,
    #[serde(default)]
    pub(super) providers: Vec<Provider>,
    /// Providers who take no money: models on one's own machine.
    #[serde(default)]
    pub(super) free: Vec<String>,
}

/// Who serves models, and for how much.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    name: String,
    /// Other names of the same.
    #[serde(default)]
    aliases: Vec<String>,
    /// When these were the prices.
    #[serde(default)]
    as_of: Option<String>,
    #[serde(default, rename = "source")]
    _source: Option<String>,
    models: BTreeMap<String, Price>,
}

/// The price of a model, in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) input: f64,
    /// Of tokens read from the cache; as `input` if it is not there.
    #[serde(default)]
    pub(super) cached_input: Option<f64>,
    /// Of tokens written to the cache; as `input` if it is not there.
    #[serde(default)]
    pub(super) cache_write: Option<f64>,
    pub(super) output: f64,
    /// The price of calls with a long input.
    #[serde(default)]
    pub(super) above: Option<Above>,
}

/// Another price for the whole of a call that has more input than this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Above {
    pub(super) input_tokens: u64,
    input: f64,
    #[serde(default)]
    cached_input: Option<f64>,
    #[serde(default)]
    cache_write: Option<f64>,
    output: f64,
}

impl Price {
    pub(super) const FREE: Self = Self {
        input: 0.0,
        cached_input: None,
        cache_write: None,
        output: 0.0,
        above: None,
    };

    /// Returns the price of a call with so much input.
    pub(super) fn at(self, input_tokens: u64) -> Self {
        match self.above {
            Some(above) if input_tokens > above.input_tokens => Self {
                input: above.input,
                cached_input: above.cached_input,
                cache_write: above.cache_write,
                output: above.output,
                above: None,
            },
            _ => self,
        }
    }

    fn is_sensible(&self) -> bool {
        let above = self.above.unwrap_or_default();
        let all = [
            Some(self.input),
            self.cached_input,
            self.cache_write,
            Some(self.output),
            Some(above.input),
            above.cached_input,
            above.cache_write,
            Some(above.output),
        ];
        all.into_iter()
            .flatten()
            .all(|price| price.is_finite() && price >= 0.0)
    }
}

impl Table {
    /// Reads a file of prices.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let table: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if table.version != 1 {
            return Err(format!("its version is {}, expected 1", table.version));
        }
        for provider in &table.providers {
            for (model, price) in &provider.models {
                if !price.is_sensible() {
                    return Err(format!("the price of `{model}` is negative or no number"));
                }
            }
        }
        Ok(table)
    }

    /// Returns the price of a model, if it is in this table.
    pub(super) fn price(&self, provider: &str, model: &str) -> Option<Price> {
        let is = |name: &String| name.eq_ignore_ascii_case(provider);
        if self.free.iter().any(is) {
            return Some(Price::FREE);
        }
        let mut providers = self.providers.iter();
        let provider = providers.find(|known| is(&known.name) || known.aliases.iter().any(is))?;
        provider.price(model)
    }

    /// Returns when the prices were these that are the oldest of all.
    pub(super) fn date(&self) -> Option<&str> {
        let dates = self
            .providers
            .iter()
            .map(|provider| provider.as_of.as_deref());
        dates.min().flatten()
    }

    /// Returns whether it has prices of a provider.
    pub(super) fn knows(&self, provider: &str) -> bool {
        let is = |name: &String| name.eq_ignore_ascii_case(provider);
        let mut providers = self.providers.iter();
        providers.any(|known| is(&known.name) || known.aliases.iter().any(is))
    }
}

impl Provider {
    /// Returns the price of the model of this name, or of the family that it is a version of: the
    /// longest name that it begins with.
    fn price(&self, model: &str) -> Option<Price> {
        let model = model.to_ascii_lowercase();
        let of_family = self.models.iter().filter(|(family, _)| {
            let rest = model.strip_prefix(family.to_ascii_lowercase().as_str());
            rest.is_some_and(is_version)
        });
        let (_, price) = of_family.max_by_key(|(family, _)| family.len())?;
        Some(*price)
    }
}

/// Returns whether what follows the name of a family only says which version of it: a date, a number,
/// `latest`. `-mini` is another family, and so is the `-5` of `claude-opus-4-5`.
fn is_version(rest: &str) -> bool {
    const WORDS: [&str; 6] = ["latest", "preview", "exp", "experimental", "beta", "it"];

    if rest.is_empty() {
        return true;
    }
    let Some(rest) = rest.strip_prefix(['-', '@', ':']) else {
        return false;
    };
    let mut digits = 0;
    let is_version = rest.split(['-', '@', ':']).all(|word| {
        let number = word.strip_prefix('v').unwrap_or(word);
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && number.len() == word.len() {
            digits += number.len();
        }
        is_number || WORDS.contains(&word)
    });
    is_version && (digits == 0 || digits >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_belongs_to_its_family_and_a_sibling_does_not() {
        for rest in [
            "",
            "-2025-04-14",
            "-20250514",
            "-latest",
            "@20250514",
            "-20250514-v1:0",
            "-001",
            "-preview-09-2025",
            "-exp-0827",
        ] {
            assert!(is_version(rest), "{rest}");
        }
        for rest in [
            "-mini",
            "-5",
            "-audio-preview",
            ".1",
            "o",
            "-4-5",
            "-",
            "-5-preview",
            ":free",
        ] {
            assert!(!is_version(rest), "{rest}");
        }
    }

    #[test]
    fn a_file_that_is_wrong_says_what_is() {
        let error = |text: &str| Table::read(text.as_bytes()).unwrap_err();
        assert!(error(r#"{"version":2}"#).contains("expected 1"));
        assert!(error(r#"{"version":1,"prices":[]}"#).contains("`prices`"));
        let negative =
            r#"{"version":1,"providers":[{"name":"x","models":{"m":{"input":-1,"output":1}}}]}"#;
        assert!(error(negative).contains("`m`"), "{}", error(negative));
    }
}
