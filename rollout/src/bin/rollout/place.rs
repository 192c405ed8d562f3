//! The folder that the runs are in.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::store::Store;

/// The folder into which programs record if nobody says otherwise.
const DEFAULT: &str = ".rollout";

/// A folder, and who named it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) dir: PathBuf,
    pub(crate) named_by: NamedBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    Argument,
    Environment,
    /// It was found in the working directory, or above it.
    Search,
    /// It is not there.
    Default,
}

impl Place {
    /// Returns the folder that was asked for, else that of `ROLLOUT_DIR`, else the next `.rollout`
    /// upwards from the working directory.
    pub(crate) fn of(argument: Option<&Path>) -> Self {
        if let Some(dir) = argument {
            return Self {
                dir: dir.to_owned(),
                named_by: NamedBy::Argument,
            };
        }
        let named = env::var("ROLLOUT_DIR").ok();
        let named = named.map(|dir| dir.trim().to_owned());
        if let Some(dir) = named.filter(|dir| !dir.is_empty()) {
            return Self {
                dir: dir.into(),
                named_by: NamedBy::Environment,
            };
        }
        let working = env::current_dir().unwrap_or_default();
        for (steps, above) in working.ancestors().enumerate() {
            let dir = above.join(DEFAULT);
            if dir.is_dir() {
                return Self {
                    dir: if steps == 0 { DEFAULT.into() } else { dir },
                    named_by: NamedBy::Search,
                };
            }
        }
        Self {
            dir: DEFAULT.into(),
            named_by: NamedBy::Default,
        }
    }

    /// Opens what is recorded there.
    ///
    /// # Errors
    ///
    /// Fails with a word of what to do if nothing is.
    pub(crate) fn open(&self) -> Result<Store, Failure> {
        let store = match Store::open(&self.dir) {
            Ok(store) => store,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.nothing()),
            Err(error) => {
                let dir = self.dir.display();
                return Err(Failure::new(format!("can't read `{dir}`: {error}")));
            }
        };
        if store.heads().is_empty() {
            return Err(self.nothing());
        }
        Ok(store)
    }

    fn nothing(&self) -> Failure {
        let named = match self.named_by {
            NamedBy::Environment => ", the folder of `ROLLOUT_DIR`",
            NamedBy::Argument | NamedBy::Search | NamedBy::Default => "",
        };
        Failure::nothing(format!(
            "no runs in `{}`{named}: run a program with `rollout::init()`, or name its folder with `--dir`",
            self.dir.display()
        ))
    }
}
