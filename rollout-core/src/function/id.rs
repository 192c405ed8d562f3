use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// Returns the id that a value stands for, if it stands for one.
pub fn id(value: impl IntoId) -> Option<String> {
    value.into_id()
}

/// What can stand for a user, a session, a conversation: texts, numbers, and options of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an id",
    label = "expected text, a number, or an `Option` of them",
    note = "write `.to_string()` behind it if it can be displayed"
)]
pub trait IntoId {
    /// Returns the id, if there is one.
    fn into_id(self) -> Option<String>;
}

macro_rules! display_ids {
    ($($type:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoId for $type {
            fn into_id(self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

display_ids! {
    &str, &String, Cow<'_, str>, Box<str>, Rc<str>, Arc<str>, char,
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
}

#[diagnostic::do_not_recommend]
impl IntoId for String {
    fn into_id(self) -> Option<String> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoId> IntoId for Option<T> {
    fn into_id(self) -> Option<String> {
        self?.into_id()
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoId for &Option<T>
where
    for<'a> &'a T: IntoId,
{
    fn into_id(self) -> Option<String> {
        self.as_ref()?.into_id()
    }
}

macro_rules! copied_ids {
    ($($type:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoId for &$type {
            fn into_id(self) -> Option<String> {
                (*self).into_id()
            }
        }
    )*};
}

copied_ids! {
    &str, &String, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
}

macro_rules! borrowed_ids {
    ($($type:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoId for &$type {
            fn into_id(self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

borrowed_ids!(Cow<'_, str>, Box<str>, Rc<str>, Arc<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_options_of_them_are_ids() {
        assert_eq!("u1".into_id().as_deref(), Some("u1"));
        assert_eq!((&7u32).into_id().as_deref(), Some("7"));
        assert_eq!((&Some(String::from("s"))).into_id().as_deref(), Some("s"));
        assert_eq!(None::<&str>.into_id(), None);
        assert_eq!(Some(&String::from("s")).into_id().as_deref(), Some("s"));
    }
}
