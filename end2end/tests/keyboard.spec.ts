// Everything by keyboard alone, with the focus always to be seen.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BillersPage } from "../support/pages/billers.ts";

test("signs in, finds a biller and enables it with Tab and Enter", async ({ page, newBiller }) => {
  const biller = await newBiller();
  const its = new BillerPage(page, biller);
  const list = new BillersPage(page);

  await page.goto("/sign-in");
  await tabTo(page, page.getByRole("button", { name: "Account manager", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/");

  await tabTo(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/billers");
  await islandsReady(page);
  await tabTo(page, list.search);
  await page.keyboard.type(biller.bid);
  await list.expectNames(biller.name);
  await tabTo(page, list.results.getByRole("link", { name: biller.name }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(its.path);

  await tabTo(page, its.action("Enable…"));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${its.path}/enable`);
  await tabTo(page, page.getByLabel("Reason"));
  await page.keyboard.type("By keyboard");
  await tabTo(page, page.getByRole("button", { name: "Enable", exact: true }));
  await page.keyboard.press("Enter");
  await its.expectStatus("Enabled");
  await expect(its.run("Enable")).toContainText("By keyboard");
});

test("the first Tab offers to skip to the content", async ({ page, signIn }) => {
  await signIn("Support");
  await page.goto("/billers");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  const first = page.getByRole("main").getByRole("link").first();
  await expect(first).toBeFocused();
  await expect(first).toBeInViewport();
});

test("arrow keys lead through the matrix, Space ticks and Enter opens", async ({ page, signIn, newBiller }) => {
  const named = (n: number) => newBiller({ name: `Merganser Ford ${n} Water` });
  const billers = [await named(1), await named(2), await named(3)];
  await signIn("Product team");
  await page.goto("/use-cases?q=merganser%20ford");
  await islandsReady(page);
  const box = (n: number) => page.getByRole("checkbox", { name: `Select ${billers[n]!.name}` });
  const cell = (n: number, useCase: string) => page.getByRole("link", { name: new RegExp(`^${useCase} of ${billers[n]!.name}`) });

  // One stop of the Tab key, at the first cell.
  await tabTo(page, box(0));
  await page.keyboard.press("Tab");
  await expect(page.locator("table[data-matrix] tbody :focus")).toHaveCount(0);
  await page.keyboard.press("Shift+Tab");
  await expect(box(0)).toBeFocused();

  await page.keyboard.press("ArrowUp");
  await expect(box(0)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(box(1)).toBeChecked();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(cell(1, "User hosting")).toBeFocused();
  await expectFocusVisible(page);
  await page.keyboard.press("End");
  await expect(cell(1, "Hosted login")).toBeFocused();
  await page.keyboard.press("Control+End");
  await expect(cell(2, "Hosted login")).toBeFocused();
  await page.keyboard.press("Control+Home");
  await expect(box(0)).toBeFocused();
  await page.keyboard.press("PageDown");
  await expect(box(2)).toBeFocused();

  // The stop is where the focus was last.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: billers[2]!.name, exact: true })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/billers/${billers[2]!.bid}/use-cases#switch-user_hosting`);
});

test("the person's menu opens, and Escape closes it", async ({ page, signIn }) => {
  await signIn("Support");
  await islandsReady(page);
  const signOut = page.getByRole("button", { name: "Sign out" });
  await expect(signOut).toBeHidden();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link").last().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(signOut).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(signOut).toBeHidden();
});

test("a live change leaves the focus where it is", async ({ page, signIn, newBiller, sandbox }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await its.open("/enable");
  await sandbox.break({ operation: "admin.createClient", kind: "latency", millis: 1_500 });
  await its.confirm("Enable");
  await islandsReady(page);
  const tab = page.getByRole("navigation", { name: "Biller" }).getByRole("link", { name: "Activity" });
  await tab.focus();
  await its.expectStatus("Enabled");
  await expect(tab).toBeFocused();
});

/** Presses Tab until this has the focus; every stop on the way must be to be seen. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    await expectFocusVisible(page);
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`80 presses of Tab did not reach ${wanted.toString()}`);
}

async function expectFocusVisible(page: Page): Promise<void> {
  const { what, marked } = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return { what: "the browser itself", marked: true };
    // The ring may be drawn by what holds the element, or by a pseudo-element of it.
    const around = [element, element.parentElement, element.closest("label")].filter((it) => it !== null);
    const styles = around.flatMap((it) => [null, "::before", "::after"].map((part) => getComputedStyle(it, part)));
    const ring = (style: CSSStyleDeclaration) =>
      (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    return { what: element.outerHTML.slice(0, 160), marked: styles.some(ring) };
  });
  expect(marked, `a focus ring at ${what}`).toBe(true);
}
