//! Images in requests: described in the record, and kept aside where the program wants that.

use std::fs;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollout::Rollout;
use rollout_tests::provider::openai;
use rollout_tests::{Folder, Recorder, Reply, ScriptedProvider};
use serde_json::json;

use super::calls::{TEXT, client, runtime};

/// Sends an image twice; returns the names of the files that are kept, and what they hold.
fn kept(keep: bool) -> Vec<(String, Vec<u8>)> {
    let image: Vec<u8> = b"\x89PNG\r\n\x1a\n"
        .iter()
        .copied()
        .chain((0..3_000_u32).map(|n| (n % 251) as u8))
        .collect();
    let url = format!("data:image/png;base64,{}", STANDARD.encode(&image));
    let part = json!({"type": "image_url", "image_url": {"url": url}});
    let message =
        json!({"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]});
    let request = json!({"model": "gpt-4.1-mini", "messages": [message]});

    let answer = || Reply::json(openai::chat(&openai::answer(TEXT)));
    let provider = ScriptedProvider::start([answer(), answer()]);
    let folder = Folder::new();
    let builder = Rollout::builder().without_environment();
    let recorder = Recorder::with(builder.local_dir(folder.path()).keep_media(keep));
    let openai = recorder.wrap(client(&provider.base_url()));
    for _ in 0..2 {
        let request = serde_json::from_value(request.clone()).unwrap();
        runtime().block_on(openai.chat().create(request)).unwrap();
    }
    for call in recorder.calls() {
        let shown = call.input.to_string();
        assert!(shown.contains("rollout-blob:sha256-"), "{shown}");
        assert!(!shown.contains(&url[30..90]));
    }
    // The provider gets the image itself.
    let sent = provider.requests()[0].json().to_string();
    assert!(sent.contains(&url));

    let dir = folder.path().join("media");
    let Ok(files) = fs::read_dir(&dir) else {
        return Vec::new();
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::metadata(&dir).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    let files = files.map(|file| file.unwrap());
    let files = files.filter(|file| file.file_name() != ".gitignore");
    let kept: Vec<_> = files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, fs::read(file.path()).unwrap())
        })
        .collect();
    for (name, content) in &kept {
        assert_eq!(content, &image);
        let call = recorder.calls().remove(0).input.to_string();
        let hash = name.strip_suffix(".png").unwrap();
        assert!(call.contains(hash), "the record names the file: {call}");
    }
    kept
}

#[test]
fn an_image_is_kept_once_where_that_is_wanted() {
    assert_eq!(kept(true).len(), 1);
    assert_eq!(kept(false).len(), 0);
}

#[test]
fn where_nothing_can_be_kept_a_call_is_recorded_as_ever_and_that_is_said_once() {
    let folder = Folder::new();
    fs::write(folder.path().join("media"), "in the way").unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&said);
    let builder = Rollout::builder()
        .without_environment()
        .local_dir(folder.path())
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.to_string()))
        .keep_media(true);
    let recorder = Recorder::with(builder);
    let url = format!(
        "data:image/png;base64,{}",
        STANDARD.encode((0..3_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>())
    );
    let part = json!({"type": "image_url", "image_url": {"url": url}});
    let request =
        json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": [part]}]});
    let answer = || Reply::json(openai::chat(&openai::answer(TEXT)));
    let provider = ScriptedProvider::start([answer(), answer()]);
    let openai = recorder.wrap(client(&provider.base_url()));
    for _ in 0..2 {
        let request = serde_json::from_value(request.clone()).unwrap();
        runtime().block_on(openai.chat().create(request)).unwrap();
    }
    let calls = recorder.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert!(call.input.to_string().contains("rollout-blob:sha256-"));
        assert_eq!(call.status(), "ok");
    }
    let said = said.lock().unwrap();
    let warnings = said
        .iter()
        .filter(|said| said.contains("media are not kept"));
    assert_eq!(warnings.count(), 1, "{said:?}");
}
