//! Alerts: told by signed webhook and by e-mail, until the receiver accepts or the last attempt failed.

use domain::{
    AlertId, Timestamp,
    actor::{Actor, Capability},
    event::{DeliveryState, retry_pause},
    job::Job,
    performance::{Alert, AlertBody, AlertData, AlertState},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret, SecretString};
use storage::{
    Bookkeeping,
    vendor_review::alerts::{self, Message},
};
use url::Url;

use crate::{
    Console, ServiceError,
    deliver_events::{Outcome, post_signed},
    settings::Receiver,
    worker::After,
};

/// Alerts on the page.
const LISTED: usize = 50;

/// The name of the receiver of e-mail.
const MAIL: &str = "e-mail";

/// Who is told of alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertSettings {
    /// Signed webhooks.
    pub webhooks: Vec<Receiver>,
    /// E-mail; `None` where nobody is written to.
    pub mail: Option<MailSettings>,
    /// Where people open the console.
    pub console_url: Option<Url>,
}

/// How e-mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server, e.g. `smtps://user:password@mail.example:465` or `smtp://mail.example:25?tls=required`.
    pub server: SecretString,
    /// The sender.
    pub from: Mailbox,
    /// Who is written to.
    pub to: Vec<Mailbox>,
}

impl AlertSettings {
    /// The names of all receivers.
    pub(crate) fn receivers(&self) -> impl Iterator<Item = &str> {
        let hooks = self.webhooks.iter().map(|hook| hook.name.as_str());
        hooks.chain(self.mail.is_some().then_some(MAIL))
    }
}

/// Why the mail server cannot be used as configured.
///
/// # Errors
/// What the address lacks, in words.
pub fn check_mail_server(server: &str) -> Result<(), String> {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map(|_| ()).map_err(|error| error.to_string())
}

/// An alert with the messages that tell of it.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// What was told to whom.
    pub messages: Vec<Message>,
}

/// Shows the alerts; those that fire first.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn list(console: &Console, actor: &Actor) -> Result<Vec<AlertView>, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let mut views = Vec::new();
    for alert in alerts::list(&mut conn, LISTED).await? {
        let messages = alerts::messages(&mut conn, alert.id).await?;
        views.push(AlertView { alert, messages });
    }
    Ok(views)
}

/// Sends one message once, and says what becomes of the job. Repeating it is harmless: what was accepted is not sent
/// again, and receivers fold what has the same id.
///
/// # Errors
/// [`ServiceError::NotFound`] for a job without a message, [`ServiceError::Storage`].
pub(crate) async fn attempt(console: &Console, job: &Job) -> Result<After, ServiceError> {
    let unknown = || ServiceError::not_found("alert message", &job.subject);
    let id = job.subject.parse().map_err(|_| unknown())?;
    let mut conn = console.store.read().await?;
    let message = alerts::message(&mut conn, id).await?.ok_or_else(unknown)?;
    let alert = alerts::find(&mut conn, message.alert).await?.ok_or_else(unknown)?;
    drop(conn);
    if message.state != DeliveryState::Pending {
        return Ok(After::Finished);
    }
    if let Some(at) = message.next_at.filter(|at| *at > console.now()) {
        return Ok(After::Again { at, why: message.last_error.unwrap_or_default() });
    }
    let said = match send(console, &message, &alert).await {
        Ok(()) => None,
        Err(why) => Some((why, retry_pause(message.attempts + 1).map(|pause| console.now().plus(pause)))),
    };
    let mut tx = console.store.begin().await?;
    let failed = said.as_ref().map(|(why, next)| (why.as_str(), *next));
    alerts::attempted(&mut tx, message.id, failed, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::Watch).await?;
    match said {
        None => Ok(After::Finished),
        Some((why, next)) => {
            tracing::warn!(
                receiver = message.receiver,
                gave_up = next.is_none(),
                "alert not delivered: {why}"
            );
            Ok(next.map_or(After::Finished, |at| After::Again { at, why }))
        }
    }
}

