//! Images that were kept aside, by the hash that the record has of them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// What is shown, and the ends of the names of such files. No SVG: it is a document of its own.
const PICTURES: [(&str, &str); 4] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// What is larger is not for a page.
const MOST: u64 = 16 * 1024 * 1024;

/// An image, as the page can show it without a request of its own.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    r#type: &'static str,
    /// In base64.
    data: String,
}

/// Returns the image with this hash, if it was kept.
pub(super) fn picture(folder: &Path, hash: &str) -> io::Result<Option<Picture>> {
    let is_hash = hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_hexdigit());
    if !is_hash {
        return Ok(None);
    }
    for (end, r#type) in PICTURES {
        let path = folder.join("media").join(format!("{hash}.{end}"));
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(MOST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST {
            return Ok(None);
        }
        let data = STANDARD.encode(bytes);
        return Ok(Some(Picture { r#type, data }));
    }
    Ok(None)
}
