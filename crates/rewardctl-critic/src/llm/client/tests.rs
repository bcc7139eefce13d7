use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::llm::completion::Retry;

const KEY: &str = "sk-0123456789abcdef";

/// What the server does with one request.
enum Act {
    /// Writes these bytes and keeps the connection.
    Say(String),
    /// Writes these bytes and closes the connection.
    SayAndClose(String),
    /// Closes the connection with a reset.
    Reset,
    /// Never answers.
    Hang,
}

/// Serves `script`, one act a request, on a port of its own; returns the address and what was asked.
async fn serve(script: Vec<Act>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(vec![]));
    let log = heard.clone();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        while script.len() > 0 {
            let (stream, _) = listener.accept().await.unwrap();
            converse(stream, &mut script, &log).await;
        }
    });
    (base_url, heard)
}

async fn converse(mut stream: TcpStream, script: &mut impl Iterator<Item = Act>, log: &Mutex<Vec<String>>) {
    while let Some(request) = hear(&mut stream).await {
        log.lock().unwrap().push(request);
        match script.next() {
            Some(Act::Say(reply)) => stream.write_all(reply.as_bytes()).await.unwrap(),
            Some(Act::SayAndClose(reply)) => return stream.write_all(reply.as_bytes()).await.unwrap(),
            Some(Act::Reset) => return stream.set_zero_linger().unwrap(),
            Some(Act::Hang) => std::future::pending().await,
            None => return,
        }
    }
}

