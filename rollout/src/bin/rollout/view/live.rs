//! What is recorded while one looks: told as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::error::RecvError;

use super::App;
use super::source::{Change, Source};

/// How often the folder is looked at while somebody follows it. Files are only appended to, so all
/// that it takes is their lengths.
const EVERY: Duration = Duration::from_millis(250);

/// Looks at the folder for as long as the program runs, and tells whoever follows.
pub(super) fn watch(source: &Arc<Source>) {
    let source = Arc::clone(source);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let source = Arc::clone(&source);
            // A folder that can't be read now may be there again the next time.
            let _ = tokio::task::spawn_blocking(move || source.look()).await;
        }
    });
}

/// Tells the ids of the traces of which there is more.
pub(super) async fn follow(
    State(app): State<App>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = app.source.follow();
    let stream = stream::unfold(receiver, |mut receiver| async move {
        let change = match receiver.recv().await {
            Ok(change) => change,
            // Too slow to be told each: anything may have changed.
            Err(RecvError::Lagged(_)) => Change {
                all: true,
                ..Change::default()
            },
            Err(RecvError::Closed) => return None,
        };
        let event = Event::default().json_data(change).unwrap_or_default();
        Some((Ok(event), receiver))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
