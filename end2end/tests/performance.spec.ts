// The vendor's performance, as the vendor review and ops see it.

import { createHash } from "node:crypto";
import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { Sandbox } from "../support/sandbox.ts";

test("what the console calls is shown, by operation and over time", async ({ page, signIn, enabledBiller }) => {
  await enabledBiller();
  await signIn("Vendor review");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Performance" }).click();
  const operations = page.getByRole("region", { name: "Table of operations" });
  await expect(operations.getByRole("link", { name: "Create organization" })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("img", { name: "Latency over time" })).toBeVisible();

  await test.step("one operation alone, and the address keeps it", async () => {
    await operations.getByRole("link", { name: "Create pool" }).click();
    await expect(page).toHaveURL(/operation=create_pool/);
    await expect(operations.getByRole("row")).toHaveCount(2);
    await page.getByRole("navigation", { name: "Range" }).getByRole("link", { name: "Hour", exact: true }).click();
    await expect(page).toHaveURL(/range=1h.*operation=create_pool/);
    await expect(operations.getByRole("row")).toHaveCount(2);
  });

  await test.step("the charts stand in a table, too, and what is not known is called so", async () => {
    await page.getByText("The same as a table").click();
    const table = page.getByRole("region", { name: "Table of the charts" });
    await expect(table.getByRole("row")).toHaveCount(61);
    await expect(table.getByRole("cell", { name: "unknown" })).not.toHaveCount(0);
  });

  await test.step("a range in which nothing was called is unknown, not available", async () => {
    await page.goto("/performance?from=2026-01-01T00:00&to=2026-01-02T00:00");
    await expect(page.getByText("Nothing was called in this range")).toBeVisible();
    await expect(page.getByText("100 %")).toHaveCount(0);
  });
});

test("an outage shows, with what SecureAuth's support asks for", async ({ page, signIn, newBiller, sandbox }) => {
  const { bid } = await newBiller();
  await signIn("Ops");
  await sandbox.break({ operation: "admin.createOrganization", kind: "error", status: 503 });
  await page.goto(`/billers/${bid}/enable`);
  await page.getByRole("button", { name: "Enable", exact: true }).click();
  await page.goto("/performance?range=1h&operation=create_organization");
  const failed = page.getByRole("region", { name: "Failed last" });
  await expect(failed.getByText("Vendor failed").first()).toBeVisible({ timeout: 20_000 });
  await expect(failed.getByText("HTTP 503").first()).toBeVisible();
  await expect(failed.getByText("Trace id").first()).toBeVisible();
  await islandsReady(page);
  await expectGoodInEveryLook(page, "performance");
});

test("the probes go on by themselves, and what the licence says is read", async ({ page }) => {
  const env = { CIAM_PROBES__EVERY_MINUTES: "1", CIAM_PROBES__LICENCE_EVERY_MINUTES: "60" };
  const server = await ConsoleProcess.start({ name: "performance", env });
  try {
    await page.goto(`${server.urls.console}/sign-in`);
    await page.getByRole("button", { name: "Ops", exact: true }).click();
    await page.goto(`${server.urls.console}/performance?source=probe&range=1h`);
    await expect(page.getByText(/^Last probe/)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/In 30 days the probes use [\d\s]+ tokens of the licence/)).toBeVisible();
    const operations = page.getByRole("region", { name: "Table of operations" });
    for (const name of ["Discover", "Probe keys", "Fetch token", "Get environment", "List pools"]) {
      await expect(operations.getByRole("link", { name, exact: true })).toBeVisible();
    }
    await expect(page.getByText("No call failed in this range")).toBeVisible();
    await page.getByRole("link", { name: "Licence" }).click();
    const tokens = page.getByRole("region", { name: "Tokens this month" });
    await expect(tokens.getByText(/^100\s000$/)).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("region", { name: "Terms" }).getByText("To be renewed by")).toBeVisible();
    await islandsReady(page);
    await expectGoodInEveryLook(page, "licence");
  } finally {
    await server.stop();
  }
});

