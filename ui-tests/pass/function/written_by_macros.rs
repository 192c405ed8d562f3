//! Functions that a macro of the program's writes.

macro_rules! tools {
    ($($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block)*) => {$(
        #[rollout::tool(skip($($arg),*))]
        $(#[$attr])*
        $vis fn $name($($arg: $ty),*) -> $out $body
    )*};
}

tools! {
    /// Adds.
    #[must_use]
    pub(crate) fn add(a: u32, b: u32) -> u32 { a + b }

    fn greet(name: &str) -> Result<String, std::num::ParseIntError> {
        let number: u32 = name.parse()?;
        Ok(format!("hi {number}"))
    }
}

macro_rules! named {
    ($name:literal, $kind:literal, $function:ident, $id:expr, $async:tt) => {
        #[rollout::span($kind, name = $name, user_id = $id, attributes(id = $id))]
        $async fn $function(id: u32) -> u32 {
            // `id` here and `id` in `$id` are not the same variable, as ever in such macros.
            id + $id
        }
    };
}

named!("look up", "retrieval", look_up, 7, async);

macro_rules! whole {
    ($($item:item)*) => {$(
        #[rollout::agent]
        $item
    )*};
}

whole! {
    fn first(x: u8) -> u8 { x }
    async fn second(x: u8) -> Option<u8> { Some(x.checked_add(1)?) }
}

fn main() {
    assert_eq!(add(1, 2), 3);
    assert_eq!(greet("1").as_deref(), Ok("hi 1"));
    assert_eq!(first(1), 1);
    drop((look_up(1), second(2)));
}
