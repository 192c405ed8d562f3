//! Why a command failed, and the exit code that says so.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// What went wrong, and how a script can tell.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Whoever reads has seen enough.
    Unread,
    Failed,
    /// The arguments make no sense.
    Usage,
    /// There is nothing like that.
    Nothing,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Failed,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Usage,
            message: message.into(),
        }
    }

    pub(crate) fn nothing(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Nothing,
            message: message.into(),
        }
    }

    /// A failure of which everything is said already.
    pub(crate) fn said() -> Self {
        Self::new("")
    }

    /// Says what is wrong, and returns the exit code: 1 for what failed, 2 for arguments that make no
    /// sense, 3 for what is not there. That nobody reads the rest, as of `rollout list | head -1`, is no failure.
    #[expect(clippy::print_stderr, reason = "a program's output")]
    pub(crate) fn report(&self) -> ExitCode {
        if !self.message.is_empty() && self.kind != Kind::Unread {
            eprintln!("rollout: {}", crate::screen::inert_lines(&self.message));
        }
        ExitCode::from(match self.kind {
            Kind::Unread => 0,
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Nothing => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => Kind::Unread,
            _ => Kind::Failed,
        };
        Self {
            kind,
            message: error.to_string(),
        }
    }
}