async fn send(console: &Console, message: &Message, alert: &Alert) -> Result<(), String> {
    let settings = &console.settings.alerts;
    if let Some(hook) = settings.webhooks.iter().find(|hook| hook.name == message.receiver) {
        let body =
            serde_json::to_string(&body(console, message, alert)).map_err(|error| error.to_string())?;
        return match post_signed(console, hook, &message.id.to_string(), body).await {
            Outcome::Accepted(_) => Ok(()),
            Outcome::Failed { why, .. } | Outcome::Hopeless { why, .. } => Err(why),
        };
    }
    match settings.mail.as_ref().filter(|_| message.receiver == MAIL) {
        Some(mail) => write(console, mail, message, alert).await,
        None => Err(format!(
            "The receiver {:?} is no longer configured. Add it to the configuration again, or leave this be.",
            message.receiver
        )),
    }
}

fn body(console: &Console, message: &Message, alert: &Alert) -> AlertBody {
    AlertBody {
        kind: format!("alert.{}", message.tells),
        timestamp: when(message, alert).rfc3339(),
        data: AlertData {
            id: alert.id,
            key: alert.key.clone(),
            text: alert.text.clone(),
            environment: console.settings.environment.to_string(),
            url: place(console),
        },
    }
}

fn when(message: &Message, alert: &Alert) -> Timestamp {
    match message.tells {
        AlertState::Firing => alert.began,
        AlertState::Resolved => alert.ended.unwrap_or(alert.began),
    }
}

/// Where to look; without a configured address only the path is known.
fn place(console: &Console) -> String {
    const PAGE: &str = "/performance/incidents";
    let base = console.settings.alerts.console_url.as_ref();
    base.map_or_else(|| PAGE.to_owned(), |base| format!("{}{PAGE}", base.as_str().trim_end_matches('/')))
}

async fn write(
    console: &Console,
    mail: &MailSettings,
    message: &Message,
    alert: &Alert,
) -> Result<(), String> {
    let letter = letter(console, mail, message, alert)?;
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(mail.server.expose_secret())
        .map_err(|error| {
            format!("The mail server's address cannot be used: {error}. Correct alerts.mail.server.")
        })?
        .timeout(Some(std::time::Duration::from_secs(15)))
        .build();
    match server.send(letter).await {
        Ok(_) => Ok(()),
        // The server's own words may hold the address of a person, which the page may show: it is ours.
        Err(error) => Err(format!("The mail server did not take the message: {error}.")),
    }
}

fn letter(console: &Console, mail: &MailSettings, message: &Message, alert: &Alert) -> Result<Mail, String> {
    let environment = console.settings.environment.label();
    let word = match message.tells {
        AlertState::Firing => "Alert",
        AlertState::Resolved => "Over",
    };
    let first = alert.text.split(['.', ':']).next().unwrap_or_default();
    let mut letter = Mail::builder()
        .from(mail.from.clone())
        .subject(format!("[{environment}] {word}: {first}"))
        .message_id(Some(format!("<{}@ciam-console>", message.id)))
        .header(ContentType::TEXT_PLAIN);
    if message.tells == AlertState::Resolved {
        letter = letter.in_reply_to(thread(alert.id));
    }
    letter = letter.references(thread(alert.id));
    for to in &mail.to {
        letter = letter.to(to.clone());
    }
    let ended = alert.ended.filter(|_| message.tells == AlertState::Resolved);
    let ended = ended.map(|at| format!("Over since {}.\n", at.rfc3339())).unwrap_or_default();
    let text =
        format!("{}\n\nSince {}.\n{ended}\nLook: {}\n", alert.text, alert.began.rfc3339(), place(console));
    letter.body(text).map_err(|error| format!("The message cannot be written: {error}."))
}

/// What ties the messages of one alert together in a mail program.
fn thread(alert: AlertId) -> String {
    format!("<{alert}@ciam-console>")
}
