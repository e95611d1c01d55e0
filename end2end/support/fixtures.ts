// What every test gets: a running console, billers of its own, a way to sign in, and the gate against console errors.

import { writeFile } from "node:fs/promises";
import { expect, test as base } from "@playwright/test";
import { ConsoleErrors } from "./console-errors.ts";
import { ConsoleProcess, logTail } from "./console-process.ts";
import { type Announcement, Ic, TIER_ENABLED_AT_ONCE } from "./ic.ts";
import { Sandbox } from "./sandbox.ts";

/** The roles as the sandbox's role chooser shows them. */
export const ROLES = [
  "Account manager",
  "Product team",
  "Ops",
  "Vendor review",
  "Platform owner",
  "Support",
  "Auditor",
] as const;
export type Role = (typeof ROLES)[number];

/** The portfolio of the persona who is limited to one. */
export const PORTFOLIO = "Coast";

/** The account manager who is limited to a portfolio, as the chooser shows them. */
export const LIMITED = `Account manager, portfolio ${PORTFOLIO} only`;

/** Makes a biller that no other test touches. */
type MakeBiller = (facts?: Partial<Announcement>) => Promise<Announcement>;

interface TestFixtures {
  consoleErrors: ConsoleErrors;
  /** Signs in through the sandbox's role chooser. */
  signIn: (role: Role | typeof LIMITED) => Promise<void>;
  /** Announces a new biller; nothing was made for it at SecureAuth yet. */
  newBiller: MakeBiller;
  /** Announces a new biller and waits until it is enabled. */
  enabledBiller: MakeBiller;
  /** The stand-in for SecureAuth; it works again after the test. */
  sandbox: Sandbox;
  serverLog: void;
}

interface WorkerFixtures {
  /** IC's systems, as this worker's console knows them. */
  ic: Ic;
  /** This worker's own console. */
  server: ConsoleProcess;
  /** Numbers that no other test of this worker gets. */
  nextNumber: () => number;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  ic: [
    async ({}, use) => {
      const ic = await Ic.start();
      await use(ic);
      await ic.stop();
    },
    { scope: "worker" },
  ],

  server: [
    async ({ ic }, use, worker) => {
      const server = await ConsoleProcess.start({ name: `worker-${worker.workerIndex}`, env: ic.settings });
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  nextNumber: [
    async ({}, use) => {
      let last = 0;
      await use(() => ++last);
    },
    { scope: "worker" },
  ],

  baseURL: async ({ server }, use) => use(server.urls.console),

  consoleErrors: [
    async ({ context }, use) => {
      const errors = new ConsoleErrors();
      errors.watch(context);
      await use(errors);
      errors.check();
    },
    { auto: true },
  ],

  signIn: async ({ page }, use) =>
    use(async (role) => {
      await page.goto("/sign-in");
      await page.getByRole("button", { name: role, exact: true }).click();
      await expect(page).not.toHaveURL(/\/sign-in/);
    }),

  newBiller: async ({ ic, server, nextNumber }, use) =>
    use(async (facts) => {
      const number = nextNumber();
      const biller = { bid: `made-${number}`, name: `Heron Falls ${number} Water`, ...facts };
      await ic.announce(server.urls.console, biller);
      return biller;
    }),

  enabledBiller: async ({ ic, server, newBiller }, use) =>
    use(async (facts) => {
      const biller = await newBiller({ ...facts, tier: TIER_ENABLED_AT_ONCE });
      await expect(async () => expect(await ic.canSignIn(server.urls.console, biller.bid)).toBe(true)).toPass({
        intervals: [50],
        timeout: 10_000,
      });
      return biller;
    }),

  sandbox: async ({ server }, use) => {
    const sandbox = new Sandbox(server.urls.sandbox);
    await use(sandbox);
    await sandbox.heal();
  },

  serverLog: [
    async ({ server }, use, info) => {
      await use();
      if (info.status !== info.expectedStatus) {
        // As a file: a list of results that is cut short then still shows what the test itself said.
        const tail = info.outputPath("console.log");
        await writeFile(tail, logTail(server.logFile));
        await info.attach("console.log", { path: tail, contentType: "text/plain" });
      }
    },
    { auto: true },
  ],
});

export { expect };
