//! Lists, maps and structs.

use serde::{Serialize, ser};

use super::keys::key_text;
use super::{Stop, Writer};

/// `serde_json`'s own types for numbers of any size and for JSON as text come as structs of these
/// names, whose one field holds valid JSON.
pub(super) fn is_verbatim(name: &str) -> bool {
    matches!(
        name,
        "$serde_json::private::RawValue" | "$serde_json::private::Number"
    )
}

/// A list, map or struct that is being written.
pub(crate) struct Compound<'a> {
    writer: &'a mut Writer,
    first: bool,
    form: Form,
    /// Whether it stands inside the brackets of an enum's variant.
    variant: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Brackets,
    /// Too deep: its members are passed over.
    LeftOut,
    Verbatim,
}

impl<'a> Compound<'a> {
    pub(super) fn new(writer: &'a mut Writer) -> Self {
        Self {
            writer,
            first: true,
            form: Form::Brackets,
            variant: false,
        }
    }

    pub(super) fn left_out(writer: &'a mut Writer) -> Self {
        Self {
            writer,
            first: true,
            form: Form::LeftOut,
            variant: false,
        }
    }

    pub(super) fn verbatim(writer: &'a mut Writer) -> Self {
        Self {
            writer,
            first: true,
            form: Form::Verbatim,
            variant: false,
        }
    }

    pub(super) fn of_variant(mut self) -> Self {
        self.variant = true;
        self
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        if self.form == Form::LeftOut {
            return Ok(());
        }
        self.writer.comma(self.first);
        self.first = false;
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        match self.form {
            Form::LeftOut => Ok(()),
            Form::Verbatim => {
                // The text is JSON already: written as a string it is taken out of its quotes.
                let text = serde_json::to_value(value).ok();
                match text.as_ref().and_then(serde_json::Value::as_str) {
                    Some(text) => self.writer.atom(text),
                    None => self.writer.atom("null"),
                }
            }
            Form::Brackets => {
                self.writer.comma(self.first);
                self.first = false;
                self.writer.key(key)?;
                value.serialize(&mut *self.writer)
            }
        }
    }

    fn finish(self) {
        if self.form == Form::Brackets {
            self.writer.close();
        }
        if self.variant {
            self.writer.close();
        }
    }
}

impl ser::SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeTuple for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeTupleVariant for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        if self.form == Form::LeftOut {
            return Ok(());
        }
        let key = key_text(key, self.writer.limits)?;
        self.writer.comma(self.first);
        self.first = false;
        self.writer.key(&key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        if self.form == Form::LeftOut {
            return Ok(());
        }
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}
