//! What the macros expand to. Nothing in here is stable.

#[path = "private/instrumented.rs"]
pub mod instrumented;

pub use rollout_core::__private::*;

pub use crate::{
    __rollout_capture as capture, __rollout_failure as failure, __rollout_note_item as note_item,
    __rollout_outcome as outcome,
};

/// Traits by which a value's capture is chosen at compile time: see `rollout_core::__private`.
pub mod probing {
    pub use rollout_core::__private::{
        CaptureDebug as _, CaptureLock as _, CaptureName as _, CaptureSerialize as _,
        FailureBoxed as _, FailureBoxedLocal as _, FailureDebug as _, FailureDisplay as _,
        FailureError as _, FailureName as _, SplitPlain as _, SplitResult as _, ToolBare as _,
        ToolBareAsync as _, ToolBoxed as _, ToolBoxedAsync as _, ToolByRef as _,
        ToolByRefAsync as _, ToolByValue as _, ToolByValueAsync as _, ToolNone as _,
    };

    pub use crate::integrations::FailureProvider as _;
}

/// Captures what a reference points to.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_capture {
    ($value:expr) => {
        |limit| {
            use $crate::__private::probing::*;
            (&&&&$crate::__private::Probe($value)).rollout_capture(limit)
        }
    };
}

/// Notes the error that a reference points to.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_failure {
    ($call:expr, $error:expr) => {
        $call.fail(|| {
            use $crate::__private::probing::*;
            (&&&&&&&$crate::__private::Probe($error)).rollout_failure()
        })
    };
}

/// Notes how a call went, by what it returned.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_outcome {
    ($call:expr, $result:expr) => {{
        use $crate::__private::probing::*;
        match (&&$crate::__private::Probe($result)).rollout_split() {
            ::core::result::Result::Ok(value) => {
                $call.succeed($crate::__private::capture!(value));
            }
            ::core::result::Result::Err(error) => $crate::__private::failure!($call, error),
        }
    }};
}

/// Takes the items of a stream as they pass.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_note_item {
    () => {
        |items, item| {
            use $crate::__private::probing::*;
            match (&&$crate::__private::Probe(item)).rollout_split() {
                ::core::result::Result::Ok(value) => {
                    items.item($crate::__private::capture!(value));
                }
                ::core::result::Result::Err(error) => {
                    items.error(|| (&&&&&&&$crate::__private::Probe(error)).rollout_failure())
                }
            }
        }
    };
}
