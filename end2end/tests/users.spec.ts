// A biller's users after the move: found, revealed, helped, changed, deleted and re-created; what IC tells is mirrored,
// waits out an outage, and a change that SecureAuth will not take is decided by a person.

import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { UseCasesPage } from "../support/pages/use-cases.ts";

const BCRYPT = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh";

const USERS = [
  "id,username,email,given_name,family_name,status,password",
  `1,ann,ann@x.example,Ann,O'Brien,active,${BCRYPT}`,
  `2,bob,bob@x.example,Bob,${LONG},new,`,
  "",
].join("\n");

/** Presses one of a user's buttons and waits for the notice. */
async function help(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
  await expect(page.getByText(`${name}: it is asked for`)).toBeVisible();
}

test("moved users are found, revealed, helped, changed, deleted and re-created; IC's changes are mirrored", async ({
  page,
  signIn,
  enabledBiller,
  ic,
  server,
  sandbox,
}) => {
  test.setTimeout(240_000);
  const biller = await enabledBiller();
  const cases = new UseCasesPage(page, biller);
  const path = `/billers/${biller.bid}/users`;
  const early = await ic.tellUser(server.urls.console, biller.bid, "3", { version: 1, username: "cid" });
  expect(early.status, "user hosting is not in effect").toBe(409);
  await signIn("Platform owner");

  await test.step("user hosting comes into effect, and the users are moved", async () => {
    await cases.open();
    await cases.move("User hosting", "On");
    await cases.expectState("User hosting", "In effect");
    await page.goto(`/billers/${biller.bid}/migration`);
    await islandsReady(page);
    const file = { name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(USERS) };
    await page.getByLabel("File of users").setInputFiles(file);
    await page.getByRole("button", { name: "Upload and check" }).click();
    await expect(page.locator("#move")).toContainText("Ready to start", { timeout: 20_000 });
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(page.locator("#move")).toContainText("Finished", { timeout: 30_000 });
  });

  await test.step("list and search, masked", async () => {
    await page.goto(path);
    await expect(page.getByRole("row")).toHaveCount(3);
    await expect(page.locator("#users")).not.toContainText("Brien");
    await expectGoodInEveryLook(page, "users");
    await page.getByLabel("Search").fill("o'br");
    await page.getByLabel("Search").press("Enter");
    await expect(page.getByRole("row")).toHaveCount(2);
    await page.getByRole("link", { name: "A••• O•••" }).click();
    await expect(page.locator("#both")).not.toContainText("ann@x.example");
    await expect(page.getByRole("button", { name: "Send activation", exact: true })).toBeDisabled();
    await expect(page.locator("#do-send-activation-reason")).toContainText("Only a new user");
    await expectGoodInEveryLook(page, "user-masked");
  });

  await test.step("reveal with a reason", async () => {
    await page.locator("#purpose").fill("the caller asks for a reset");
    await page.getByRole("button", { name: "Show for 15 minutes" }).click();
    await expect(page.locator("#both")).toContainText("ann@x.example");
    await page.getByRole("link", { name: "Ask SecureAuth" }).click();
    await expect(page.locator("#sign-ins")).toContainText("No sign-in is known");
  });

  await test.step("lock and unlock", async () => {
    await help(page, "Lock");
    await expect(page.locator("#both").getByRole("row", { name: /^Status/ })).toContainText("Locked");
    await expect(page.locator("#both")).toContainText("Differs");
    await expectGoodInEveryLook(page, "user-locked");
    await help(page, "Unlock");
    await expect(page.locator("#both")).not.toContainText("Differs");
  });

  await test.step("change the e-mail address, delete and re-create", async () => {
    await page.locator("#edit").click();
    await expectGoodInEveryLook(page, "user-edit");
    await page.getByLabel("E-mail", { exact: true }).fill("new@x.example");
    await page.getByRole("button", { name: "Change at SecureAuth" }).click();
    await expect(page.locator("#both").getByRole("row", { name: /^E-mail ann@/ })).toContainText("new@x.example");
    await page.locator("#why").fill("closed the account");
    await help(page, "Delete");
    await expect(page.locator("#both").getByRole("row", { name: /^Status/ })).toContainText("Deleted");
    await page.locator("#why").fill("came back");
    await help(page, "Re-create");
    await expect(page.locator("#both").getByRole("row", { name: /^Status/ })).not.toContainText("Deleted");
  });

  await test.step("what IC tells is mirrored, in its order", async () => {
    const said = { version: 1, username: "cid", email: "cid@x.example", family_name: "Cho" };
    const told = await ic.tellUser(server.urls.console, biller.bid, "3", said);
    expect([told.status, told.body.result]).toEqual([202, "accepted"]);
    expect((await ic.tellUser(server.urls.console, biller.bid, "3", said)).body.result).toBe("unchanged");
    await page.goto(`${path}?q=cho`);
    await expect(page.locator("#users").getByRole("row", { name: /C•••/ })).toContainText("Active", { timeout: 15_000 });
  });

  await test.step("an outage shows as lag and is made up for", async () => {
    await sandbox.break({ operation: "identity*", kind: "error", status: 503 });
    await ic.tellUser(server.urls.console, biller.bid, "3", { version: 2, username: "cidney", email: "cid@x.example" });
    await page.goto("/mirror");
    const row = page.locator("#lag").getByRole("row", { name: biller.bid });
    await expect(row).toContainText("SecureAuth", { timeout: 20_000 });
    await expectGoodInEveryLook(page, "mirror-lag");
    await sandbox.heal();
    await expect(page.locator("#lag")).not.toContainText(biller.bid, { timeout: 90_000 });
    await page.goto(`${path}?q=cidney`);
    await expect(page.getByRole("row")).toHaveCount(2);
  });

  await test.step("what SecureAuth will not take is parked and decided", async () => {
    await ic.tellUser(server.urls.console, biller.bid, "4", { version: 1, username: "CIDNEY", email: "d@x.example" });
    await page.goto("/mirror");
    await expect(page.locator("#parked")).toContainText("Identifier taken", { timeout: 20_000 });
    await expectGoodInEveryLook(page, "mirror-parked");
    await page.getByLabel("Reason, to discard").fill("a double");
    await page.getByRole("button", { name: "Discard" }).click();
    await expect(page.locator("#parked")).toContainText("Nobody waits for a decision");
  });
});

