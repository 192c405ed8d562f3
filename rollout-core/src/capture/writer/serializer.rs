//! What `serde` calls.

use std::fmt;

use serde::{Serialize, Serializer};

use super::seq::{self, Compound};
use super::{Stop, Writer, split_at_most};
use crate::capture::text::{Said, said};

/// More of a text that is made for us is not waited for.
const LONGEST_DISPLAYED: usize = 16 * 1024 * 1024;

macro_rules! integers {
    ($($method:ident: $type:ty,)*) => {$(
        fn $method(self, number: $type) -> Result<(), Stop> {
            self.display(number)
        }
    )*};
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128,
        serialize_bool: bool,
    }

    fn serialize_f32(self, number: f32) -> Result<(), Stop> {
        if number.is_finite() {
            // Through its text: 0.1f32 is not to become 0.10000000149011612.
            return self.float(
                number
                    .to_string()
                    .parse()
                    .unwrap_or_else(|_| f64::from(number)),
            );
        }
        self.float(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Result<(), Stop> {
        self.float(number)
    }

    fn serialize_char(self, character: char) -> Result<(), Stop> {
        self.string(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Stop> {
        self.string(text)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Stop> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.string(text),
            Err(_) => self.string(&format!("[{} bytes]", bytes.len())),
        }
    }

    fn serialize_none(self) -> Result<(), Stop> {
        self.atom("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        self.inside(|writer| value.serialize(writer))
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        self.atom("null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Stop> {
        self.atom("null")
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Stop> {
        self.string(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.inside(|writer| value.serialize(writer))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.inside(|writer| {
            writer.start_variant(variant)?;
            value.serialize(&mut *writer)?;
            writer.close();
            Ok(())
        })
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'a>, Stop> {
        self.open('[', ']')
    }

    fn serialize_tuple(self, _len: usize) -> Result<Compound<'a>, Stop> {
        self.open('[', ']')
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, Stop> {
        self.open('[', ']')
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, Stop> {
        self.open_variant(variant, '[', ']')
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'a>, Stop> {
        self.open('{', '}')
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Compound<'a>, Stop> {
        if seq::is_verbatim(name) {
            return Ok(Compound::verbatim(self));
        }
        self.open('{', '}')
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'a>, Stop> {
        self.open_variant(variant, '{', '}')
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Stop> {
        match said(format_args!("{value}"), LONGEST_DISPLAYED) {
            Some(Said { text, cut: false }) => self.string(&text),
            Some(Said { text, .. }) => {
                // How much more there is nobody knows.
                self.truncated = true;
                let (head, _) = split_at_most(&text, self.limits.text.min(self.room()));
                self.string(&format!("{head}… [the rest is cut]"))
            }
            None => Err(Stop::Failed("its `Display` panicked".into())),
        }
    }
}
