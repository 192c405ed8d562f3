//! Whatever a process that was killed, or a disk that is broken, leaves in the folder of the spool.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let at = data
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len());
    let (segment, done) = data.split_at(at);
    let dir = std::env::temp_dir().join(format!("rollout-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    rollout_core::fuzzing::spool(&dir, segment, done.get(1..).unwrap_or_default());
    std::fs::remove_dir_all(&dir).unwrap();
});
