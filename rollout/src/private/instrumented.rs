//! What `#[derive(Instrumented)]` and `#[llm]` expand to. Nothing in here is stable.

pub use rollout_core::__private::instrumented::*;

#[path = "blocking.rs"]
mod blocking;

pub use crate::{
    __rollout_blocking as blocking, __rollout_respond as respond, __rollout_stream as stream,
};
pub use blocking::HasBlocking;

/// Ends a call with what its method returned.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_respond {
    ($call:expr, $result:expr) => {{
        use $crate::__private::probing::*;
        match (&&$crate::__private::Probe($result)).rollout_split() {
            ::core::result::Result::Ok(response) => $call.respond(response),
            ::core::result::Result::Err(error) => $crate::__private::failure!($call, error),
        }
    }};
}

/// Goes on with a call as the stream that its method returned, as the type that is declared.
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_stream {
    ($call:expr, $returned:expr, $declared:ty) => {
        $call.stream($returned).declared_as::<$declared>(
            |chunks, item| {
                use $crate::__private::probing::*;
                match (&&$crate::__private::Probe(item)).rollout_split() {
                    ::core::result::Result::Ok(chunk) => chunks.chunk(chunk),
                    ::core::result::Result::Err(error) => {
                        chunks.error(|| (&&&&&&&$crate::__private::Probe(error)).rollout_failure());
                    }
                }
            },
            |error| {
                use $crate::__private::probing::*;
                (&&&&&&&$crate::__private::Probe(error)).rollout_failure()
            },
        )
    };
}
