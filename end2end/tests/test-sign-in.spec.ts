// A test sign-in from the console: each hop, each claim, and nothing of it at IC.

import { expect, test } from "../support/fixtures.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { islandsReady } from "../support/live.ts";
import { UseCasesPage } from "../support/pages/use-cases.ts";
import { makeUser } from "../support/sandbox.ts";

test("somebody tests a biller's sign-in and sees each hop and claim", async ({
  page,
  signIn,
  enabledBiller,
  server,
  sandbox,
  ic,
}) => {
  test.slow();
  const biller = await enabledBiller();
  await makeUser(server.urls.sandbox, `ic-${biller.bid}-pool`);
  const before = await sandbox.objects();
  const heard = ic.eventsAbout(biller.bid).length;
  const cases = new UseCasesPage(page, biller);
  await signIn("Product team");
  await cases.open();
  await page.getByRole("link", { name: "Test sign-in…" }).click();
  await expectGoodInEveryLook(page, "test-sign-in-none");
  await page.setViewportSize({ width: 1280, height: 800 });
  const hops = page.getByRole("region", { name: "Hops", exact: true });

  await test.step("the console goes the way first", async () => {
    await page.getByRole("button", { name: "Begin", exact: true }).click();
    await expect(page.getByText("Everything is ready: sign in with an account of the biller.")).toBeVisible();
    for (const [what, status] of [["Login URL", "303"], ["Authorize page", "302"], ["Sign-in page", "200"]] as const) {
      await expect(hops.getByRole("row").filter({ hasText: what })).toContainText(status);
    }
    await expect(hops).toContainText("state=…");
  });

  await test.step("somebody signs in in their own tab, and the page hears of it", async () => {
    await islandsReady(page);
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Sign in in a new tab" }).click(),
    ]);
    await tab.getByLabel("Username").fill("ann");
    await tab.getByLabel("Password").fill("correct horse battery");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await expect(tab.getByRole("heading", { level: 1 })).toHaveText("The test is over");
    await tab.close();
    await page.bringToFront();
    const token = page.getByRole("region", { name: "ID token" });
    await expect(token).toContainText("The signature is by a key that the issuer publishes.");
    await expect(token).toContainText("Ann Example");
    await expect(token).toContainText(`ic-${biller.bid}`);
    await expectGoodInEveryLook(page, "test-sign-in");
  });

  await test.step("nothing of it is left, and IC heard nothing", async () => {
    await expect(async () => {
      const { codes: _, ...now } = await sandbox.objects();
      const { codes: __, ...then } = before;
      expect(now).toEqual({ ...now, ...then });
    }).toPass({ timeout: 10_000 });
    expect(ic.eventsAbout(biller.bid).length).toBe(heard);
  });

  await test.step("others see the hops, not the claims", async () => {
    await signIn("Ops");
    await page.goto(`/billers/${biller.bid}/test-sign-in`);
    await expect(page.getByRole("region", { name: "ID token" })).toContainText("they are shown to Priya Nair");
    await expect(page.getByRole("main")).not.toContainText("Ann Example");
  });
});
