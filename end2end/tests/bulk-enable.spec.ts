// Waves: many billers, some at a time, one line each, and a brake.

import { type Locator, type Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import type { Announcement } from "../support/ic.ts";
import { countLoads, islandsReady } from "../support/live.ts";
import { BillersPage } from "../support/pages/billers.ts";

test("enables the selected billers and shows each as it gets done", async ({
  page,
  signIn,
  newBiller,
  enabledBiller,
}) => {
  const ready = [await newBiller(), await newBiller(), await newBiller()];
  const already = await enabledBiller();
  const list = new BillersPage(page);
  await signIn("Product team");

  await test.step("select", async () => {
    await list.open("?q=heron%20falls&sort=changed&dir=desc");
    await islandsReady(page);
    for (const { name } of [...ready, already]) await list.tick(name);
    await expect(page.getByText("4 billers selected")).toBeVisible();
    await page.getByRole("button", { name: "Enable selected…" }).click();
  });

  await test.step("the preview tells who is left out and why", async () => {
    const readyNames = page.getByRole("region", { name: "Will be enabled: 3" }).getByRole("link");
    await expect(readyNames).toHaveCount(3);
    const leftOut = page.getByRole("region", { name: "Left out: 1" });
    await expect(leftOut.getByRole("link")).toHaveText(already.name);
    await expect(leftOut).toContainText("possible only when the biller is not enabled; it is enabled");
  });

  await test.step("rules out of range are refused at their field", async () => {
    const parallel = page.getByLabel("Runs at a time");
    await parallel.fill("9");
    await page.getByRole("button", { name: "Enable 3 billers" }).click();
    expect(await parallel.evaluate((field: HTMLInputElement) => field.validity.rangeOverflow)).toBe(true);
    await expect(page).toHaveURL(/\/waves\/new/);
    await parallel.fill("2");
  });

  await test.step("live to the end", async () => {
    await page.getByLabel("Reason").fill("First wave");
    await page.getByRole("button", { name: "Enable 3 billers" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Wave of 3 billers");
    await islandsReady(page);
    const loads = countLoads(page);
    for (const { name } of ready) await expect(line(page, name)).toContainText("Succeeded", { timeout: 20_000 });
    await expect(page.getByRole("region", { name: "Progress" })).toContainText("3 of 3 done");
    await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 10_000 });
    await expect(page.getByRole("region", { name: "How" })).toContainText("First wave");
    expect(loads.number, "page loads").toBe(0);
  });

  await test.step("the list of waves knows it", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Waves" }).click();
    const first = page.getByRole("table", { name: "Waves, newest first" }).getByRole("row").nth(1);
    await expect(first).toContainText("3 billers");
    await expect(first).toContainText("3 of 3");
  });
});

test("stops by itself when everything fails, and leaves the rest alone", async ({
  page,
  signIn,
  newBiller,
  sandbox,
}) => {
  const billers: Announcement[] = [];
  for (let number = 0; number < 5; number++) billers.push(await newBiller());
  await signIn("Ops");
  await sandbox.break({ operation: "admin.createOrganization", kind: "error", status: 403 });
  await page.goto(`/waves/new?${billers.map(({ bid }) => `sel=${bid}`).join("&")}`);
  await page.getByLabel("Runs at a time").fill("1");
  await page.getByRole("button", { name: "Enable 5 billers" }).click();

  await expect(page.getByText("The wave stopped itself because too much failed.")).toBeVisible({ timeout: 25_000 });
  const progress = page.getByRole("region", { name: "Progress" });
  await expect(progress.getByRole("definition")).toHaveText(["2", "0", "0", "3", "0"]);
  const failed = page.getByRole("row").filter({ hasText: "Failed" }).first();
  await expect(failed).toContainText("Organization:");
});

test("everything that matches a filter can be meant", async ({ page, signIn, newBiller, nextNumber }) => {
  const word = `Mallow${nextNumber()}`;
  for (const part of ["East", "West"]) await newBiller({ bid: `${word}-${part}`, name: `${word} ${part} Gas` });
  const list = new BillersPage(page);
  await signIn("Product team");
  await list.open(`?q=${word}`);
  await page.getByRole("link", { name: "Enable everything that matches the filter…" }).click();
  const ready = page.getByRole("region", { name: "Will be enabled: 2" });
  await expect(ready.getByRole("link")).toHaveText([`${word} East Gas`, `${word} West Gas`]);
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(list.search).toHaveValue(word);
});

test("a page of the list can be selected at once", async ({ page, signIn }) => {
  const list = new BillersPage(page);
  await signIn("Product team");
  await list.open("?q=city");
  await islandsReady(page);
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await expect(page.getByText("3 billers selected")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select City of Copperdale" }).uncheck();
  await expect(page.getByText("2 billers selected")).toBeVisible();
});

function line(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}
