use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

use super::Background;

/// A stream as an iterator. Waits for each item; ends for good when the stream does.
#[must_use = "iterators do nothing unless consumed"]
pub struct Iter<S> {
    /// `None` once it has ended.
    stream: Option<Pin<Box<S>>>,
    background: Background,
}

impl<S> Iter<S> {
    pub(super) fn new(stream: S, background: Background) -> Self {
        Self {
            stream: Some(Box::pin(stream)),
            background,
        }
    }

    /// Lends the stream; `None` if it has ended.
    pub fn get_mut(&mut self) -> Option<&mut S>
    where
        S: Unpin,
    {
        self.stream.as_deref_mut()
    }

    /// Gives the stream back; `None` if it has ended.
    pub fn into_inner(mut self) -> Option<S>
    where
        S: Unpin,
    {
        self.stream.take().map(|stream| *Pin::into_inner(stream))
    }

    fn end(&mut self) {
        // A stream may spawn when it is dropped, or look for its timer.
        let _entered = self.background.handle.enter();
        self.stream = None;
    }
}

impl<S: Stream> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        let stream = self.stream.as_mut()?;
        let item = self
            .background
            .wait(poll_fn(|cx| stream.as_mut().poll_next(cx)));
        if item.is_none() {
            self.end();
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S: Stream> std::iter::FusedIterator for Iter<S> {}

impl<S> Drop for Iter<S> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<S> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};
    use std::time::Duration;

    use tokio::time::{Interval, interval};

    use super::*;

    /// Counts down, a tick each; spawns when it is dropped.
    struct Countdown(Interval, u32, std::sync::mpsc::Sender<()>);

    impl Stream for Countdown {
        type Item = u32;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
            if self.0.poll_tick(cx).is_pending() {
                return Poll::Pending;
            }
            let next = self.1.checked_sub(1);
            self.1 = next.unwrap_or(0);
            Poll::Ready(next)
        }
    }

    impl Drop for Countdown {
        fn drop(&mut self) {
            let sender = self.2.clone();
            tokio::spawn(async move { sender.send(()) });
        }
    }

    fn countdown(from: u32) -> (Iter<Countdown>, std::sync::mpsc::Receiver<()>) {
        let background = Background::start().unwrap();
        let (sender, dropped) = std::sync::mpsc::channel();
        let ticks = background.wait(async { interval(Duration::from_millis(1)) });
        (background.iterate(Countdown(ticks, from, sender)), dropped)
    }

    #[test]
    fn items_come_until_the_stream_ends_which_is_then_dropped() {
        let (mut items, dropped) = countdown(3);
        assert_eq!(items.by_ref().collect::<Vec<_>>(), [2, 1, 0]);
        dropped.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(items.next(), None);
    }

    #[test]
    fn dropping_the_iterator_drops_the_stream() {
        let (mut items, dropped) = countdown(3);
        assert_eq!(items.next(), Some(2));
        assert!(dropped.try_recv().is_err());
        drop(items);
        dropped.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}
