//! Temporary.
use crate::provider::*;
use serde_json::Value;
#[derive(Debug)]
pub(crate) struct SseParser(String);
pub(crate) struct SseEvent { pub event: Option<String>, pub data: String }
impl SseParser {
    pub(crate) fn new() -> Self { Self(String::new()) }
    pub(crate) fn push(&mut self, b: &[u8]) -> Vec<SseEvent> {
        self.0.push_str(&String::from_utf8_lossy(b));
        let mut out = vec![];
        while let Some((head, rest)) = self.0.split_once("\n\n") {
            let data = head.lines().filter_map(|l| l.strip_prefix("data: ")).collect::<Vec<_>>().join("\n");
            out.push(SseEvent { event: None, data });
            self.0 = rest.to_owned();
        }
        out
    }
    pub(crate) fn finish(&mut self) -> Vec<SseEvent> { vec![] }
}
impl WireFormat {
    pub(crate) fn decode(self, _: Option<u16>, _: Option<&str>, _: &[u8]) -> (Value, ResponseFacts) { Default::default() }
}
impl Assembler { pub(crate) fn done(&mut self) {} }
