// Starts and stops a console with its own data folder on free loopback ports.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = path.resolve(import.meta.dirname, "../..");
const BINARY = process.env.E2E_BINARY ?? path.join(ROOT, "target/debug/ciam-console");
const LOGS = path.join(ROOT, "target/console-logs");
const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 10_000;

/** The listeners that tests use, as the program writes them into its ready file. */
export interface ConsoleUrls {
  readonly console: string;
  readonly public: string;
  readonly sandbox: string;
}

export interface StartOptions {
  /** Names the log file under target/console-logs. */
  readonly name: string;
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A console with a data folder of its own, which runs until `stop`. */
export class ConsoleProcess {
  private constructor(
    readonly urls: ConsoleUrls,
    readonly logFile: string,
    private readonly dataDir: string,
    private readonly options: StartOptions,
    private child: ChildProcess,
  ) {}

  /** Starts a console and waits until its listeners answer. */
  static async start(options: StartOptions): Promise<ConsoleProcess> {
    const dataDir = await mkdtemp(path.join(tmpdir(), "ciam-console-"));
    mkdirSync(LOGS, { recursive: true });
    const logFile = path.join(LOGS, `${options.name}.log`);
    const child = launch(dataDir, logFile, options);
    try {
      const urls = await readyUrls(child, dataDir, logFile);
      return new ConsoleProcess(urls, logFile, dataDir, options, child);
    } catch (error) {
      await end(child, "SIGKILL");
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends the program as a power cut would. */
  async kill(): Promise<void> {
    await end(this.child, "SIGKILL");
    await rm(readyFile(this.dataDir));
  }

  /** Starts it again after `kill`, with the same data at the same addresses. */
  async startAgain(): Promise<void> {
    this.child = launch(this.dataDir, this.logFile, this.options, this.urls);
    await readyUrls(this.child, this.dataDir, this.logFile);
  }

  /** Asks the program to end, as an operator would, and insists after ten seconds. */
  async stop(): Promise<void> {
    await end(this.child, "SIGTERM");
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Into this file the program writes its addresses once it is ready. */
function readyFile(dataDir: string): string {
  return path.join(dataDir, "ready.json");
}

function launch(dataDir: string, logFile: string, options: StartOptions, where?: ConsoleUrls): ChildProcess {
  const log = openSync(logFile, "a");
  const listener = (url?: string) => (url === undefined ? "127.0.0.1:0" : new URL(url).host);
  const child = spawn(
    BINARY,
    [
      ...["serve", "--sandbox", "--samples", "--data-dir", dataDir, "--ready-file", readyFile(dataDir)],
      ...["--console-addr", listener(where?.console), "--public-addr", listener(where?.public)],
      ...["--sandbox-addr", listener(where?.sandbox), "--ops-addr", "127.0.0.1:0"],
    ],
    {
      cwd: ROOT,
      stdio: ["ignore", log, log],
      env: {
        ...withoutSettings(process.env),
        CIAM_PROBES__EVERY_MINUTES: "0", // faults are for what the test itself asks of the vendor
        CIAM_PROBES__LICENCE_EVERY_MINUTES: "0",
        CIAM_PROBES__SIGN_INS_EVERY_HOURS: "0",
        CIAM_PROBES__SIGN_IN_EVENTS_EVERY_MINUTES: "0",
        LEPTOS_OUTPUT_NAME: "ciam-console",
        LEPTOS_SITE_ROOT: process.env.E2E_SITE ?? path.join(ROOT, "target/site"),
        LEPTOS_SITE_PKG_DIR: "pkg",
        ...options.env,
      },
    },
  );
  closeSync(log);
  // Should the test runner itself be stopped, its consoles go with it.
  const follow = () => child.kill("SIGKILL");
  process.once("exit", follow);
  child.once("exit", () => process.removeListener("exit", follow));
  return child;
}

/** Settings of whoever runs the tests are not for the consoles under test. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("CIAM_")));
}

async function readyUrls(child: ChildProcess, dataDir: string, logFile: string): Promise<ConsoleUrls> {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = new Error(`${BINARY} does not start (${error.message}). Build it first: cargo leptos build`);
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the console ended while starting:\n${logTail(logFile)}`);
    }
    const urls = await readReadyFile(dataDir);
    if (urls !== undefined) return urls;
    await sleep(20);
  }
  throw new Error(`the console was not ready within ${READY_WITHIN_MS / 1000} s:\n${logTail(logFile)}`);
}

/** The program may still be writing the file: anything unreadable means "not yet". */
async function readReadyFile(dataDir: string): Promise<ConsoleUrls | undefined> {
  try {
    return JSON.parse(await readFile(readyFile(dataDir), "utf8")) as ConsoleUrls;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const insist = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(insist);
}

/** The last lines of a console's log. */
export function logTail(logFile: string, lines = 40): string {
  return readFileSync(logFile, "utf8").split("\n").slice(-lines).join("\n");
}
