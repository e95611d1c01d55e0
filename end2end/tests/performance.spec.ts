// The vendor's performance, as the vendor review and ops see it.

import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";

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

test("the probes go on by themselves", async ({ page }) => {
  const server = await ConsoleProcess.start({ name: "performance", env: { CIAM_PROBES__EVERY_MINUTES: "1" } });
  try {
    await page.goto(`${server.urls.console}/sign-in`);
    await page.getByRole("button", { name: "Ops", exact: true }).click();
    await page.goto(`${server.urls.console}/performance?source=probe&range=1h`);
    await expect(page.getByText(/^Last probe/)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText("tokens of the licence in 30 days")).toBeVisible();
    const operations = page.getByRole("region", { name: "Table of operations" });
    for (const name of ["Discover", "Probe keys", "Fetch token", "Get environment", "List pools"]) {
      await expect(operations.getByRole("link", { name, exact: true })).toBeVisible();
    }
    await expect(page.getByText("No call failed in this range")).toBeVisible();
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
