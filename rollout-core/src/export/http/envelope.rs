//! The body of a request: the envelope that the protocol wants, around events that are JSON already.

use std::io::{self, Write};
use std::time::SystemTime;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::clock::Timestamp;
use crate::id::{uuid_v4, write_uuid};
use crate::protocol::SCHEMA_VERSION;

/// Returns the body that carries these events, gzipped.
///
/// It is made once for all attempts, so that the server sees the same batch, sent at the same time,
/// however often it arrives.
pub(super) fn seal<'a>(events: impl IntoIterator<Item = &'a Bytes>) -> io::Result<Bytes> {
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    write!(
        body,
        r#"{{"schema_version":"{SCHEMA_VERSION}","source":"sdk_rust","sdk":{{"name":"mv37.rollout","version":"{version}","language":"rust"}},"batch_id":"{id}","sent_at":"{now}","events":["#,
        version = env!("CARGO_PKG_VERSION"),
        id = batch_id(),
        now = Timestamp::from(SystemTime::now()),
    )?;
    for (index, event) in events.into_iter().enumerate() {
        if index > 0 {
            body.write_all(b",")?;
        }
        body.write_all(event)?;
    }
    body.write_all(b"]}")?;
    Ok(body.finish()?.into())
}

fn batch_id() -> String {
    let mut id = "batch_".to_owned();
    // There is always room in a text.
    let _ = write_uuid(&mut id, uuid_v4());
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::io::Read as _;

    #[test]
    fn an_envelope_has_the_fields_of_the_protocol_and_no_others() {
        let events = [
            Bytes::from_static(br#"{"a":1}"#),
            Bytes::from_static(br#"{"b":"\u00e9"}"#),
        ];
        let body = seal(&events).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&body[..])
            .read_to_string(&mut text)
            .unwrap();
        let mut envelope: Value = serde_json::from_str(&text).unwrap();

        let envelope = envelope.as_object_mut().unwrap();
        let id = envelope.remove("batch_id").unwrap();
        assert_eq!(id.as_str().map(str::len), Some("batch_".len() + 36), "{id}");
        let sent_at = envelope.remove("sent_at").unwrap();
        assert!(serde_json::from_value::<Timestamp>(sent_at).is_ok());
        assert_eq!(
            Value::Object(envelope.clone()),
            json!({
                "schema_version": "1.0",
                "source": "sdk_rust",
                "sdk": {
                    "name": "mv37.rollout",
                    "version": env!("CARGO_PKG_VERSION"),
                    "language": "rust",
                },
                "events": [{"a": 1}, {"b": "é"}],
            })
        );
    }
}
