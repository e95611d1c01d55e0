// What somebody finds who tries the console with nothing but its sandbox: IC is played, too.

import { expectAccessible, expectNoSidewaysScrolling } from "../support/accessibility.ts";
import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { makeUser } from "../support/sandbox.ts";

/** A console that nobody told of a receiver of events. */
const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const { CIAM_RECEIVERS: _, ...env } = ic.settings;
      const server = await ConsoleProcess.start({ name: "newcomer", env });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test("IC hears of an enablement, and a sign-in ends in its portal", async ({ page, signIn, enabledBiller, server }) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  const sandbox = server.urls.sandbox;
  await signIn("Ops");

  await test.step("the event is delivered and believed", async () => {
    await page.goto(`/deliveries?bid=${biller.bid}`);
    const row = page.getByRole("row").filter({ hasText: "IC (sandbox)" });
    await expect(row).toContainText("Delivered");
    await page.goto(`${sandbox}/ic/events`);
    const event = page.locator("section").filter({ hasText: biller.bid });
    await expect(event).toContainText("biller.enabled");
    await expect(event).toContainText("signature fits: taken");
  });

  await test.step("a person signs in and the portal knows who it is", async () => {
    await makeUser(sandbox, `ic-${biller.bid}-pool`);
    await its.open();
    await page.goto(await its.shownLoginUrl());
    await page.getByLabel("Username").fill("ann");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed in");
    await expect(page.getByRole("main")).toContainText("Ann Example");
    await expect(page.getByRole("main")).toContainText("proved itself by private_key_jwt");
    await expectAccessible(page);
  });

  await test.step("a page that is loaded again finds the state used up", async () => {
    await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not signed in");
    await expect(page.getByRole("alert")).toContainText("The console answers 404");
  });

  for (const address of [`${sandbox}/ic/events`, `${sandbox}/portal/${biller.bid}`, sandbox]) {
    await page.goto(address);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoSidewaysScrolling(page);
  }
});

test("with a client secret, the person brings it from the console to the portal", async ({ page, ic }) => {
  const env = { ...ic.settings, CIAM_OBJECTS__CLIENT_AUTH: '{method="client_secret"}' };
  const server = await ConsoleProcess.start({ name: "newcomer-secret", env });
  try {
    const biller = { bid: "with-secret", name: "Secret Falls Water", tier: "enabled at once" };
    await ic.announce(server.urls.console, biller);
    await expect(async () => expect(await ic.canSignIn(server.urls.console, biller.bid)).toBe(true)).toPass();
    await makeUser(server.urls.sandbox, `ic-${biller.bid}-pool`);
    const signInAs = async () => {
      await page.goto(`${server.urls.public}/b/secret-falls-water`);
      await page.getByLabel("Username").fill("ann");
      await page.getByLabel("Password").fill("correct horse battery");
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await signInAs();
    await expect(page.getByRole("alert")).toContainText("The portal has no client secret of this biller");

    await page.goto(`${server.urls.console}/sign-in`);
    await page.getByRole("button", { name: "Account manager", exact: true }).click();
    await page.goto(`${server.urls.console}/billers/${biller.bid}/secret`);
    await page.getByLabel("Type the biller's name to confirm").fill(biller.name);
    await page.getByRole("button", { name: "Make and show the secret" }).click();
    const secret = await page.getByRole("region").locator("dl > div").nth(1).getByRole("code").innerText();
    await page.goto(`${server.urls.sandbox}/portal/${biller.bid}`);
    await page.getByLabel("Client secret").fill(secret);
    await page.getByRole("button", { name: "Give it to the portal" }).click();
    await signInAs();
    await expect(page.getByRole("main")).toContainText("proved itself by client_secret_basic");
  } finally {
    await server.stop();
  }
});
