//! Programs that are traced by OpenTelemetry already.

mod joined;
