//! Any event, as the protocol writes it, and as OpenTelemetry is told of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout_core::{OtlpProfile, OtlpTranslator};

fuzz_target!(|data: &[u8]| {
    rollout_core::fuzzing::event(data);
    let Some((&choice, lines)) = data.split_first() else {
        return;
    };
    let profile = OtlpProfile::ALL[usize::from(choice) % OtlpProfile::ALL.len()];
    let mut translator = OtlpTranslator::new(profile);
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(event) = serde_json::from_slice(line) {
            let _ = translator.add(event);
        }
    }
    let traces = translator.finish();
    assert!(serde_json::from_slice::<serde_json::Value>(&traces.to_json()).is_ok());
    let _ = traces.to_protobuf();
});
