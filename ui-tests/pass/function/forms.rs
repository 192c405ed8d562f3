//! Signatures stay as they are, whatever stands in them.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::{AddAssign, ControlFlow};
use std::pin::Pin;
use std::rc::Rc;

use async_trait::async_trait;

#[derive(Default)]
struct Desk {
    served: u32,
}

struct Point {
    x: u32,
    y: (u32, u32),
}

impl Desk {
    #[rollout::tool]
    fn by_reference<'a, 'b: 'a>(&'a mut self, text: &'b str) -> Cow<'a, str> {
        self.served += 1;
        text.into()
    }

    #[rollout::tool]
    fn boxed(self: Box<Self>, mut count: u32) -> u32 {
        count += self.served;
        count
    }

    #[rollout::tool]
    async fn pinned(self: Pin<&mut Self>) -> u32 {
        self.served
    }

    #[rollout::tool]
    fn shared(self: &Rc<Self>) -> Rc<Self> {
        Rc::clone(self)
    }

    #[rollout::tool]
    fn constructor() -> Self {
        Self::default()
    }

    #[rollout::task]
    fn never(&self) -> ! {
        panic!("stopped")
    }

    #[rollout::task]
    async fn never_later(&self) -> ! {
        panic!("stopped")
    }
}

#[rollout::tool]
fn patterns(
    Point { x, y: (first, _) }: Point,
    [a, .., b]: [u32; 4],
    &c: &u32,
    ref d @ Point { y: (_, ref e), .. }: Point,
    _: u32,
    (mut total, Ok(f) | Err(f)): (u32, Result<u32, u32>),
) -> u32 {
    total += x + first + a + b + c + d.x + e + f;
    total
}

#[rollout::task(capture_input, capture_output)]
fn generic<'a, T, U: ?Sized, const N: usize>(items: [&'a T; N], last: &'a U, by: impl Into<T>) -> T
where
    T: AddAssign + Copy + 'a,
    U: AsRef<[T]>,
    for<'b> &'b U: Send,
{
    let mut total = by.into();
    for item in items {
        total += *item;
    }
    for item in last.as_ref() {
        total += *item;
    }
    total
}

#[rollout::tool]
fn dynamic(values: &[&dyn Display], visit: &mut dyn FnMut(&str)) {
    for value in values {
        visit(&value.to_string());
    }
}

#[rollout::tool]
fn early(text: Option<&str>) -> Option<u32> {
    for word in text?.split(' ') {
        if let Ok(number) = word.parse() {
            return Some(number);
        }
    }
    let number: u8 = text?.parse().ok()?;
    Some(number.into())
}

#[rollout::tool]
async fn converted(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        Err("nothing to read")?;
    }
    Ok(text.parse()?)
}

#[rollout::tool]
fn control(n: u32) -> ControlFlow<u32> {
    if n > 1 {
        ControlFlow::Break(n)?;
    }
    ControlFlow::Continue(())
}

#[rollout::tool]
#[allow(unreachable_code)]
fn diverging(stop: bool) -> u32 {
    if stop {
        return 1;
    }
    panic!("went on")
}

/// # Safety
///
/// The pointer points to a number.
#[rollout::tool]
unsafe fn dereference(pointer: *const u32) -> u32 {
    unsafe { *pointer }
}

#[rollout::tool]
pub extern "C" fn foreign(number: u32) -> u32 {
    number
}

#[rollout::tool]
pub unsafe extern "C" fn foreign_and_unsafe(number: u32) -> u32 {
    number
}

#[rollout::tool]
fn configured(
    #[cfg(not(windows))] here: u32,
    #[cfg(windows)] elsewhere: u64,
    #[allow(unused_variables)] unused: u32,
) -> u32 {
    #[cfg(windows)]
    let here = elsewhere as u32;
    here
}

#[rollout::tool]
#[must_use = "it costs money"]
#[inline]
#[cfg(not(windows))]
#[deprecated = "to see that attributes stay"]
fn attributed() -> u32 {
    #![allow(clippy::all)]
    1
}

trait Tool {
    type Output;

    #[rollout::tool]
    fn described(&self) -> Self::Output
    where
        Self: Sized,
    {
        self.call("description")
    }

    fn call(&self, input: &str) -> Self::Output;

    fn later(&self) -> impl Future<Output = u32> + Send;
}

impl Tool for Desk {
    type Output = usize;

    #[rollout::tool]
    fn call(&self, input: &str) -> Self::Output {
        input.len()
    }

    #[rollout::tool]
    fn later(&self) -> impl Future<Output = u32> + Send {
        let served = self.served;
        async move { served }
    }
}

#[async_trait]
trait AsyncTool<T> {
    async fn call(&mut self, input: T) -> Result<T, String>
    where
        T: 'async_trait;

    #[rollout::tool]
    async fn described_later(&self) -> u32 {
        1
    }
}

#[async_trait]
impl<T: Send + Sync> AsyncTool<T> for Desk {
    #[rollout::tool]
    async fn call(&mut self, input: T) -> Result<T, String>
    where
        T: 'async_trait,
    {
        self.served = self.served.checked_add(1).ok_or("too many")?;
        Ok(input)
    }
}

#[async_trait(?Send)]
trait LocalTool {
    async fn call(&self, input: Rc<str>) -> Rc<str>;
}

#[async_trait(?Send)]
impl LocalTool for Desk {
    #[rollout::tool]
    async fn call(&self, input: Rc<str>) -> Rc<str> {
        input
    }
}

#[rollout::agent]
async fn recursive(depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    Box::pin(recursive(depth - 1)).await + 1
}

fn assert_send<T: Send>(_: &T) {}

#[allow(deprecated)]
fn main() {
    let mut desk = Desk::constructor();
    desk.by_reference("x");
    assert_eq!(Rc::new(Desk::default()).shared().served, 0);
    assert_eq!(desk.described() + Tool::call(&desk, "x"), 12);
    assert_send(&Tool::later(&desk));
    assert_send(&AsyncTool::call(&mut desk, 1));
    assert_send(&AsyncTool::<u8>::described_later(&desk));
    assert_send(&recursive(3));
    drop(LocalTool::call(&desk, "x".into()));
    drop(Pin::new(&mut desk).pinned());
    drop(desk.never_later());
    std::panic::set_hook(Box::new(|_| {}));
    assert!(std::panic::catch_unwind(|| Desk::default().never()).is_err());
    assert_eq!(Box::new(desk).boxed(1), 2);
    let point = |x| Point { x, y: (x, x) };
    assert_eq!(patterns(point(1), [1; 4], &1, point(1), 0, (1, Ok(1))), 9);
    assert_eq!(generic([&1u64, &2], [3u64].as_slice(), 4u8), 10);
    let mut shown = String::new();
    dynamic(&[&1, &"x"], &mut |text| shown.push_str(text));
    assert_eq!(shown, "1x");
    assert_eq!(early(Some("a 7")), Some(7));
    drop(converted("1"));
    assert_eq!(control(2), ControlFlow::Break(2));
    assert_eq!(diverging(true), 1);
    assert_eq!(unsafe { dereference(&3) + foreign_and_unsafe(1) }, 4);
    assert_eq!(foreign(1), 1);
    assert_eq!(configured(1, 2), 1);
    assert_eq!(attributed(), 1);
}
