// Who has signed in since the move: read in the background, and shown to whoever decides when the old page can go.

import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { MigrationPage, usersFile } from "../support/pages/migration.ts";

/** A console that reads who signs in. */
const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const env = { ...ic.settings, CIAM_PROBES__SIGN_IN_EVENTS_EVERY_MINUTES: "1" };
      const server = await ConsoleProcess.start({ name: "adoption", env });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test("whoever signed in since the move is told apart from those who never did", async ({
  page,
  signIn,
  enabledBiller,
  consoleErrors,
}) => {
  test.setTimeout(180_000);
  consoleErrors.expect(/401/);
  const biller = await enabledBiller();
  const move = new MigrationPage(page, biller);
  await signIn("Ops");
  await move.upload(usersFile(4));
  await move.ask("Start");
  await move.expectState("Finished");

  await test.step("of four one signs in, and another one fails to", async () => {
    const its = new BillerPage(page, biller);
    await its.open();
    const url = await its.shownLoginUrl();
    for (const [name, password] of [["user2", "wrong"], ["user1", "U*U"]] as const) {
      await page.goto(url);
      await page.getByLabel("Username").fill(name);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
    }
  });

  const adoption = page.getByRole("region", { name: "Adoption", exact: true });
  await test.step("the page of the move says so by itself", async () => {
    await move.open();
    const fact = (label: string) => adoption.locator(".fact").filter({ hasText: label });
    await expect(fact("Signed in since")).toContainText("1 (25.0 %)", { timeout: 90_000 });
    await expect(fact("Never")).toContainText("3 (75.0 %)");
    await expect(fact("Forecast")).toContainText("Not known yet");
    await expect(adoption.getByRole("img", { name: /who has signed in since/ })).toBeVisible();
    await adoption.getByText("In numbers").click();
    await expect(adoption.getByRole("row").nth(1)).toContainText("3");
    await expectGoodInEveryLook(page, "adoption-biller");
  });

  await test.step("and so does the list of all moves", async () => {
    await page.goto("/migrations");
    await islandsReady(page);
    await expect(adoption).toContainText("Signed in since");
    await expectGoodInEveryLook(page, "adoption-all");
  });
});
