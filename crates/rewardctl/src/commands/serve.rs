//! `rewardctl serve`.

use rewardctl_store::open::Store;
use rewardctl_web::app::{App, AppSettings};
use rewardctl_web::serve::serve;
use tokio::net::TcpListener;

use crate::cli::people::ServeArgs;
use crate::commands::open_known_store;
use crate::commands::people::{clock, keymap, own_name, work_settings};
use crate::commands::user::new_token;
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::settings::Settings;
use crate::show::say;

/// Serves until told to stop.
pub fn run(args: &ServeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Failure::machine)?.block_on(served(args, settings))
}

async fn served(args: &ServeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let store = open_known_store(settings).await?;
    let has_users = !store.users().await?.is_empty();
    if !has_users && !args.listen.ip().is_loopback() {
        return Err(Failure::refused(
            format!("nobody is a user, and everybody could reach {}", args.listen),
            "`rewardctl user add NAME --role admin` makes one; without users, leave `--listen` out",
        ));
    }
    store.index_for_review().await?;
    let work = work_settings(settings)?;
    store.fill_work(&work, &clock()).await?;
    let (token, local) = match has_users {
        true => (None, None),
        false => {
            let (text, kept) = new_token()?;
            (Some(text), Some((own_name(None, settings), kept)))
        }
    };
    let app = App::new(AppSettings {
        reader: second(settings).await?,
        keymap: keymap(settings)?,
        work,
        clock,
        local,
        requests_a_second: f64::from(args.requests),
        store: store.clone(),
    });
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        let message = format!("failed to listen on {}", args.listen);
        let hint = "another program may listen there: `--listen 127.0.0.1:0` takes any free port";
        Failure { hint: Some(hint.into()), ..Failure::machine(anyhow::Error::new(error).context(message)) }
    })?;
    let address = listener.local_addr().map_err(Failure::machine)?;
    match token {
        Some(token) => say(format!("review at http://{address}/#token={token}")),
        None => say(format!("review at http://{address}/")),
    }
    say("stop with Ctrl-C");
    serve(listener, app, stop()).await.map_err(Failure::machine)?;
    store.close().await;
    say("stopped");
    Ok(Exit::Done)
}

/// Opens the store once more, for what is only read.
async fn second(settings: &Settings) -> Result<Store, Failure> {
    match locate::store(settings)? {
        StorePlace::File(path) => Ok(Store::open(&path).await?),
        StorePlace::None => open_known_store(settings).await,
    }
}

/// Ends when somebody tells the program to stop.
pub async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let told = async |kind| match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = told(SignalKind::terminate()) => {}
            // The window was closed, or the connection is gone.
            () = told(SignalKind::hangup()) => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