/// Reads one request; None when the client is gone.
async fn hear(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn endpoint(base_url: &str) -> Endpoint {
    Endpoint {
        name: "e".into(),
        base_url: base_url.into(),
        model: "m".into(),
        api_key: Some(KEY.into()),
        headers: BTreeMap::new(),
        proxy: None,
        timeout: Duration::from_secs(10),
        connect_timeout: Duration::from_secs(5),
    }
}

async fn exchange(act: Act) -> Exchange {
    let (base_url, _) = serve(vec![act]).await;
    let mut endpoint = endpoint(&base_url);
    endpoint.timeout = Duration::from_millis(300);
    Client::new(&endpoint).unwrap().send("{}").await
}

async fn answered(reply: String) -> (u16, Headers, String) {
    match exchange(Act::Say(reply)).await {
        Exchange::Answered { status, headers, body } => (status, headers, String::from_utf8(body).unwrap()),
        other => panic!("{other:?}"),
    }
}

async fn check_broken(act: Act) -> String {
    match exchange(act).await {
        Exchange::Broken { reason, sent: Sent::Maybe } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_body_goes_as_it_is_and_the_key_in_its_header() {
    let (base_url, heard) = serve(vec![Act::Say(reply("200 OK", "", "{}"))]).await;
    let mut endpoint = endpoint(&format!("{base_url}/?api-version=1#x"));
    endpoint.headers.insert("X-Org".into(), "o".into());
    Client::new(&endpoint).unwrap().send(r#"{"b":1, "a":2}"#).await;
    let heard = heard.lock().unwrap().concat();
    assert!(heard.starts_with("POST /v1/chat/completions?api-version=1 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("content-type: application/json\r\n"));
    assert!(heard.contains(&format!("authorization: Bearer {KEY}\r\n")));
    assert!(heard.contains("x-org: o\r\n"));
    assert!(heard.ends_with("\r\n\r\n{\"b\":1, \"a\":2}"));
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let acts = (0..20).map(|_| Act::Say(reply("200 OK", "", "{}"))).collect();
    let (base_url, heard) = serve(acts).await;
    let client = Client::new(&endpoint(&base_url)).unwrap();
    for _ in 0..20 {
        assert!(matches!(client.send("{}").await, Exchange::Answered { status: 200, .. }));
    }
    assert_eq!(heard.lock().unwrap().len(), 20);
}

#[tokio::test]
async fn a_refusal_comes_back_with_what_it_says_of_limits_and_nothing_else() {
    let headers = "Retry-After-Ms: 20\r\nX-RateLimit-Remaining-Tokens: 0\r\nset-cookie: s=1\r\ndate: d\r\nserver: x\r\n";
    let (status, kept, body) = answered(reply("429 Too Many Requests", headers, "{\"error\":{}}")).await;
    assert_eq!((status, body.as_str()), (429, "{\"error\":{}}"));
    let names: Vec<&str> = kept.keys().map(String::as_str).collect();
    assert_eq!(names, ["retry-after-ms", "x-ratelimit-remaining-tokens"]);
}

#[tokio::test]
async fn a_date_is_kept_where_a_wait_is_counted_from_it() {
    let headers = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:38 GMT\r\n";
    let (_, kept, _) = answered(reply("503 Busy", headers, "")).await;
    assert!(kept.contains_key("date"));
}

#[tokio::test]
async fn a_failing_server_is_asked_once() {
    let (base_url, heard) =
        serve(vec![Act::Say(reply("500 Oops", "", "")), Act::Say(reply("200 OK", "", "{}"))]).await;
    let client = Client::new(&endpoint(&base_url)).unwrap();
    assert!(matches!(client.send("{}").await, Exchange::Answered { status: 500, .. }));
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (target, heard) = serve(vec![Act::Say(reply("200 OK", "", "{}"))]).await;
    let (status, _, _) = answered(reply("307 Moved", &format!("location: {target}\r\n"), "")).await;
    assert_eq!(status, 307);
    assert_eq!(heard.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_key_that_comes_back_is_struck_out() {
    let (_, _, body) = answered(reply("400 Bad", "", &format!("your key {KEY} is odd"))).await;
    assert_eq!(body, "your key *** is odd");
    let (_, _, body) = answered(reply("401 No", "", "Incorrect API key: sk-012***def")).await;
    assert_eq!(body, "");
}

#[tokio::test]
async fn what_breaks_off_is_broken_and_may_have_been_seen() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"choices\":";
    assert_ne!(check_broken(Act::SayAndClose(cut.into())).await, "");
    assert_ne!(check_broken(Act::Reset).await, "");
    assert_ne!(check_broken(Act::SayAndClose("no http\r\n\r\n".into())).await, "");
    let reason = check_broken(Act::Hang).await;
    assert!(reason.contains("timed out") && !reason.contains("127.0.0.1"), "{reason}");
}

#[tokio::test]
async fn an_endless_reply_is_broken() {
    let body = "x".repeat(MAX_BODY + 1);
    let (base_url, _) = serve(vec![Act::SayAndClose(reply("200 OK", "", &body))]).await;
    let exchange = Client::new(&endpoint(&base_url)).unwrap().send("{}").await;
    let Exchange::Broken { reason, .. } = exchange else { panic!("{exchange:?}") };
    assert_eq!(reason, "the reply is longer than 16 MiB");
}

#[tokio::test]
async fn what_finds_no_server_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let exchange = Client::new(&endpoint(&base_url)).unwrap().send("{}").await;
    assert!(matches!(&exchange, Exchange::Broken { sent: Sent::No, .. }), "{exchange:?}");
    assert_eq!(exchange.read().unwrap_err().retry, Retry::Later { after: None });
}

#[tokio::test]
async fn a_proxy_that_is_named_carries_the_call() {
    let (proxy, heard) = serve(vec![Act::Say(reply("200 OK", "", "{}"))]).await;
    let mut endpoint = endpoint("http://model.invalid/v1");
    endpoint.proxy = Some(proxy.into());
    let exchange = Client::new(&endpoint).unwrap().send("{}").await;
    assert!(matches!(exchange, Exchange::Answered { status: 200, .. }), "{exchange:?}");
    assert!(
        heard.lock().unwrap()[0].starts_with("POST http://model.invalid/v1/chat/completions HTTP/1.1\r\n")
    );
}

#[test]
fn an_endpoint_is_known_by_its_address_without_secrets() {
    let identity = |url: &str| endpoint(url).identity().ok();
    assert_eq!(
        identity("https://Host.example:443/v1/?key=s3cret#f").as_deref(),
        Some("https://host.example/v1")
    );
    assert_eq!(identity("http://localhost:8000").as_deref(), Some("http://localhost:8000"));
    for refused in ["", "localhost:8000/v1", "ftp://x/v1", "http://user:pass@x/v1", "http://user@x/v1"] {
        assert_eq!(identity(refused), None, "{refused}");
        assert!(matches!(Client::new(&endpoint(refused)), Err(Error::BaseUrl { .. })));
    }
}

#[test]
fn secrets_show_neither_in_debug_nor_in_errors() {
    let mut endpoint = endpoint("https://x/v1?key=s3cret");
    endpoint.headers.insert("api-key".into(), "s3cret\n".into());
    endpoint.proxy = Some("http://u:s3cret@p".into());
    let said = format!("{endpoint:?} {:?}", Client::new(&endpoint).err());
    assert!(said.contains("api-key") && !said.contains("s3cret") && !said.contains(KEY), "{said}");
    endpoint.headers.clear();
    endpoint.proxy = Some("http://u:s3cret@[".into());
    let error = Client::new(&endpoint).err().map(|error| format!("{error} {error:?}")).unwrap();
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn certificates_are_found_for_https() {
    assert!(Client::new(&endpoint("https://x.example/v1")).is_ok());
}
