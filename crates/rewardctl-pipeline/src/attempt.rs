//! Attempts: one request that leaves this machine. Reserved, written down, sent, booked.

use rewardctl_critic::llm::breaker::Health;
use rewardctl_critic::llm::completion::{CallFailure, Completion, Retry, Usage};
use rewardctl_critic::llm::exchange::{Exchange, Headers, Sent};
use rewardctl_store::ledger::{Answer, Attempt, Failure, Ledger, PlannedCall};

use crate::budget::Spend;
use crate::call::{Call, Caller, Reply};
use crate::error::Error;
use crate::line::Line;

/// Where servers say what they call a request.
const REQUEST_ID: [&str; 3] = ["x-request-id", "request-id", "apim-request-id"];

impl Caller {
    /// Makes attempt number `number` of this run at a call.
    pub(crate) async fn attempt(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
        number: u32,
    ) -> Result<Reply, Error> {
        // The limiter first: behind it stands a queue, and whoever has waited there must see how the endpoint does now.
        let mut permit = self.brake.unless_pulled(line.limiter.acquire(call.most.tokens)).await?;
        let Some(pass) = self.brake.unless_pulled(line.gate.pass()).await? else {
            return Err(Error::Down { endpoint: call.endpoint.clone() });
        };
        let capped = |cap| Error::Capped { cap, finished: 0, total: 0 };
        self.brake.unless_pulled(self.budget.reserve(call.most)).await?.map_err(capped)?;
        let attempt = self.write_down(ledger, line, call, number).await?;
        permit.leave().await;
        let exchange = line.client.send(call.request.body()).await;
        permit.come_back();
        let reply = exchange.read();
        let spent = self.book(ledger, line, call, attempt, &exchange, &reply).await;
        self.budget.settle(call.most, *spent.as_ref().unwrap_or(&call.most));
        let health = Health::of(&reply);
        line.gate.record(pass, health);
        if let (Health::Sick, Err(failure)) = (health, &reply) {
            line.note_failure(&failure.reason);
        }
        permit.settle(&reply, headers(&exchange).unwrap_or(&Headers::new()));
        spent?;
        self.record(call, number, &exchange)?;
        Ok(reply)
    }

    /// Puts the attempt on disk; the first one together with the call itself.
    async fn write_down(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
        number: u32,
    ) -> Result<Attempt, Error> {
        let reserved = call.priced.then_some(call.most.cost);
        let now = (self.now)();
        let sent = ledger.sent(call.key, reserved, &now);
        if number > 1 {
            return Ok(sent.await?);
        }
        // Both wait for the same commit; the ledger takes them in this order.
        let plan = [planned(call, line)];
        let (planned, sent) = tokio::join!(biased; ledger.plan(&plan), sent);
        planned?;
        Ok(sent?)
    }

    /// Books how an attempt ended, and returns what it came to.
    async fn book(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
        attempt: Attempt,
        exchange: &Exchange,
        reply: &Reply,
    ) -> Result<Spend, Error> {
        let now = (self.now)();
        let (status, body) = match exchange {
            Exchange::Answered { status, body, .. } => (*status, body),
            Exchange::Broken { reason, sent: Sent::Maybe } => {
                // It may have been paid for: it counts as if it were.
                ledger.unknown(attempt, reason, &now).await?;
                return Ok(call.most);
            }
            Exchange::Broken { reason, sent: Sent::No } => {
                ledger.failed(attempt, &unanswered(reason), &now).await?;
                return Ok(Spend { cost: 0, calls: 1, tokens: 0 });
            }
        };
        let request_id = REQUEST_ID.iter().find_map(|name| headers(exchange)?.get(*name).cloned());
        match reply {
            Ok(completion) => {
                let usage = usage(line, call, completion);
                let cost = line.cost(&usage);
                let (input_tokens, output_tokens) = (Some(usage.input_tokens), Some(usage.output_tokens));
                let body = body.clone();
                let answer =
                    Answer { status, body, request_id, input_tokens, output_tokens, cost_nano: cost };
                ledger.done(attempt, &answer, &now).await?;
                Ok(spend(cost, &usage))
            }
            // The server says that all went well, and what it sent cannot be read: it may bill it.
            Err(failed) if (200..300).contains(&status) && failed.usage.is_none() => {
                ledger.unknown(attempt, &failed.reason, &now).await?;
                Ok(call.most)
            }
            Err(failed) => {
                let usage = failed.usage.unwrap_or_default();
                let cost = failed.usage.map_or(Some(0), |usage| line.cost(&usage));
                let failure = answered_badly(failed, cost, status, request_id, body.clone());
                ledger.failed(attempt, &failure, &now).await?;
                Ok(spend(cost, &usage))
            }
        }
    }
}

fn headers(exchange: &Exchange) -> Option<&Headers> {
    match exchange {
        Exchange::Answered { headers, .. } => Some(headers),
        Exchange::Broken { .. } => None,
    }
}

/// Returns what a reply took; a server that does not count is taken at its estimate.
fn usage(line: &Line, call: &Call, completion: &Completion) -> Usage {
    completion.usage.unwrap_or_else(|| line.guess(call.request.body(), completion))
}

fn planned(call: &Call, line: &Line) -> PlannedCall {
    PlannedCall {
        key: call.key,
        purpose: call.purpose,
        endpoint: line.identity.clone(),
        model: line.model.clone(),
        request: call.request.body().into(),
    }
}

fn spend(cost: Option<u64>, usage: &Usage) -> Spend {
    let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
    Spend { cost: cost.unwrap_or(0), calls: 1, tokens }
}

fn unanswered(reason: &str) -> Failure {
    Failure {
        reason: reason.into(),
        retryable: true,
        status: None,
        request_id: None,
        input_tokens: None,
        output_tokens: None,
        cost_nano: Some(0),
        body: None,
    }
}

fn answered_badly(
    failed: &CallFailure,
    cost: Option<u64>,
    status: u16,
    request_id: Option<String>,
    body: Vec<u8>,
) -> Failure {
    Failure {
        reason: failed.reason.clone(),
        retryable: matches!(failed.retry, Retry::Later { .. }),
        status: Some(status),
        request_id,
        input_tokens: failed.usage.map(|usage| usage.input_tokens),
        output_tokens: failed.usage.map(|usage| usage.output_tokens),
        cost_nano: cost,
        body: Some(body),
    }
}
