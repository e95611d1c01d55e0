// The CRM of docs/embedding.md, exactly as it stands there: who copies it has something that works.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test } from "../support/fixtures.ts";

const EXAMPLE = path.resolve(import.meta.dirname, "../../docs/examples/crm-server.mjs");

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function startCrm(port: number, consoleUrl: string): Promise<ChildProcess> {
  const crm = spawn(process.execPath, [EXAMPLE], {
    env: { ...process.env, PORT: String(port), CONSOLE_URL: consoleUrl },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(crm.stdout!, "data");
  return crm;
}

test("the example of the documentation launches, remembers the page, and goes on", async ({ page }) => {
  const port = await freePort();
  const crm = `http://localhost:${port}`;
  const server = await ConsoleProcess.start({
    name: "embedding-example",
    env: {
      CIAM_LAUNCH__ISSUER: `${crm}/crm`,
      CIAM_LAUNCH__JWKS_URL: `${crm}/jwks.json`,
      CIAM_LAUNCH__ROLES: '{"Key account" = "account_manager"}',
      CIAM_EMBEDDING__CRM_ORIGINS: `["${crm}"]`,
    },
  });
  const example = await startCrm(port, server.urls.console);
  try {
    await page.goto(`${crm}/?bid=100104`);
    const frame = page.frameLocator("iframe[title='CIAM Console']");
    await expect(frame.getByRole("banner")).toContainText("Avery Cole");
    await expect(page).toHaveURL(/page=%2Fbillers%2F100104/);
    await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
    await expect(page).toHaveURL(/page=%2Fbillers$/);
    await page.reload();
    await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();

    await expect(frame.locator("html[data-hydrated]")).toBeAttached();
    const renewed = page.waitForResponse((it) => it.url() === `${server.urls.console}/launch` && it.status() === 204);
    await page.evaluate("launchAgain()");
    await renewed;
  } finally {
    example.kill();
    await server.stop();
  }
});
