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

/// An address where nobody listens, and where no other test's server ever will, as happens to one that was
/// bound and let go: the system gives this port to nobody.
pub const NOBODY: &str = "127.0.0.1:1";

#[cfg(test)]
mod tests;
