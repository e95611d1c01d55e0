//! Sends requests: breaker, pace, gate, time limit, measurement, and repeats where they are safe.

use std::{sync::Arc, time::Duration};

use domain::Entropy;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::{
    answer::{Answer, BodyError},
    breaker::{Breaker, Pass, Verdict},
    classify,
    config::{ConfigError, RetryPolicy, SecureAuthConfig, is_local},
    error::{CallError, ErrorKind},
    gate::CallGate,
    idempotency::IdempotencyKey,
    local_names::LocalNames,
    observe::{CallObserver, CallRecord, CallSource},
    operation::{ApiGroup, Operation},
    pace::Pace,
    retry::FailedAttempt,
};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");
const IF_MATCH: HeaderName = HeaderName::from_static("if-match");

/// What goes in the body.
pub(crate) enum Payload {
    None,
    Json(Value),
    /// JSON, written already.
    Text(Vec<u8>),
    Form(Vec<(&'static str, String)>),
}

/// Who asks.
#[derive(Clone)]
pub(crate) enum Authorization {
    None,
    /// A whole `authorization` header.
    Header(SecretString),
}

/// Which answers the caller wants to see instead of an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accept {
    /// 2xx.
    Success,
    /// Everything but 429 and 5xx: the caller asks whether a page answers.
    AnyAnswer,
}

/// One request, however often it is sent.
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) url: Url,
    pub(crate) payload: Payload,
    pub(crate) if_match: Option<String>,
    pub(crate) idempotency: Option<IdempotencyKey>,
    pub(crate) cookies: Vec<String>,
    pub(crate) accept: Accept,
}

impl Call {
    pub(crate) const fn new(operation: Operation, url: Url) -> Self {
        Self {
            operation,
            url,
            payload: Payload::None,
            if_match: None,
            idempotency: None,
            cookies: Vec::new(),
            accept: Accept::Success,
        }
    }

    pub(crate) fn json(mut self, body: Value) -> Self {
        self.payload = Payload::Json(body);
        self
    }

    /// A body that is written once, without a tree of values: for the large ones.
    pub(crate) fn text(mut self, body: &impl Serialize) -> Result<Self, CallError> {
        let text = serde_json::to_vec(body).map_err(|error| {
            CallError::new(ErrorKind::Config, self.operation, format!("the body cannot be written: {error}"))
        })?;
        self.payload = Payload::Text(text);
        Ok(self)
    }

    pub(crate) fn key(mut self, key: &IdempotencyKey) -> Self {
        self.idempotency = Some(key.clone());
        self
    }

    pub(crate) fn if_match(mut self, etag: Option<String>) -> Self {
        self.if_match = etag;
        self
    }
}

/// What is known about a call across its attempts, also across a renewed token.
pub(crate) struct Progress {
    /// Who asked.
    source: CallSource,
    correlation_id: String,
    started: Instant,
    attempts: u32,
    /// Whether any attempt so far may have been carried out unseen.
    unknown: bool,
}

impl Progress {
    /// An error that ends the call carries what earlier attempts left open.
    pub(crate) fn taint(&self, error: CallError) -> CallError {
        error.with(|it| it.unknown |= self.unknown)
    }
}

pub(crate) struct Transport {
    http: reqwest::Client,
    pace: Pace,
    breakers: [Breaker; ApiGroup::ALL.len()],
    retry: RetryPolicy,
    entropy: Arc<dyn Entropy>,
    observer: Arc<dyn CallObserver>,
    /// Taken out of every error message.
    secrets: Vec<SecretString>,
}

/// One attempt's failure and whether it may have been carried out.
struct Failed {
    error: CallError,
    maybe_applied: bool,
}

