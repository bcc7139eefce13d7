//! The client: carries one request to an endpoint and brings back what came, as bytes.
//!
//! The only file that names `async-openai` and `reqwest`. It drives the middleware layer of `async-openai` below its
//! retries and its parsing, because both are decided elsewhere here: a retry must go through the ledger, and a reply
//! is read once. Redirects are not followed, so a key goes where it was meant to go and nowhere else. The
//! environment is not read: a proxy is used if the endpoint names one.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aho_corasick::AhoCorasick;
use async_openai::error::OpenAIError;
use async_openai::middleware::{HttpRequestFactory, ReqwestService};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use tower::Service;

use crate::error::Error;
use crate::llm::exchange::{Exchange, Headers, Sent, is_kept};

/// The longest body that is read, in bytes; no verdict is longer.
const MAX_BODY: usize = 16 << 20;

/// How long an idle connection is kept. Common servers close after five seconds; one that closes while a request
/// is on its way leaves in doubt whether the call was made.
const MAX_IDLE: Duration = Duration::from_secs(4);

/// A shorter key is a placeholder such as `none`, which may stand in any text.
const LEAST_SECRET: usize = 16;

/// Where and how to ask.
#[derive(Clone)]
pub struct Endpoint {
    /// What people call it.
    pub name: String,
    /// Such as `http://localhost:8000/v1`; a query, as Azure wants one, is kept.
    pub base_url: String,
    /// The model to ask for.
    pub model: String,
    /// Sent as `authorization: Bearer …`.
    pub api_key: Option<SecretString>,
    /// Further headers, such as Azure's `api-key`.
    pub headers: BTreeMap<String, SecretString>,
    /// The address of a proxy, which may hold a password. None connects directly.
    pub proxy: Option<SecretString>,
    /// The longest that a call may take.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.identity().unwrap_or_default();
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("base_url", &identity)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Returns the address without user, password and query: who it is, in keys of calls and in records.
    pub fn identity(&self) -> Result<String, Error> {
        let mut url = self.url()?;
        url.set_query(None);
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    fn url(&self) -> Result<Url, Error> {
        let is_usable = |url: &Url| {
            let is_http = matches!(url.scheme(), "http" | "https");
            is_http && url.username().is_empty() && url.password().is_none()
        };
        let mut url = Url::parse(self.base_url.trim())
            .ok()
            .filter(is_usable)
            .ok_or_else(|| Error::BaseUrl { endpoint: self.name.clone() })?;
        url.set_fragment(None);
        Ok(url)
    }

    fn chat_url(&self) -> Result<Url, Error> {
        let mut url = self.url()?;
        let path = format!("{}/chat/completions", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }

    fn header_map(&self) -> Result<HeaderMap, Error> {
        let bearer = self.api_key.as_ref().map(|key| format!("Bearer {}", key.expose_secret().trim()));
        let bearer = bearer.map(|value| (AUTHORIZATION.to_string(), value));
        let further =
            self.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        for (name, value) in bearer.into_iter().chain(further) {
            let wrong = || Error::Header { endpoint: self.name.clone(), header: name.clone() };
            let key: HeaderName = name.parse().map_err(|_| wrong())?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(key, value);
        }
        Ok(headers)
    }

    /// Returns what must never come back in a reply.
    fn secrets(&self) -> Vec<&str> {
        let is_secret =
            |name: &str| ["key", "auth", "token", "secret"].iter().any(|word| name.contains(word));
        let headers = self.headers.iter().filter(|(name, _)| is_secret(&name.to_lowercase()));
        let secrets = self.api_key.iter().chain(headers.map(|(_, value)| value));
        secrets
            .map(|secret| secret.expose_secret().trim())
            .filter(|text| text.len() >= LEAST_SECRET)
            .collect()
    }
}

/// Carries requests to one endpoint; clones share their connections.
#[derive(Clone)]
pub struct Client {
    service: ReqwestService,
    post: Arc<Post>,
    secrets: Option<AhoCorasick>,
}

/// What all requests to an endpoint have in common.
struct Post {
    url: Url,
    headers: HeaderMap,
}

impl Client {
    /// Prepares connections to `endpoint`; none is made yet.
    pub fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        let url = endpoint.chat_url()?;
        let headers = endpoint.header_map()?;
        let secrets = endpoint.secrets();
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Connections {
            endpoint: endpoint.name.clone(),
            source,
        };
        let http = connections(endpoint, url.scheme()).map_err(|error| failed(error.without_url().into()))?;
        let secrets = (!secrets.is_empty()).then(|| AhoCorasick::new(secrets)).transpose();
        let secrets = secrets.map_err(|error| failed(error.into()))?;
        Ok(Self { service: ReqwestService::new(http), post: Arc::new(Post { url, headers }), secrets })
    }

    /// Sends `body` once and returns what came back.
    pub async fn send(&self, body: &str) -> Exchange {
        let post = self.post.clone();
        let body = body.to_owned();
        let factory = HttpRequestFactory::new(move || {
            let mut request = reqwest::Request::new(Method::POST, post.url.clone());
            *request.headers_mut() = post.headers.clone();
            *request.body_mut() = Some(body.clone().into());
            async { Ok(request) }
        });
        match self.service.clone().call(factory).await {
            Ok(response) => self.receive(response).await,
            Err(OpenAIError::Reqwest(error)) => {
                let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
                broken(error, sent)
            }
            Err(error) => Exchange::Broken { reason: error.to_string(), sent: Sent::Maybe },
        }
    }

    async fn receive(&self, mut response: Response) -> Exchange {
        let status = response.status().as_u16();
        let mut headers = kept(response.headers());
        let mut body = vec![];
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                    let reason = format!("the reply is longer than {} MiB", MAX_BODY >> 20);
                    return Exchange::Broken { reason, sent: Sent::Maybe };
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return broken(error, Sent::Maybe),
            }
        }
        if status == 401 {
            // Servers repeat parts of the key here.
            body.clear();
        }
        if let Some(secrets) = &self.secrets {
            headers.retain(|_, value| !secrets.is_match(value.as_str()));
            if secrets.is_match(&body) {
                let stars = vec!["***"; secrets.patterns_len()];
                body = secrets.replace_all_bytes(&body, &stars);
            }
        }
        Exchange::Answered { status, headers, body }
    }
}

fn connections(endpoint: &Endpoint, scheme: &str) -> reqwest::Result<reqwest::Client> {
    // Fails if a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rewardctl/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .timeout(endpoint.timeout)
        .connect_timeout(endpoint.connect_timeout)
        .pool_idle_timeout(MAX_IDLE);
    if let Some(proxy) = &endpoint.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.expose_secret())?);
    } else if scheme == "http" {
        // A machine without certificates can still ask a server of its own.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

/// Returns the headers worth keeping; the date only where a wait is counted from it, as it differs between runs.
fn kept(headers: &HeaderMap) -> Headers {
    let named = headers.iter().filter(|(name, _)| is_kept(name.as_str()));
    let texts = named.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let mut kept: Headers = texts.collect();
    let waits_for_date = kept.get("retry-after").is_some_and(|wait| wait.trim().parse::<f64>().is_err());
    if !waits_for_date {
        kept.remove("date");
    }
    kept
}

/// Returns the whole chain of causes, without the address: it may hold a key.
fn broken(error: reqwest::Error, sent: Sent) -> Exchange {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Exchange::Broken { reason, sent }
}

#[cfg(test)]
mod tests;
