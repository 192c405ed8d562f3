//! Any JSON, made to fit any limit.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((head, text)) = data.split_at_checked(2) else {
        return;
    };
    if let Ok(text) = std::str::from_utf8(text) {
        rollout_core::fuzzing::limits(text, usize::from(head[0]) * usize::from(head[1]));
    }
});
