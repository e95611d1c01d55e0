//! A biller whose users are checked and wait to be moved, and the console that serves it.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    Outcome,
    process::{self, Process, address},
    truth,
    viewer::Site,
};

const BID: &str = "4711";

/// Longer than anything here takes, except for the check of very many users.
const PATIENCE: Duration = Duration::from_secs(120);

const BCRYPT: &str = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) database: PathBuf,
    // Ends before its data is removed: fields are dropped in their order.
    _process: Process,
    data: TempDir,
}

impl World {
    /// Serves a biller with so many users, checked.
    pub(crate) async fn prepare(users: usize) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let billers = data.path().join("billers.csv");
        let header = "bid,name,state,ownership,customers,tier,time_zone";
        std::fs::write(&billers, format!("{header}\n{BID},City of Millbrook,,,,,\n"))?;
        run(data.path(), &["import", "billers", &billers.to_string_lossy()])?;
        let (process, address) = serve(data.path())?;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let cookie = sign_in(&http, address).await?;
        let site = Site { address, process: process.id(), http, cookie, bid: BID };
        let database = data.path().join("console.db");
        let world = Self { site, database, _process: process, data };
        world.enable().await?;
        let file = world.data.path().join("users.csv");
        std::fs::write(&file, made_up(users)?)?;
        run(world.data.path(), &["migrate", "upload", BID, &file.to_string_lossy()])?;
        std::fs::remove_file(&file)?;
        Ok(world)
    }

    /// Starts the move.
    pub(crate) fn start(&self) -> Outcome<()> {
        run(self.data.path(), &["migrate", "start", BID])
    }

    /// Pauses the move, and waits until nothing goes on; a small one may be over already.
    pub(crate) async fn pause(&self) -> Outcome<()> {
        let paused = run(self.data.path(), &["migrate", "pause", BID]);
        self.until("SELECT COUNT(*) FROM user_migrations WHERE state IN ('paused', 'finished')")
            .await
            .or(paused)
    }

    async fn enable(&self) -> Outcome<()> {
        let origin = format!("http://{}", self.site.address);
        let request = self.site.http.post(format!("{origin}/do/enable")).header("origin", &origin);
        request.header("cookie", &self.site.cookie).form(&[("bid", BID)]).send().await?.error_for_status()?;
        self.until("SELECT COUNT(*) FROM billers WHERE status = 'enabled' AND open_run IS NULL").await
    }

    async fn until(&self, query: &'static str) -> Outcome<()> {
        let mut conn = truth::open(&self.database).await?;
        for _ in 0..PATIENCE.as_millis() / 50 {
            let found: i64 = sqlx::query_scalar(query).fetch_one(&mut conn).await?;
            if found > 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("waited in vain: {query}").into())
    }
}

fn run(data: &Path, args: &[&str]) -> Outcome<()> {
    let output = process::console(data).args(args).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{args:?} failed: {}", String::from_utf8_lossy(&said)).into())
}

fn serve(data: &Path) -> Outcome<(Process, SocketAddr)> {
    let ready = data.join("console.json");
    let mut command = process::console(data);
    command
        .args(["serve", "--sandbox", "--console-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0"])
        .args(["--ops-addr", "127.0.0.1:0", "--sandbox-addr", "127.0.0.1:0", "--ready-file"])
        .arg(&ready)
        // The vendor's limits are not what is measured.
        .env("CIAM_SECUREAUTH__LIMITS__REQUESTS_PER_SECOND", "100000")
        .env("CIAM_SECUREAUTH__LIMITS__BURST", "100000");
    let (process, addresses) = Process::start(command, &ready)?;
    Ok((process, address(&addresses["console"])?))
}

/// Opens a session; the answer is its cookie.
async fn sign_in(http: &reqwest::Client, address: SocketAddr) -> Outcome<String> {
    let origin = format!("http://{address}");
    let answer = http
        .post(format!("{origin}/do/sign_in"))
        .header("origin", &origin)
        .form(&[("role", "platform_owner"), ("next", "/billers")])
        .send()
        .await?;
    let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next());
    Ok(cookie.ok_or_else(|| format!("no session after signing in ({})", answer.status()))?.to_owned())
}

fn made_up(users: usize) -> Outcome<String> {
    let mut text = "id,username,email,status,given_name,family_name,password\n".to_owned();
    for n in 0..users {
        writeln!(text, "{n},user{n},user{n}@mail.example,active,Ann,Number {n},{BCRYPT}")?;
    }
    Ok(text)
}
