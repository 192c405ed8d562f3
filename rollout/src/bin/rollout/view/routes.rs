//! What can be asked of the server.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::detail::{Detail, events_of};
use super::source::Source;
use super::{App, assets, compare, kept, listing, live, security, stats};

pub(super) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/session", post(security::exchange))
        .route("/about", get(about))
        .route("/runs", get(runs))
        .route("/runs/{id}", get(run))
        .route("/runs/{id}/steps/{key}", get(step))
        .route("/runs/{id}/steps/{key}/events", get(events))
        .route("/media/{hash}", get(media))
        .route("/stats", get(figures))
        .route("/compare", get(compared))
        .route("/live", get(live::follow))
        .fallback(|| async { error(StatusCode::NOT_FOUND, "there is no such thing") });
    Router::new()
        .route("/", get(|| async { assets::index() }))
        .route(
            "/assets/{name}",
            get(|Path(name): Path<String>| async move { assets::asset(&name) }),
        )
        .nest("/api", api)
        .layer(middleware::from_fn_with_state(app.clone(), security::guard))
        .with_state(app)
}

/// Returns what went wrong, as JSON.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

/// Reads from the folder, on a thread that may wait for the disk.
async fn answer<T, R>(app: App, read: R) -> Response
where
    T: Serialize,
    R: FnOnce(&Source) -> std::io::Result<Option<T>> + Send + 'static,
{
    let read = move || {
        // Written as JSON here, too: of a big run, that takes longer than reading it.
        let answer = read(&app.source)?;
        answer
            .map(|answer| serde_json::to_vec(&answer))
            .transpose()
            .map_err(Into::into)
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(Some(json))) => ([("content-type", "application/json")], json).into_response(),
        Ok(Ok(None)) => error(StatusCode::NOT_FOUND, "no such run is recorded"),
        Ok(Err(failure)) => {
            let failure: std::io::Error = failure;
            error(StatusCode::INTERNAL_SERVER_ERROR, &failure.to_string())
        }
        Err(failure) => error(StatusCode::INTERNAL_SERVER_ERROR, &failure.to_string()),
    }
}

async fn about(State(app): State<App>) -> Response {
    Json(json!({
        "folder": app.source.folder().display().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
    }))
    .into_response()
}

async fn runs(State(app): State<App>, Query(query): Query<listing::Query>) -> Response {
    answer(app, move |source| Ok(Some(query.answer(source)?))).await
}

async fn run(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(app, move |source| {
        Ok(source.open(&id)?.map(|opened| {
            let (run, steps) = opened.flat(source.prices());
            json!({ "run": run, "steps": steps, "traces": opened.traces })
        }))
    })
    .await
}

async fn step(State(app): State<App>, Path((id, key)): Path<(String, String)>) -> Response {
    answer(app, move |source| {
        Ok(source.open(&id)?.map(|opened| {
            let events = events_of(&key, &opened.traces, &opened.events);
            Detail::of(&key, &opened.run, &events)
        }))
    })
    .await
}

async fn media(State(app): State<App>, Path(hash): Path<String>) -> Response {
    // That one was not kept is no error, and a browser would take it for one.
    answer(app, move |source| {
        kept::picture(source.folder(), &hash).map(Some)
    })
    .await
}

async fn events(State(app): State<App>, Path((id, key)): Path<(String, String)>) -> Response {
    answer(app, move |source| {
        Ok(source.open(&id)?.map(|opened| {
            let events = events_of(&key, &opened.traces, &opened.events);
            json!({ "events": events })
        }))
    })
    .await
}

async fn figures(State(app): State<App>, Query(query): Query<stats::Query>) -> Response {
    answer(app, move |source| {
        Ok(Some(query.figures(&source.all()?.runs)))
    })
    .await
}

#[derive(Debug, Deserialize)]
struct Pair {
    left: String,
    right: String,
}

async fn compared(State(app): State<App>, Query(pair): Query<Pair>) -> Response {
    answer(app, move |source| {
        let (Some(left), Some(right)) = (source.open(&pair.left)?, source.open(&pair.right)?)
        else {
            return Ok(None);
        };
        let ((left, left_steps), (right, right_steps)) =
            (left.flat(source.prices()), right.flat(source.prices()));
        let pairs = compare::align(left_steps, right_steps);
        Ok(Some(
            json!({ "left": left, "right": right, "pairs": pairs }),
        ))
    })
    .await
}
