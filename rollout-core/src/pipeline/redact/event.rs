//! Credentials in events: in each field that holds a text.

use super::Redactor;
use crate::protocol::Event;

impl Redactor {
    /// Masks what the fields of an event have of them that are short; what goes in and comes out is
    /// looked into where it is made fit.
    pub(crate) fn fields(&self, event: &mut Event) {
        if self.is_on() {
            event.each_field(&mut |text| self.change(text));
        }
    }
}
