//! JSON, read more strictly than `serde_json` does by itself: a key that comes twice is noticed.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a value. Adds the paths of keys that come twice; the last one counts.
///
/// What `serde_json` refuses is refused: a number that no double holds, an escaped half of a surrogate
/// pair, nesting of more than 127 levels. A server may well be as strict.
pub(super) fn read(text: &str, twice: &mut Vec<String>) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let path = String::new();
    let value = Strict { path, twice }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

struct Strict<'a> {
    path: String,
    twice: &'a mut Vec<String>,
}

impl Strict<'_> {
    fn inside(&mut self, step: &str) -> Strict<'_> {
        let path = match (self.path.is_empty(), step.starts_with('[')) {
            (false, false) => format!("{}.{step}", self.path),
            _ => format!("{}{step}", self.path),
        };
        Strict {
            path,
            twice: self.twice,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(number);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inside(&format!("[{}]", list.len())))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let mut inside = self.inside(&key);
            let path = std::mem::take(&mut inside.path);
            let value = members.next_value_seed(Strict {
                path: path.clone(),
                twice: inside.twice,
            })?;
            if map.insert(key, value).is_some() {
                self.twice.push(path);
            }
        }
        Ok(Value::Object(map))
    }
}
