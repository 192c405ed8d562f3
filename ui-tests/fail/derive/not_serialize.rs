//! What is recorded has to be `Serialize`.

use rollout::Instrumented;
use serde::Serialize;

struct Plain;

#[derive(Serialize)]
struct Written;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn request(&self, request: &Plain) -> Written)]
#[instrumented(chat: fn answer(&self, request: &Written) -> Result<Plain, String>)]
#[instrumented(chat: fn chunks(&self, request: &Written) -> Box<dyn Iterator<Item = Result<Plain, String>>>)]
#[instrumented(chat: async fn later(&self, request: Plain) -> Written)]
struct Gateway;

impl Gateway {
    fn request(&self, _: &Plain) -> Written {
        Written
    }

    fn answer(&self, _: &Written) -> Result<Plain, String> {
        Ok(Plain)
    }

    fn chunks(&self, _: &Written) -> Box<dyn Iterator<Item = Result<Plain, String>>> {
        Box::new(std::iter::once(Ok(Plain)))
    }

    async fn later(&self, _: Plain) -> Written {
        Written
    }
}

fn main() {}
