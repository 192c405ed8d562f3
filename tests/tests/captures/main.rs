//! The SDK on the wire, beside captures of the reference SDK: the same programs, event by event and
//! field by field.
//!
//! The captures are in the folder that `ROLLOUT_WIRE_EXAMPLES` names. Without it a few that were
//! written by hand take their place, and the other programs run without being compared. What is free
//! (ids, times) is [normalised](normal); whatever else is different is a [`Difference`] that the
//! program lists with its reason, and that has to be there.

mod capture;
mod compare;
mod difference;
mod index;
mod mutation;
mod normal;
mod program;
mod provider;

mod agents;
mod answers;
mod broken;
mod calls;
mod check;
mod contents;
mod delivery;
mod drops;
mod failures;
mod manual;
mod options;
mod records;
mod streams;
mod tools;

use capture::Capture;
use program::Program;