impl Transport {
    pub(crate) fn new(
        config: &SecureAuthConfig,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn CallObserver>,
    ) -> Result<Self, ConfigError> {
        // The HTTP client would panic without one.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(ConfigError::NoTlsProvider);
        }
        let mut http = reqwest::Client::builder()
            .timeout(config.request_timeout)
            .connect_timeout(config.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(LocalNames))
            .user_agent(concat!("ciam-console/", env!("CARGO_PKG_VERSION")));
        if is_local(&config.api_base) {
            http = http.no_proxy();
        }
        let powers = &config.system_powers;
        let own = [&powers.manage_configuration, &powers.identity, &powers.revoke_tokens];
        let credentials = [&config.admin, &config.system].into_iter().chain(own.into_iter().flatten());
        Ok(Self {
            http: http.build().map_err(|error| ConfigError::HttpClient(error.to_string()))?,
            pace: Pace::new(config.limits, config.retry.max_delay),
            breakers: std::array::from_fn(|_| Breaker::new(config.breaker)),
            retry: config.retry,
            entropy,
            observer,
            secrets: credentials.map(|it| it.client_secret.clone()).collect(),
        })
    }

    pub(crate) fn start(&self, source: CallSource) -> Progress {
        let mut random = [0_u8; 16];
        self.entropy.fill(&mut random);
        Progress {
            source,
            correlation_id: random.iter().map(|byte| format!("{byte:02x}")).collect(),
            started: Instant::now(),
            attempts: 0,
            unknown: false,
        }
    }

    /// Sends `call` until it succeeds, fails for good, or may not be repeated.
    pub(crate) async fn run(
        &self,
        call: &Call,
        authorization: &Authorization,
        gate: &dyn CallGate,
        progress: &mut Progress,
    ) -> Result<Answer, CallError> {
        loop {
            progress.attempts += 1;
            let Failed { error, maybe_applied } =
                match self.attempt(call, authorization, gate, progress).await {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => failed,
                };
            progress.unknown |= maybe_applied && call.operation.is_mutating();
            let pause = self.retry.pause_before_repeat(&FailedAttempt {
                error: &error,
                number: progress.attempts,
                maybe_applied,
                keyed: call.idempotency.is_some(),
                since_first: progress.started.elapsed(),
                random: self.random(),
            });
            let Some(pause) = pause else {
                return Err(progress.taint(error));
            };
            tracing::debug!(operation = %call.operation, error = %error, ?pause, "vendor call is repeated");
            tokio::time::sleep(pause).await;
        }
    }

    /// One pause of the length that a first repeat would take.
    pub(crate) async fn breathe(&self) {
        tokio::time::sleep(self.retry.backoff(1, self.random())).await;
    }

    async fn attempt(
        &self,
        call: &Call,
        authorization: &Authorization,
        gate: &dyn CallGate,
        progress: &Progress,
    ) -> Result<Answer, Failed> {
        let group = call.operation.api();
        let _place = match self.pace.enter(group).await {
            Ok(place) => place,
            Err(wait) => return Err(self.unsent(call, ErrorKind::RateLimited, wait, progress)),
        };
        let breaker = &self.breakers[group as usize];
        let pass = match breaker.admit(Instant::now()) {
            Ok(pass) => pass,
            Err(wait) => return Err(self.unsent(call, ErrorKind::CircuitOpen, wait, progress)),
        };
        if call.operation.is_mutating() {
            gate.before_send(call.operation).await;
        }
        let sent = Instant::now();
        let result = self.exchange(call, authorization, progress).await;
        self.settle(group, breaker, pass, &result);
        self.measure(call.operation, result.as_ref().map_err(|it| &it.error), sent.elapsed(), progress);
        if call.operation.is_mutating() {
            gate.after_answer(call.operation).await;
        }
        result
    }

    /// Sends once and reads the answer to its end.
    async fn exchange(
        &self,
        call: &Call,
        authorization: &Authorization,
        progress: &Progress,
    ) -> Result<Answer, Failed> {
        let operation = call.operation;
        let fail = |error: CallError, maybe_applied| Failed {
            error: error.with(|it| it.correlation_id.clone_from(&progress.correlation_id)),
            maybe_applied,
        };
        let request = self.request(call, authorization, progress).map_err(|error| fail(error, false))?;
        let response = self.http.execute(request).await.map_err(|error| {
            let (error, sent) = classify::no_answer(operation, &error);
            fail(error, sent)
        })?;
        let mut answer = Answer::head(&response, progress.correlation_id.clone());
        if let Err(broken) = answer.read_body(response).await {
            let error = match broken {
                BodyError::Broken(error) => classify::no_answer(operation, &error).0,
                BodyError::TooLarge => {
                    CallError::new(ErrorKind::Decode, operation, "the answer is too large")
                }
            };
            let error = error.with(|it| {
                it.status = Some(answer.status);
                it.trace_id.clone_from(&answer.trace_id);
            });
            return Err(fail(error, true));
        }
        let wanted = match call.accept {
            Accept::Success => answer.is_success(),
            Accept::AnyAnswer => answer.status < 500 && answer.status != 429,
        };
        if wanted {
            return Ok(answer);
        }
        let error = self.refusal(operation, &answer, authorization);
        let maybe_applied = matches!(error.kind, ErrorKind::Server | ErrorKind::Timeout);
        Err(fail(error, maybe_applied))
    }

    fn refusal(&self, operation: Operation, answer: &Answer, authorization: &Authorization) -> CallError {
        let mut secrets: Vec<&str> = self.secrets.iter().map(|it| it.expose_secret()).collect();
        if let Authorization::Header(header) = authorization {
            secrets.extend(header.expose_secret().split_once(' ').map(|(_, token)| token));
        }
        classify::refusal(operation, answer, &secrets)
    }

    fn request(
        &self,
        call: &Call,
        authorization: &Authorization,
        progress: &Progress,
    ) -> Result<reqwest::Request, CallError> {
        let broken =
            |what: &str| CallError::new(ErrorKind::Config, call.operation, format!("{what} cannot be sent"));
        let header = |what: &str, text: &str| HeaderValue::from_str(text).map_err(|_| broken(what));
        let mut request = self.http.request(call.operation.method(), call.url.clone());
        request = match &call.payload {
            Payload::None => request,
            Payload::Json(body) => request.json(body),
            Payload::Text(body) => {
                request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body.clone())
            }
            Payload::Form(fields) => request.form(fields),
        };
        request = request.header(CORRELATION_ID, header("the correlation id", &progress.correlation_id)?);
        if let Authorization::Header(secret) = authorization {
            let mut value = header("the token or client secret", secret.expose_secret())?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(key) = &call.idempotency {
            request = request.header(IDEMPOTENCY_KEY, header("the idempotency key", key.as_str())?);
        }
        if let Some(etag) = &call.if_match {
            request = request.header(IF_MATCH, header("the ETag", etag)?);
        }
        if !call.cookies.is_empty() {
            request = request.header(reqwest::header::COOKIE, header("a cookie", &call.cookies.join("; "))?);
        }
        request.build().map_err(|_| broken("the request"))
    }

    /// Tells breaker and pace what the attempt showed.
    fn settle(&self, group: ApiGroup, breaker: &Breaker, pass: Pass, result: &Result<Answer, Failed>) {
        let verdict = match result {
            Err(failed) if failed.error.counts_against_health() => Verdict::Failing,
            Err(failed) if failed.error.kind == ErrorKind::RateLimited => Verdict::Limiting,
            _ => Verdict::Healthy,
        };
        breaker.record(pass, verdict, Instant::now());
        if let (Verdict::Limiting, Err(Failed { error, .. })) = (verdict, result)
            && let Some(pause) = error.retry_after
        {
            self.pace.hold(group, pause);
        }
    }

    fn unsent(&self, call: &Call, kind: ErrorKind, wait: Duration, progress: &Progress) -> Failed {
        let seconds = wait.as_secs_f64().ceil();
        let message = match kind {
            ErrorKind::RateLimited => {
                format!("not sent: the vendor asked for a pause, {seconds} s of it remain")
            }
            _ => format!("not sent: the next trial call is in {seconds} s"),
        };
        let error = CallError::new(kind, call.operation, message).with(|it| {
            it.retry_after = Some(wait);
            it.correlation_id.clone_from(&progress.correlation_id);
        });
        self.measure(call.operation, Err(&error), Duration::ZERO, progress);
        Failed { error, maybe_applied: false }
    }

    fn measure(
        &self,
        operation: Operation,
        result: Result<&Answer, &CallError>,
        latency: Duration,
        progress: &Progress,
    ) {
        let (status, trace_id) = match result {
            Ok(answer) => (Some(answer.status), answer.trace_id.clone()),
            Err(error) => (error.status, error.trace_id.clone()),
        };
        let outcome = classify::outcome(result);
        tracing::debug!(operation = %operation, outcome = outcome.as_str(), status, ?latency, trace_id, "vendor call");
        self.observer.observe(&CallRecord {
            operation,
            api: operation.api(),
            source: progress.source,
            outcome,
            status,
            latency,
            trace_id,
            correlation_id: progress.correlation_id.clone(),
        });
    }

    fn random(&self) -> u32 {
        let mut bytes = [0_u8; 4];
        self.entropy.fill(&mut bytes);
        u32::from_be_bytes(bytes)
    }
}
