// Everything that matters works as plain links and forms.

import { expect, test } from "../support/fixtures.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BillersPage } from "../support/pages/billers.ts";

test.use({ javaScriptEnabled: false });

test("enables, suspends and resumes a biller", async ({ page, signIn, newBiller, request, server }) => {
  const biller = await newBiller();
  const list = new BillersPage(page);
  const its = new BillerPage(page, biller);
  await signIn("Account manager");

  await test.step("search by the form", async () => {
    await list.open();
    await list.search.fill(biller.name);
    await page.getByRole("button", { name: "Search" }).click();
    await list.expectNames(biller.name);
    await list.results.getByRole("link", { name: biller.name }).click();
  });

  await test.step("enable, and reload until it is enabled", async () => {
    await its.action("Enable…").click();
    await its.confirm("Enable", "No scripts here");
    await reloadUntil(its, "Enabled");
    await expect(its.run("Enable")).toContainText("No scripts here");
  });

  const loginUrl = await its.shownLoginUrl();

  await test.step("a wrong name is told at the field, and what was typed is kept", async () => {
    await its.action("Suspend…").click();
    const name = page.getByLabel("Type the biller's name to confirm");
    await name.fill("Some Other Water");
    await page.getByLabel("Reason").fill("Contract ends");
    await page.getByRole("button", { name: "Suspend", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("Nothing was done yet");
    await expect(name).toHaveAttribute("aria-invalid", "true");
    await expect(name).toHaveAccessibleDescription(new RegExp(`Type the biller's name exactly.*${biller.name}`));
    await expect(name).toHaveValue("Some Other Water");
    await expect(page.getByLabel("Reason")).toHaveValue("Contract ends");
  });

  await test.step("suspend with the right name", async () => {
    await its.confirm("Suspend", "Contract ends");
    await reloadUntil(its, "Suspended");
    await expect(its.loginUrl).toContainText("Leads to the legacy page");
    const answer = await request.get(loginUrl, { maxRedirects: 0 });
    expect(answer.headers()["location"]).toBe(`${server.urls.sandbox}/legacy/login`);
  });

  await test.step("resume", async () => {
    await its.action("Resume…").click();
    await its.confirm("Resume");
    await reloadUntil(its, "Enabled");
    expect(await its.shownLoginUrl()).toBe(loginUrl);
  });
});

test("sorts, filters and pages the list", async ({ page, signIn }) => {
  const list = new BillersPage(page);
  await signIn("Support");
  await list.open("?tier=gold");
  await list.results.getByRole("link", { name: "Customers" }).click();
  await list.results.getByRole("link", { name: "Metropolitan Utilities of Port Larkin" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Metropolitan Utilities of Port Larkin");
  await page.goBack();
  await list.toggleStatus("Suspended");
  await page.getByLabel("State").selectOption("TX");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(list.results).toContainText("No biller found");
  await page.getByRole("link", { name: "Clear filters" }).first().click();
  await expect(list.names.first()).toBeVisible();
});

test("keeps the selection over pages and previews a wave", async ({ page, signIn, newBiller }) => {
  const list = new BillersPage(page);
  const [one, two] = [await newBiller(), await newBiller()];
  await signIn("Ops");
  await list.open(`?q=${one.bid}`);
  await list.tick(one.name);
  await list.search.fill(two.bid);
  await page.getByRole("button", { name: "Search" }).click();
  await list.tick(two.name);
  await page.getByRole("button", { name: "Enable selected…" }).click();
  const ready = page.getByRole("region", { name: "Will be enabled: 2" });
  await expect(ready.getByRole("link")).toHaveText([one.name, two.name]);
});

test("imports a file", async ({ page, signIn, nextNumber }) => {
  const bid = `plain-${nextNumber()}`;
  await signIn("Ops");
  await page.goto("/import");
  const buffer = Buffer.from(`bid,name\n${bid},Plain Form Gas\n`);
  await page.getByLabel("CSV file").setInputFiles({ name: "plain.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Upload and check" }).click();
  await page.getByRole("button", { name: "Apply 1 row" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The billers are in." })).toBeVisible();
  await page.goto(`/billers/${bid}`);
  await expect(page.getByRole("heading", { level: 1, name: "Plain Form Gas" })).toBeVisible();
});

async function reloadUntil(its: BillerPage, status: string): Promise<void> {
  await expect(async () => {
    await its.page.reload();
    await expect(its.status.getByText(status, { exact: true })).toBeVisible({ timeout: 1 });
  }).toPass({ intervals: [300], timeout: 15_000 });
}
