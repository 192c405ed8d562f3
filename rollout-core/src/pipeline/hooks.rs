//! The program's hooks: they run on the worker, and nothing they do reaches the program or lets an
//! event out that they failed on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::accounting::DropReason;
use super::limits;
use crate::config::Config;
use crate::protocol::Event;

/// Makes an event fit, runs the scrubber, then `before_send`, and returns the event in a form that a server takes.
///
/// # Errors
///
/// Returns why the event is dropped.
pub(super) fn apply(config: &Config, mut event: Event) -> Result<Event, DropReason> {
    let fitted = catch_unwind(AssertUnwindSafe(|| {
        limits::fit_event(&mut event, config);
        event
    }));
    let Ok(event) = fitted else {
        config
            .diagnostics
            .error("an event could not be made fit to be sent, which is a bug: it is dropped");
        return Err(DropReason::Internal);
    };
    let hooked = catch_unwind(AssertUnwindSafe(|| {
        let mut event = event;
        if let Some(scrub) = &config.scrubber {
            scrub(&mut event);
        }
        match &config.before_send {
            Some(decide) => decide(event),
            None => Some(event),
        }
    }));
    let mut event = match hooked {
        Ok(Some(event)) => event,
        Ok(None) => return Err(DropReason::Filtered),
        Err(_) => {
            config
                .diagnostics
                .error("a `scrubber` or `before_send` hook panicked: its event is dropped");
            return Err(DropReason::HookPanicked);
        }
    };
    if let Err(reason) = event.make_valid() {
        let kind = event.event_type();
        config
            .diagnostics
            .warn(format_args!("a `{kind}` event is dropped: {reason}"));
        return Err(DropReason::Invalid);
    }
    Ok(event)
}
