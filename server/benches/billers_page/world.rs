//! One number of billers: a database with so many, the console and the peer serving it.

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::{
    Outcome, database,
    http::{self, Connection, Encoding},
    load::Target,
    made_up,
    process::{self, Process, address},
    same_page,
};

/// A page of the list that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The list as it opens.
    First,
    /// Pages all over the list.
    Deep,
    /// Only some statuses.
    Status,
    /// A word that many billers begin with or have.
    CommonWord,
    /// A word that many billers have, all of them at the end of the list.
    LateWord,
    /// A word that one biller has.
    RareWord,
}

impl Kind {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 6] =
        [Self::First, Self::Deep, Self::Status, Self::CommonWord, Self::LateWord, Self::RareWord];

    /// What people read.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::First => "first page",
            Self::Deep => "deep pages (32 places)",
            Self::Status => "filtered by status",
            Self::CommonWord => "search: frequent beginnings",
            Self::LateWord => "search: frequent, all late in the alphabet",
            Self::RareWord => "search: a word of one biller",
        }
    }
}

/// So many billers, served twice.
pub(crate) struct World {
    /// How many.
    pub(crate) billers: usize,
    /// How long the import took.
    pub(crate) import: Duration,
    /// Bytes of the page.
    pub(crate) bytes: usize,
    /// Bytes of the page under brotli.
    pub(crate) compressed: usize,
    console: Site,
    peer: Site,
    cookie: String,
    deep: Vec<String>,
    // Removed last: fields are dropped in their order, and the servers end first.
    _data: TempDir,
}

struct Site {
    process: Process,
    address: SocketAddr,
}

impl World {
    /// Makes, imports and serves so many billers.
    pub(crate) async fn prepare(billers: usize) -> Outcome<Self> {
        if billers < 200 {
            return Err("fewer than 200 billers do not fill every page that is measured".into());
        }
        let data = tempfile::tempdir()?;
        let import = import(data.path(), billers)?;
        let file = data.path().join("console.db");
        database::spread_statuses(&file).await?;
        let deep = database::deep_places(&file, billers)
            .await?
            .iter()
            .map(|at| query("at", &at.to_string()))
            .collect();
        let console = console(data.path())?;
        let cookie = sign_in(console.address).await?;
        let page = text(console.address, &cookie).await?;
        std::fs::write(data.path().join("page.html"), &page)?;
        let peer = peer(data.path())?;
        same_page::check(&page, &text(peer.address, &cookie).await?)?;
        let (_, compressed) = read(console.address, &cookie, Encoding::Brotli).await?;
        Ok(Self {
            billers,
            import,
            bytes: page.len(),
            compressed: compressed.len(),
            console,
            peer,
            cookie,
            deep,
            _data: data,
        })
    }

    /// The console's page.
    pub(crate) fn console(&self, kind: Kind, encoding: Encoding) -> Target {
        self.target(&self.console, &self.paths(kind), encoding)
    }

    /// The hand-written first page.
    pub(crate) fn peer(&self, encoding: Encoding) -> Target {
        self.target(&self.peer, &self.paths(Kind::First), encoding)
    }

    fn target(&self, site: &Site, paths: &[String], encoding: Encoding) -> Target {
        let requests: Arc<[Vec<u8>]> =
            paths.iter().map(|path| http::get(site.address, path, &self.cookie, encoding)).collect();
        Target { address: site.address, process: site.process.id(), requests }
    }

    fn paths(&self, kind: Kind) -> Vec<String> {
        let search = |word: &str| query("q", word);
        match kind {
            Kind::First => vec!["/billers".to_owned()],
            Kind::Deep => self.deep.clone(),
            Kind::Status => ["enabled", "suspended"].map(|status| query("status", status)).to_vec(),
            Kind::CommonWord => ["wat", "muni", "elec"].map(search).to_vec(),
            Kind::LateWord => ["town", "vill"].map(search).to_vec(),
            Kind::RareWord => (0..32).map(|part| search(&made_up::place(self.billers * part / 32))).collect(),
        }
    }
}

fn query(name: &str, value: &str) -> String {
    format!("/billers?{}", Serializer::new(String::new()).append_pair(name, value).finish())
}

fn import(data: &Path, billers: usize) -> Outcome<Duration> {
    let file = data.join("billers.csv");
    std::fs::write(&file, made_up::csv(billers))?;
    let begun = Instant::now();
    let output = process::console(data).args(["import", "billers"]).arg(&file).output()?;
    let took = begun.elapsed();
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !told.contains(&format!("{billers} new, 0 changed")) {
        return Err(format!("the import failed: {told}{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(took)
}

fn console(data: &Path) -> Outcome<Site> {
    let ready = data.join("console.json");
    let mut command = process::console(data);
    command
        .args(["serve", "--sandbox", "--console-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0"])
        .args(["--ops-addr", "127.0.0.1:0", "--sandbox-addr", "127.0.0.1:0", "--ready-file"])
        .arg(&ready);
    let (process, addresses) = Process::start(command, &ready)?;
    Ok(Site { process, address: address(&addresses["console"])? })
}

fn peer(data: &Path) -> Outcome<Site> {
    let ready = data.join("peer.json");
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["peer", "--database"])
        .arg(data.join("console.db"))
        .arg("--page")
        .arg(data.join("page.html"))
        .arg("--ready-file")
        .arg(&ready);
    let (process, addresses) = Process::start(command, &ready)?;
    Ok(Site { process, address: address(&addresses["peer"])? })
}

/// Opens a session; the answer is its cookie.
async fn sign_in(address: SocketAddr) -> Outcome<String> {
    let form = "role=ops&next=/billers";
    let request = format!(
        "POST /do/sign_in HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(request.as_bytes()).await?;
    let cookie = connection.header(&answer, "set-cookie").and_then(|cookie| cookie.split(';').next());
    cookie
        .map(str::to_owned)
        .ok_or_else(|| format!("no session after signing in (status {})", answer.status).into())
}

async fn read(address: SocketAddr, cookie: &str, encoding: Encoding) -> Outcome<(u16, Vec<u8>)> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(&http::get(address, "/billers", cookie, encoding)).await?;
    Ok((answer.status, connection.body(&answer)))
}

async fn text(address: SocketAddr, cookie: &str) -> Outcome<String> {
    let (status, body) = read(address, cookie, Encoding::Plain).await?;
    let text = String::from_utf8(body)?;
    if status == 200 { Ok(text) } else { Err(format!("the page was answered with {status}: {text}").into()) }
}
