// The server dies in the middle of a run; nothing is lost, and the open page finds its way back.

import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { countLoads, islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";

/** A console that only this test uses. */
const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const server = await ConsoleProcess.start({ name: "power-cut", env: ic.settings });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test("a run goes on after the server was killed, and the page shows it without a reload", async ({
  page,
  signIn,
  newBiller,
  sandbox,
  server,
  consoleErrors,
}) => {
  consoleErrors.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/);
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await its.open("/enable");
  const before = await sandbox.objects();
  await sandbox.break({ operation: "admin.createClient", kind: "latency", millis: 20_000 });
  await its.confirm("Enable", "Before the power cut");
  await islandsReady(page);
  const loads = countLoads(page);
  await expect(its.step("Enable", "Application")).toHaveAttribute("aria-current", "step");

  await server.kill();
  await server.startAgain();

  await its.expectStatus("Enabled");
  await expect(its.run("Enable")).toContainText("Before the power cut");
  await expect(its.objects.getByRole("listitem")).toHaveCount(5);
  expect(loads.number, "page loads").toBe(0);
  const after = await sandbox.objects();
  for (const kind of ["organizations", "pools", "bindings", "applications"]) {
    expect(after[kind], kind).toBe((before[kind] ?? 0) + 1);
  }
});
