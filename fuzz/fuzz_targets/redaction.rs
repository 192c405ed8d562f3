//! Any text, masked twice.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| rollout_core::fuzzing::redaction(text));
