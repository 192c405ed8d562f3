//! The blocking twin of the OpenAI client, over real HTTP: whoever calls it gets what async-openai's
//! own client gets, and one call is recorded.

mod calls;
mod harness;
mod surroundings;
