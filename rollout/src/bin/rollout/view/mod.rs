//! `rollout view`: the recorded runs in the browser, without a server anywhere else.

mod assets;
mod compare;
mod detail;
mod flat;
mod kept;
mod known;
mod listing;
mod live;
mod routes;
mod security;
mod source;
mod stats;
mod summary;
#[cfg(test)]
mod tests;

use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::place::Place;
use crate::prices::Prices;
use security::Keys;
use source::Source;

/// What `rollout view` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ViewArgs {
    /// The folder that the runs are recorded in, as `--dir`. It may not exist yet
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The port to listen on; any that is free if it is 0
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Print the address, and open no browser
    #[arg(long)]
    no_open: bool,
}

/// What all requests share.
#[derive(Clone, Debug)]
struct App {
    keys: Arc<Keys>,
    source: Arc<Source>,
    port: u16,
}

/// Serves the page until the program is interrupted.
pub(crate) fn run(args: &ViewArgs, place: &Place) -> io::Result<()> {
    let folder = args.folder.as_ref().unwrap_or(&place.dir);
    let source = Source::new(folder, Prices::load(folder)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let result = runtime.block_on(serve(args, source));
    // A page that is open follows the folder, and would do so for ever.
    runtime.shutdown_background();
    result
}

async fn serve(args: &ViewArgs, source: Source) -> io::Result<()> {
    // Nobody but this machine: what was recorded is private.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .await
        .map_err(|error| {
            let port = args.port;
            io::Error::new(
                error.kind(),
                format!("can't listen on port {port}: {error}"),
            )
        })?;
    let port = listener.local_addr()?.port();
    let app = App {
        keys: Arc::new(Keys::random()?),
        source: Arc::new(source),
        port,
    };
    live::watch(&app.source);
    announce(args, &app);
    let server = axum::serve(listener, routes::router(app));
    tokio::select! {
        result = server => result,
        result = tokio::signal::ctrl_c() => result,
    }
}

#[expect(clippy::print_stderr, reason = "a program's output")]
fn announce(args: &ViewArgs, app: &App) {
    let address = format!("http://127.0.0.1:{}/", app.port);
    let folder = app.source.folder().display();
    let token = app.keys.token();
    // Whoever reads it may stop at any line.
    let _ = writeln!(
        io::stdout(),
        "{folder}\n{address}#token={token}\nctrl-c ends it"
    );
    if !args.no_open
        && let Some(key) = app.keys.once()
        && let Err(error) = open::that_detached(format!("{address}#once={key}"))
    {
        eprintln!("no browser could be opened ({error}): open the address above");
    }
}
