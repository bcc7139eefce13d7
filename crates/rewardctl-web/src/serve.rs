//! Listens until told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::App;
use crate::routes::router;

/// How long requests may go on after the service was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Serves on `listener` until `stop` ends; requests that are under way are finished.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let mut stopping = app.stopping.subscribe();
    let stopped = Arc::clone(&app);
    let told = async move {
        stop.await;
        stopped.stop();
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(told);
    let too_long = async move {
        let _ = stopping.wait_for(|stop| *stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = too_long => Ok(()),
    }
}
