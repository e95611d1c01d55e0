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

test("the switch of the issuer is asked for by one and approved by another", async ({ page, signIn, enabledBiller }) => {
  test.slow();
  const biller = await enabledBiller();
  const other = await enabledBiller();
  const its = new BillerPage(page, biller);
  const host = `login-${biller.bid}.localhost`;
  const askForHost = async (of: string) => {
    await page.goto(`/billers/${of}/settings`);
    await page.getByLabel("Vanity domain", { exact: true }).fill(host);
    await page.getByRole("button", { name: "Preview the difference…" }).click();
  };
  const approve = async (what: RegExp) => {
    await signIn("Platform owner");
    await page.goto(`${its.path}/settings`);
    await page.getByRole("region", { name: "Waits for a second person" }).getByRole("link", { name: what }).click();
    await page.getByRole("button", { name: "Approve and make" }).click();
    await expect(page.getByRole("main")).toContainText("It is approved");
  };

  await test.step("the host name, asked for and approved", async () => {
    await signIn("Product team");
    await askForHost(biller.bid);
    await page.getByLabel("Reason").fill("The biller asked for it");
    await page.getByRole("button", { name: "Ask a second person" }).click();
    await expect(page.getByRole("heading", { name: "Change of settings" })).toBeVisible();
    await approve(/Vanity domain/);
    await its.open();
    await expect(its.run("Apply settings")).toContainText("6 of 6 steps");
  });

  await test.step("another biller cannot have it, and learns whose it is", async () => {
    await signIn("Product team");
    await askForHost(other.bid);
    await expect(page.getByLabel("Vanity domain", { exact: true })).toHaveAccessibleDescription(
      new RegExp(`${host} belongs to ${biller.name} \\(${biller.bid}\\)`),
    );
    await expect(page.getByLabel("Vanity domain", { exact: true })).toHaveValue(host);
    await expectGoodInEveryLook(page, "vanity-taken");
  });

  await test.step("the switch waits", async () => {
    await page.goto(`${its.path}/settings`);
    await page.getByRole("button", { name: "Preview the switch to the vanity domain…" }).click();
    await expect(page.getByRole("main")).toContainText("waits until somebody else approves it");
    await page.getByLabel("Reason").fill("IC trusts it");
    await page.getByRole("button", { name: "Ask a second person" }).click();
    await expect(page.getByRole("main")).toContainText("You asked for this change yourself");
    await expect(page.getByRole("button", { name: "Approve and make" })).toHaveCount(0);
    await page.goto(`${its.path}/settings`);
    await expect(page.getByRole("region", { name: "Issuer and vanity domain" })).not.toContainText(`http://${host}:`);
  });

  await test.step("approved by another person, a run makes it", async () => {
    await signIn("Platform owner");
    await page.goto("/");
    await page.getByRole("link", { name: /Issuer of sign-ins/ }).click();
    await expect(page.getByRole("row", { name: /Issuer of sign-ins/ })).toContainText(`http://${host}:`);
    await expectGoodInEveryLook(page, "issuer-request");
    await page.getByRole("button", { name: "Approve and make" }).click();
    await expect(page.getByRole("main")).toContainText("It is approved");
    await its.open();
    await expect(its.run("Switch issuer")).toContainText("2 of 2 steps");
    await page.goto(await its.shownLoginUrl());
    expect(new URL(page.url()).hostname).toBe(host);
  });
});
