// Who may do what: the pages explain it, and the server insists on it.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BillersPage } from "../support/pages/billers.ts";

test("support sees a biller but is told why it cannot enable it", async ({ page, signIn, newBiller }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Support");
  await its.open();
  const enable = its.action("Enable…");
  await expect(enable).toHaveAttribute("aria-disabled", "true");
  await expect(enable).toHaveAccessibleDescription(/^Your role may not enable billers\. These roles may: account manager/);
  await enable.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(its.path);

  await its.open("/enable");
  const confirm = page.getByRole("button", { name: "Enable", exact: true });
  await expect(confirm).toBeDisabled();
  await expect(confirm).toHaveAccessibleDescription(/Your role may not enable billers/);
});

test("a form sent past its disabled button is refused", async ({ page, signIn, newBiller }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Support");
  await its.open("/enable");
  await page.getByRole("button", { name: "Enable", exact: true }).evaluate((button: HTMLButtonElement) => {
    button.form?.submit();
  });
  await expect(page.getByRole("alert")).toContainText("Your role may not enable billers");
  await its.open();
  await its.expectStatus("Not enabled");
});

test("support cannot select billers for a wave, nor import", async ({ page, signIn }) => {
  const list = new BillersPage(page);
  await signIn("Support");
  await list.open("?q=city");
  await expect(list.names.first()).toBeVisible();
  await expect(list.results.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Import" })).toHaveAttribute("aria-disabled", "true");
});

for (const { role, menu, pages } of [
  {
    role: "Vendor review",
    menu: ["Overview", "Billers", "Use cases", "Waves", "Migrations", "Performance", "Settings"],
    pages: ["/activity", "/deliveries", "/import", "/billers/100104/activity"],
  },
  {
    role: "Account manager",
    menu: ["Overview", "Billers", "Use cases", "Waves", "Migrations", "Settings", "Activity"],
    pages: ["/deliveries", "/import"],
  },
  {
    role: "Auditor",
    menu: ["Overview", "Billers", "Use cases", "Waves", "Migrations", "Performance", "Settings", "Deliveries", "Activity"],
    pages: ["/import"],
  },
] as const) {
  test(`${role} is kept out of what is not theirs`, async ({ page, signIn, consoleErrors }) => {
    consoleErrors.expect(/403/);
    await signIn(role);
    for (const address of pages) {
      const answer = await page.goto(address);
      expect(answer?.status(), address).toBe(403);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not for your role");
      await expect(page.getByRole("main")).toContainText("These roles may:");
    }
    await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link")).toHaveText([...menu]);
  });
}

test("an account manager cannot take the activity log away", async ({ page, signIn }) => {
  await signIn("Account manager");
  await page.goto("/activity");
  await expect(page.getByRole("button", { name: "CSV" })).toHaveAccessibleDescription(/may not export the activity log/);
  await expect(page.getByRole("link", { name: "JSON lines" })).toHaveCount(0);
});

test("an auditor exports the activity of one biller; the log is a chain", async ({ page, signIn, newBiller }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await its.open("/enable");
  await its.confirm("Enable", "=Cmd to be disarmed");
  await its.expectStatus("Enabled");
  await signIn("Auditor");
  await page.goto("/activity");
  await page.getByLabel("bid").fill(its.biller.bid);
  await page.getByRole("button", { name: "Filter" }).click();
  const entries = page.getByRole("region", { name: "Entries" });
  await expect(entries).toContainText("Avery Cole");
  await expect(entries).toContainText("=Cmd to be disarmed");

  const csv = await exported(page, "CSV");
  const [header, ...rows] = csv.split("\r\n");
  expect(header).toContain("seq,at,actor_id,actor,role,action");
  expect(rows.some((row) => row.includes("'=Cmd to be disarmed")), "formula disarmed").toBe(true);

  const lines = (await exported(page, "JSON lines")).trim().split("\n");
  const log = lines.map((line) => JSON.parse(line) as { seq: number; hash: string; prev_hash: string });
  expect(log.length).toBeGreaterThan(3);
  const { hash: newest } = log[0]!;
  expect(newest).toMatch(/^[0-9a-f]{64}$/);

  await test.step("unfiltered, each entry carries the hash of the one before", async () => {
    await page.goto("/activity");
    const whole = (await exported(page, "JSON lines")).trim().split("\n");
    const chain = whole.map((line) => JSON.parse(line) as { hash: string; prev_hash: string });
    for (const [index, entry] of chain.slice(0, -1).entries()) {
      expect(entry.prev_hash, `entry ${index}`).toBe(chain[index + 1]?.hash);
    }
  });
});

async function exported(page: Page, button: string): Promise<string> {
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: button, exact: true }).click();
  const download = await started;
  return readFile(await download.path(), "utf8");
}
