//! Which runs are meant.

use crate::failure::Failure;
use crate::store::Row;
use crate::words;

/// What `--help` says above them.
const CHOICE: &str = "Which runs";

/// Conditions that a run has to meet, all of them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FilterArgs {
    /// Only those of this status: ok, failed, cancelled, interrupted, unfinished; `errors` for those with errors inside
    #[arg(long, help_heading = CHOICE, value_name = "STATUS")]
    status: Option<String>,
    /// Only those whose name contains this
    #[arg(long, help_heading = CHOICE, value_name = "TEXT")]
    name: Option<String>,
    /// Only those that called a model whose name contains this
    #[arg(long, help_heading = CHOICE, value_name = "TEXT")]
    model: Option<String>,
    /// Only those that began in the last 30m, 1h, 7d, …
    #[arg(long, help_heading = CHOICE, value_name = "DURATION")]
    since: Option<String>,
    /// Only those of this user
    #[arg(long, help_heading = CHOICE, value_name = "ID")]
    user: Option<String>,
    /// Only those of this session
    #[arg(long, help_heading = CHOICE, value_name = "ID")]
    session: Option<String>,
}

/// The same, made out.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    args: FilterArgs,
    since: Option<i64>,
}

impl FilterArgs {
    pub(crate) fn filter(&self) -> Result<Filter, Failure> {
        let mut args = self.clone();
        for text in [&mut args.name, &mut args.model].into_iter().flatten() {
            *text = text.to_lowercase();
        }
        Ok(Filter {
            since: self.since.as_deref().map(since).transpose()?,
            args,
        })
    }
}

impl Filter {
    /// Returns whether every run is meant.
    pub(crate) fn is_open(&self) -> bool {
        let FilterArgs {
            status,
            name,
            model,
            since,
            user,
            session,
        } = &self.args;
        [status, name, model, since, user, session]
            .iter()
            .all(|condition| condition.is_none())
    }

    pub(crate) fn matches(&self, row: &Row) -> bool {
        let args = &self.args;
        let is = |wanted: &Option<String>, found: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == found
        };
        let has_status = |wanted: &String| match wanted.as_str() {
            "errors" => row.errors > 0,
            "error" => row.status == "failed",
            wanted => row.status == wanted,
        };
        let contains = |wanted: &String, text: &str| text.to_lowercase().contains(wanted);
        args.status.as_ref().is_none_or(has_status)
            && args
                .name
                .as_ref()
                .is_none_or(|name| contains(name, &row.name))
            && args
                .model
                .as_ref()
                .is_none_or(|model| row.models.iter().any(|known| contains(model, known)))
            && is(&args.user, row.user.as_ref())
            && is(&args.session, row.session.as_ref())
            && self.is_recent(row.started)
    }

    /// Returns whether what began then is recent enough.
    pub(crate) fn is_recent(&self, began: Option<i64>) -> bool {
        self.since
            .is_none_or(|since| began.is_some_and(|began| began >= since))
    }
}

/// Returns the moment so long ago, in microseconds since 1970.
fn since(text: &str) -> Result<i64, Failure> {
    let wrong = |_| {
        Failure::usage(format!(
            "`--since {text}` is no duration: say how long ago, as in `30m`, `1h`, `7d`"
        ))
    };
    let ago = humantime::parse_duration(text.trim()).map_err(wrong)?;
    let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
    Ok(words::now().saturating_sub(ago))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(args: &FilterArgs, row: &Row) -> bool {
        args.filter().unwrap().matches(row)
    }

    #[test]
    fn all_conditions_have_to_be_met() {
        let row = Row {
            name: "Support".into(),
            status: "ok".into(),
            models: ["gpt-4.1-mini".to_owned()].into(),
            user: Some("u".into()),
            started: Some(words::now() - 60_000_000),
            errors: 1,
            ..Row::default()
        };
        let text = |text: &str| Some(text.to_owned());
        let all = |status: &str, name: &str, model: &str, since: &str| FilterArgs {
            status: text(status),
            name: text(name),
            model: text(model),
            since: text(since),
            user: text("u"),
            session: None,
        };
        assert!(matches(&all("ok", "supp", "GPT-4.1", "2m"), &row));
        assert!(matches(&all("errors", "supp", "GPT-4.1", "2m"), &row));
        for other in [
            all("failed", "supp", "gpt", "2m"),
            all("ok", "sales", "gpt", "2m"),
            all("ok", "supp", "claude", "2m"),
            all("ok", "supp", "gpt", "30s"),
        ] {
            assert!(!matches(&other, &row), "{other:?}");
        }
        let session = FilterArgs {
            session: text("s"),
            ..FilterArgs::default()
        };
        assert!(!matches(&session, &row));
    }

    #[test]
    fn a_duration_that_is_none_is_a_mistake() {
        let since = |text: &str| FilterArgs {
            since: Some(text.to_owned()),
            ..FilterArgs::default()
        };
        assert!(since("yesterday").filter().is_err());
        assert!(since("1h 30m").filter().is_ok());
    }
}
