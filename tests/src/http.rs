//! An HTTP server that does as it is told, also when that is not nice.

mod body;
mod reply;
mod request;
mod server;
mod watched;

pub use reply::Reply;
pub use request::Request;
pub use server::Server;
pub(crate) use watched::Watched;

#[cfg(test)]
mod tests;
