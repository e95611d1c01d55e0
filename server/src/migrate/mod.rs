//! `ciam-console migrate …`: moves a biller's users from the command line, through the same use cases as the page.

pub(crate) mod args;
mod said;
mod upload;

use std::{io::Write as _, path::Path, time::Duration};

use domain::{
    Bid,
    actor::Actor,
    migration::{MigrationAct, MigrationState},
};
use services::{
    Console,
    migration::{self, MigrationView},
};

use self::args::{FileArgs, MigrateCommand};
use crate::{compose, config::Config, error::StartError, terminal};

/// How often a move is looked at while it is watched.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Does what the command line asks of a move.
///
/// # Errors
/// [`StartError`] with the cure; also when the move stopped and waits for a person.
pub(crate) async fn obey(
    config: &Config,
    data_dir: &Path,
    command: MigrateCommand,
) -> Result<(), StartError> {
    let console = compose::without_vendor(config, data_dir).await?;
    match command {
        MigrateCommand::Upload(args) => upload::upload(&console, &args).await,
        MigrateCommand::Show(of) => {
            said::whole(&newest(&console, &of.bid).await?);
            Ok(())
        }
        MigrateCommand::Watch(of) => watch(&console, &of.bid).await,
        MigrateCommand::Start(args) => {
            ask(&console, &args.of.bid, MigrationAct::Start, args.reason, "").await
        }
        MigrateCommand::Pause(of) => ask(&console, &of.bid, MigrationAct::Pause, None, "").await,
        MigrateCommand::Resume(of) => ask(&console, &of.bid, MigrationAct::Resume, None, "").await,
        MigrateCommand::Cancel(of) => ask(&console, &of.bid, MigrationAct::Cancel, None, "").await,
        MigrateCommand::Retry(of) => ask(&console, &of.bid, MigrationAct::Retry, None, "").await,
        MigrateCommand::Undo(args) => ask(&console, &args.of.bid, MigrationAct::Undo, None, &args.name).await,
        MigrateCommand::LockMissing(args) => {
            let act = MigrationAct::LockMissing;
            ask(&console, &args.of.bid, act, None, &args.name).await?;
            said::missing(&newest(&console, &args.of.bid).await?);
            Ok(())
        }
        MigrateCommand::Failed(args) => failed(&console, &args).await,
        MigrateCommand::Correct(args) => correct(&console, &args).await,
    }
}

/// The newest move of a biller.
async fn newest(console: &Console, bid: &Bid) -> Result<MigrationView, StartError> {
    let (newest, _) = migration::of_biller(console, &Actor::Operator, bid).await?;
    newest.ok_or_else(|| {
        StartError::UsersMove(format!("No users of {bid} were moved yet: upload a file of them first."))
    })
}

async fn ask(
    console: &Console,
    bid: &Bid,
    act: MigrationAct,
    reason: Option<String>,
    name: &str,
) -> Result<(), StartError> {
    let view = newest(console, bid).await?;
    migration::ask(console, &Actor::Operator, view.it.id, act, reason, name).await?;
    terminal::line(&said::standing(&newest(console, bid).await?));
    Ok(())
}

/// Follows a move until nobody but a person can carry it on.
async fn watch(console: &Console, bid: &Bid) -> Result<(), StartError> {
    let (mut last, mut told) = (String::new(), false);
    loop {
        let view = newest(console, bid).await?;
        let said = said::standing(&view);
        if said != last {
            terminal::line(&said);
            last = said;
        }
        if view.stalled && !told {
            told = true;
            terminal::note("It does not get on: is a server or a worker running on this database?");
        }
        if !view.it.state.works() && view.it.state != MigrationState::Staging {
            said::whole(&view);
            return ended(&view);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn ended(view: &MigrationView) -> Result<(), StartError> {
    let stopped = matches!(view.it.state, MigrationState::Held | MigrationState::Unreadable);
    match view.it.stop.as_ref().filter(|_| stopped) {
        Some(stop) => Err(StartError::UsersMove(stop.to_string())),
        None => Ok(()),
    }
}

async fn failed(console: &Console, args: &FileArgs) -> Result<(), StartError> {
    let view = newest(console, &args.of.bid).await?;
    let rows = migration::failed_rows(console, &Actor::Operator, view.it.id).await?;
    let wrong = |error| StartError::File { file: args.file.display().to_string(), error };
    if is_standard(&args.file) {
        std::io::stdout().write_all(&rows).map_err(wrong)
    } else {
        tokio::fs::write(&args.file, rows).await.map_err(wrong)
    }
}

async fn correct(console: &Console, args: &FileArgs) -> Result<(), StartError> {
    let view = newest(console, &args.of.bid).await?;
    let (source, _) = open(&args.file).await?;
    let rows = migration::feed_back(console, &Actor::Operator, view.it.id, source).await?;
    terminal::line(&format!("{rows} corrected rows are checked anew."));
    Ok(())
}

/// Whether a name stands for standard input or output.
fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// A file with its length, or standard input.
async fn open(file: &Path) -> Result<(tokio::fs::File, Option<u64>), StartError> {
    let wrong = |error| StartError::File { file: file.display().to_string(), error };
    let place = if is_standard(file) { Path::new("/dev/stdin") } else { file };
    let opened = tokio::fs::File::open(place).await.map_err(wrong)?;
    let length = opened.metadata().await.map_err(wrong)?.len();
    Ok((opened, Some(length).filter(|length| *length > 0)))
}