test("without JavaScript a user is made, and whoever may not change users is told so", async ({ browser, page, signIn, enabledBiller }) => {
  test.setTimeout(60_000);
  const biller = await enabledBiller();
  await signIn("Platform owner");
  const cases = new UseCasesPage(page, biller);
  await cases.open();
  await cases.move("User hosting", "On");
  await cases.expectState("User hosting", "In effect");
  const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(new URL(`/billers/${biller.bid}/users/new`, page.url()).href);
  await plain.getByLabel("Username").fill("zoe");
  await plain.getByRole("button", { name: "Make the user" }).click();
  await expect(plain.getByText("Give an e-mail address")).toBeVisible();
  await expect(plain.getByLabel("Username")).toHaveValue("zoe");
  await plain.getByLabel("E-mail", { exact: true }).fill("zoe@x.example");
  await plain.getByRole("button", { name: "Make the user" }).click();
  await expect(plain.locator("#both")).toContainText("New");
  await plain.getByRole("button", { name: "Send activation", exact: true }).click();
  await expect(plain.getByText("Send activation: it is asked for")).toBeVisible();
  await context.close();
  await signIn("Support");
  await page.goto(`/billers/${biller.bid}/users`);
  await expect(page.locator("#create")).toHaveAttribute("aria-disabled", "true");
  await expect(page.locator("#create-reason")).toContainText("Your role may not make, change and delete users");
});