test("dragging over a chart looks closer, and so do the links", async ({ page, signIn, enabledBiller }) => {
  await enabledBiller();
  await signIn("Ops");
  const chart = page.getByRole("img", { name: "Latency over time" });
  await expect(async () => {
    await page.goto("/performance?range=1h&source=work");
    await expect(chart).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await islandsReady(page);
  const [first, last] = [chart.locator(".chart-hit").nth(10), chart.locator(".chart-hit").nth(19)];
  await first.hover();
  await page.mouse.down();
  await last.hover();
  await expect(chart.locator(".chart-chosen")).toHaveCount(10);
  await page.mouse.up();
  await expect(page).toHaveURL(/from=.*&to=/);
  await expect(page).toHaveURL(/source=work/);
  const shown = new URL(page.url()).searchParams;
  const minutes = (Date.parse(`${shown.get("to")}Z`) - Date.parse(`${shown.get("from")}Z`)) / 60_000;
  expect(minutes).toBe(10);

  await test.step("Escape lets go of it", async () => {
    await page.goto("/performance?range=24h");
    await islandsReady(page);
    await chart.locator(".chart-hit").nth(3).hover();
    await page.mouse.down();
    await chart.locator(".chart-hit").nth(8).hover();
    await page.keyboard.press("Escape");
    await expect(chart.locator(".chart-chosen")).toHaveCount(0);
    await page.mouse.up();
    await expect(page).toHaveURL(/range=24h$/);
  });

  await test.step("the keyboard has links for it", async () => {
    const moves = page.getByRole("navigation", { name: "Move the range" });
    await moves.getByRole("link", { name: "Zoom in" }).press("Enter");
    await expect(page).toHaveURL(/from=.*&to=/);
    const closer = new URL(page.url()).searchParams;
    const length = Date.parse(`${closer.get("to")}Z`) - Date.parse(`${closer.get("from")}Z`);
    expect(length).toBeLessThanOrEqual(12.5 * 3_600_000);
    await moves.getByRole("link", { name: "Earlier" }).press("Enter");
    await expect(page).not.toHaveURL(new RegExp(`from=${encodeURIComponent(closer.get("from") ?? "")}`));
  });
});

test("a range is compared with an earlier one", async ({ page, signIn, enabledBiller }) => {
  await enabledBiller();
  await signIn("Vendor review");
  await expect(async () => {
    await page.goto("/performance?range=1h");
    await expect(page.getByRole("img", { name: "Latency over time" })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await page.getByLabel("Compare with").selectOption("week");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/with=week/);
  await expect(page.getByText("half, compared")).toBeVisible();
  await expect(page.getByText(/^A week earlier:/)).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "95 within, compared" })).toBeVisible();
  await islandsReady(page);
  await expectGoodInEveryLook(page, "performance-compared");
});

test("an outage becomes an incident, and its end closes it", async ({ page }) => {
  test.setTimeout(300_000);
  const env = { CIAM_INCIDENTS__OPEN_AFTER_MINUTES: "1", CIAM_INCIDENTS__CLOSE_AFTER_MINUTES: "1" };
  const server = await ConsoleProcess.start({ name: "incident", env });
  const sandbox = new Sandbox(server.urls.sandbox);
  const probe = async () => {
    await page.goto(`${server.urls.console}/performance`);
    await page.getByRole("button", { name: "Probe now" }).click();
    await expect(page.getByText("A round of probes has begun")).toBeVisible();
  };
  try {
    await page.goto(`${server.urls.console}/sign-in`);
    await page.getByRole("button", { name: "Vendor review", exact: true }).click();
    await sandbox.break({ operation: "identity.listWorkspacePools", kind: "error", status: 503 });
    await probe();
    await page.goto(`${server.urls.console}/performance/incidents`);
    const incidents = page.getByRole("region", { name: "Incidents", exact: true });
    await incidents.getByRole("link", { name: /Pools and users/ }).click({ timeout: 30_000 });

    await test.step("what the vendor's support asks for is there, and what people add is kept", async () => {
      await expect(page.getByText("goes on", { exact: true })).toBeVisible();
      await expect(page.getByRole("region", { name: /Failed calls/ }).getByText("Trace id").first()).toBeVisible();
      await page.getByLabel("SecureAuth's ticket").fill("SA-4711");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.getByLabel("SecureAuth's ticket")).toHaveValue("SA-4711");
      const course = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
      await expect(course.first()).toContainText("It began.");
      await expect(course.filter({ hasText: "Opened by the rule" })).toHaveCount(1);
      await islandsReady(page);
      await expectGoodInEveryLook(page, "incident-open");
    });

    const incident = page.url();
    await sandbox.heal();
    await expect(async () => {
      await probe();
      await page.goto(incident);
      await expect(page.getByText(/^Closed by the rule/)).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 100_000, intervals: [5_000] });
    await page.goto(`${server.urls.console}/performance/incidents`);
    await expect(page.getByRole("region", { name: "Alerts" }).getByText(/over/).first()).toBeVisible();
    const timeline = page.getByRole("region", { name: "Timeline" });
    await expect(timeline.getByRole("img", { name: /Incidents and maintenance over time/ })).toBeVisible();
    await expect(timeline.locator("title", { hasText: /^Pools and users: at least half of the calls fail: / })).toHaveCount(1);
    await timeline.getByRole("link", { name: "7 days" }).click();
    await expect(timeline.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
    await islandsReady(page);
    await expectGoodInEveryLook(page, "incidents");

    await test.step("the promise that was broken shows its budget", async () => {
      await page.goto(`${server.urls.console}/performance/objectives`);
      await page.getByLabel("Name", { exact: true }).fill("Pools and users answer");
      await page.getByLabel("Operations").selectOption("Pools and users");
      await page.getByLabel("Target in percent").fill("99.9");
      await page.getByLabel("Clause of the contract").fill("Exhibit C, 2.1");
      await page.getByRole("button", { name: "Set the objective" }).click();
      const promise = page.getByRole("region", { name: "Pools and users answer" });
      await expect(promise.getByText(/error budget is spent/)).toBeVisible();
      await expect(promise.getByText("Exhibit C, 2.1")).toBeVisible();
      await islandsReady(page);
      await expectGoodInEveryLook(page, "objectives");
    });

    await test.step("the report of the month names both, and its digest is that of the file", async () => {
      const month = new Date().toISOString().slice(0, 7);
      // The last minute is reported once it is over and written down.
      await expect(async () => {
        await page.goto(`${server.urls.console}/performance/report?month=${month}`);
        const incidents = page.getByRole("region", { name: "Incidents" });
        await expect(incidents.getByText("SA-4711")).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: 120_000, intervals: [5_000] });
      await expect(page.getByRole("main").getByText("Exhibit C, 2.1").first()).toBeVisible();
      await islandsReady(page);
      await expectGoodInEveryLook(page, "report-with-incident");
      await page.goto(`${server.urls.console}/performance/report?month=2026-01`);
      const file = await page.request.get(`${server.urls.console}/performance/report.json?month=2026-01`);
      const digest = createHash("sha256").update(await file.body()).digest("hex");
      await expect(page.getByText(digest)).toBeVisible();
    });

    await test.step("on paper there is nothing but the report", async () => {
      await page.emulateMedia({ media: "print" });
      await expect(page.getByRole("navigation")).toHaveCount(0);
      await expect(page.getByRole("button", { name: "Take report" })).toBeHidden();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.pdf({ path: "../target/screenshots/report.pdf" });
    });
  } finally {
    await server.stop();
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("charts, filters and table are all there", async ({ page, signIn, enabledBiller }) => {
    await enabledBiller();
    await signIn("Product team");
    await expect(async () => {
      await page.goto("/performance?range=1h");
      await expect(page.getByRole("img", { name: "Latency over time" })).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await page.getByLabel("Calls", { exact: true }).selectOption("work");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/source=work/);
    await expect(page.getByRole("img", { name: "How latencies spread over time" })).toBeVisible();
  });
});
