//! The files of the page, which are part of the program.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// The page itself.
pub(super) const INDEX: &str = include_str!("assets/index.html");

macro_rules! assets {
    ($($name:literal,)*) => {
        /// Names and contents: nothing but these can be asked for.
        const ASSETS: &[(&str, &str)] = &[$(($name, include_str!(concat!("assets/", $name))),)*];
    };
}

assets! {
    "icon.svg",
    "base.css", "charts.css", "narrow.css", "pane.css", "run.css", "runs.css",
    "api.js", "app.js", "charts.js", "compare.js", "copy.js", "diff.js", "dom.js", "facts.js", "filters.js",
    "format.js", "icons.js", "json-view.js", "keys.js", "media.js", "messages.js", "pane.js", "plot.js",
    "run.js", "runs.js", "splitter.js", "steps.js", "talk.js", "text-view.js", "theme.js", "tree.js",
    "virtual.js", "waterfall.js",
}

/// Returns the file of this name.
pub(super) fn asset(name: &str) -> Response {
    let Some((name, content)) = ASSETS.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    (headers(kind(name)), *content).into_response()
}

pub(super) fn index() -> Response {
    (headers("text/html; charset=utf-8"), INDEX).into_response()
}

fn headers(kind: &'static str) -> HeaderMap {
    // Another version of the program may be behind the same address tomorrow.
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ])
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_part_of_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/rollout/view/assets");
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "index.html")
            .collect();
        names.sort();
        let mut known: Vec<&str> = ASSETS.iter().map(|(name, _)| *name).collect();
        known.sort_unstable();
        assert_eq!(names, known);
    }

    #[test]
    fn what_the_page_names_is_there() {
        let all = ASSETS.iter().map(|(name, content)| (*name, *content));
        for (file, content) in all.chain([("index.html", INDEX)]) {
            for (_, rest) in content
                .match_indices("/assets/")
                .map(|(at, found)| content.split_at(at + found.len()))
            {
                let name = rest.split('"').next().unwrap();
                assert_eq!(asset(name).status(), StatusCode::OK, "{name}, in {file}");
            }
            for line in content.lines() {
                if let Some((_, name)) = line.split_once("from \"./") {
                    let name = name.trim_end_matches("\";");
                    assert_eq!(asset(name).status(), StatusCode::OK, "{name}, in {file}");
                }
            }
        }
    }

    #[test]
    fn no_recorded_text_can_become_markup() {
        for (name, content) in ASSETS {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "DOMParser",
            ] {
                assert!(!content.contains(forbidden), "{forbidden}, in {name}");
            }
        }
    }
}
