// A change on which much depends: asked for by one person, decided by another.

import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";

/** A console that is as careful as one of production. */
const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const env = { ...ic.settings, CIAM_APPROVALS__SECOND_PERSON: "true" };
      const server = await ConsoleProcess.start({ name: "approval", env });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test("a change of high risk waits, is seen where people look, and is made by a second person", async ({
  page,
  signIn,
  enabledBiller,
}) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  const ask = async (choice: string, reason: string) => {
    await signIn("Product team");
    await page.goto(`${its.path}/settings?section=sign_in`);
    await page.getByLabel("Self-registration").selectOption(choice);
    await page.getByRole("button", { name: "Preview the difference…" }).click();
    await expect(page.getByRole("main")).toContainText("waits until somebody else approves it");
    await page.getByLabel("Reason").fill(reason);
    await page.getByRole("button", { name: "Ask a second person" }).click();
    await expect(page.getByRole("heading", { name: "Change of settings" })).toBeVisible();
  };

  await ask("true", "People may register themselves");
  await expect(page.getByRole("main")).toContainText("You asked for this change yourself");
  await expect(page.getByRole("button", { name: "Approve and make" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();
  await page.goto(`${its.path}/settings?section=sign_in`);
  await expect(page.locator(`[id="setting-pool.self_registration"]`)).toContainText("Off");

  await signIn("Platform owner");
  await page.goto("/");
  await page.getByRole("link", { name: /Self-registration/ }).click();
  await expectGoodInEveryLook(page, "change-request");
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(page.getByRole("main")).toContainText("Say why");
  await page.getByRole("button", { name: "Approve and make" }).click();
  await expect(page.getByRole("main")).toContainText("It is approved");
  await page.goto(`${its.path}/settings?section=sign_in`);
  await expect(page.locator(`[id="setting-pool.self_registration"]`)).toContainText("In sync");

  await ask("false", "Nobody may any more");
  await signIn("Platform owner");
  await page.goto("/settings");
  await page.getByRole("link", { name: /Self-registration/ }).click();
  await page.getByLabel("Your words").fill("Not before the summer");
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(page.getByRole("main")).toContainText("Not before the summer");
  await page.goto("/settings");
  await expect(page.getByRole("link", { name: /Self-registration/ })).toHaveCount(0);
});
