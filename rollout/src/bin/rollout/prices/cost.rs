//! What a call cost, and several together.

use serde::Serialize;

use super::{Price, Prices};
use crate::store::{Call, Tokens};

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cost {
    /// The provider or a gateway said so, in US dollars.
    Said(f64),
    /// So much by the list, in US dollars.
    Listed(f64),
    /// Nobody knows.
    Unknown,
}

/// What calls cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Sum {
    /// What is known of it in US dollars; nothing is known of no call.
    #[serde(
        rename = "cost_usd",
        serialize_with = "rounded",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) usd: Option<f64>,
    /// Whether a part of it was worked out from a list of prices.
    #[serde(rename = "cost_estimated")]
    pub(crate) estimated: bool,
    /// How many calls there are of which nobody knows what they cost.
    #[serde(rename = "cost_unknown_calls")]
    pub(crate) unknown: u64,
}

/// Writes millionths of millionths of a dollar, and nothing that comes from adding binary fractions.
#[expect(clippy::ref_option, reason = "serde asks for it")]
fn rounded<S: serde::Serializer>(usd: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    usd.map(|usd| (usd * 1e12).round() / 1e12)
        .serialize(serializer)
}

impl Prices {
    /// Returns what a call cost; `None` if it consumed nothing that anybody would ask money for.
    pub(crate) fn cost(&self, call: &Call) -> Option<Cost> {
        if let Some(said) = call.cost {
            return Some(Cost::Said(said));
        }
        if call.tokens == Tokens::default() && call.status == "failed" {
            return None;
        }
        let provider = call.provider.as_deref();
        // The one that answered is the one to be paid; where it is none of a list, the one asked for
        // may be: what a gateway says of itself, or a version that is newer than the list.
        let models = [&call.answered, &call.model];
        let mut models = models.into_iter().flatten();
        let price = models.find_map(|model| self.price(provider, model));
        let listed = price.and_then(|price| price.of(&call.tokens));
        Some(listed.map_or(Cost::Unknown, Cost::Listed))
    }

    /// Returns what calls cost together.
    pub(crate) fn sum<'a>(&self, calls: impl IntoIterator<Item = &'a Call>) -> Sum {
        let mut sum = Sum::default();
        for call in calls {
            if let Some(cost) = self.cost(call) {
                sum.add(cost);
            }
        }
        sum
    }
}

impl Price {
    /// Returns what so many tokens cost. All that was read is in the input, however the provider
    /// counts, and reasoning is in the output.
    #[expect(clippy::cast_precision_loss, reason = "no call has so many tokens")]
    fn of(self, tokens: &Tokens) -> Option<f64> {
        if self == Self::FREE {
            return Some(0.0);
        }
        let input = tokens.input?;
        let price = self.at(input);
        let output = match tokens.output {
            None if price.output > 0.0 => return None,
            output => output.unwrap_or(0),
        };
        let cached = tokens.cached.unwrap_or(0);
        let written = tokens.cache_write.unwrap_or(0);
        let fresh = input.saturating_sub(cached).saturating_sub(written);
        let parts = [
            (fresh, price.input),
            (cached, price.cached_input.unwrap_or(price.input)),
            (written, price.cache_write.unwrap_or(price.input)),
            (output, price.output),
        ];
        let millionths: f64 = parts.iter().map(|(count, each)| *count as f64 * each).sum();
        Some(millionths / 1e6)
    }
}

impl Sum {
    pub(crate) fn add(&mut self, cost: Cost) {
        match cost {
            Cost::Said(usd) => *self.usd.get_or_insert(0.0) += usd,
            Cost::Listed(usd) => {
                *self.usd.get_or_insert(0.0) += usd;
                // What costs nothing was not worked out.
                self.estimated |= usd > 0.0;
            }
            Cost::Unknown => self.unknown += 1,
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
