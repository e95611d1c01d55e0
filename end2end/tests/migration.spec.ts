// A biller's users are moved: uploaded, checked, proven, moved, compared; a bad row is corrected and fed back.

import { readFile } from "node:fs/promises";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { BCRYPT, MigrationPage, usersFile } from "../support/pages/migration.ts";

const USERS = [
  "id,username,email,status,password",
  `1,ann,ann@x.example,active,${BCRYPT}`,
  "2,bob,bob@x.example,new,",
  `3,eve,no-address,active,${BCRYPT}`,
  "",
].join("\n");

test("a file of users is checked, moved and compared; a bad row is corrected and fed back", async ({
  page,
  signIn,
  enabledBiller,
}) => {
  test.setTimeout(120_000);
  const biller = await enabledBiller();
  await signIn("Ops");
  const path = `/billers/${biller.bid}/migration`;
  const move = new MigrationPage(page, biller);
  const standing = move.standing;

  await test.step("upload and check", async () => {
    await move.upload(USERS);
    await expect(page.locator("#causes")).toContainText("Unusable e-mail address");
    await expect(page.locator("#kinds")).toContainText("bcrypt");
    await expectGoodInEveryLook(page, "migration-checked");
  });

  await test.step("canary, run and comparison", async () => {
    await page.goto(path);
    await islandsReady(page);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(standing).toContainText("Finished", { timeout: 30_000 });
    await expect(page.locator("#kinds")).toContainText("Canary accepted");
    await expect(page.locator("#states")).toContainText("Verified");
  });

  await test.step("the bad row is corrected and fed back", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Failed rows as CSV" }).click(),
    ]);
    const failed = await readFile(await download.path(), "utf8");
    expect(failed).toContain("(kept)");
    expect(failed).not.toContain("$2b$");
    const buffer = Buffer.from(failed.replace("no-address", "eve@x.example"));
    await page.getByLabel("Corrected file").setInputFiles({ name: "corrected.csv", mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "Feed back" }).click();
    await expect(standing).toContainText("Ready to start");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(standing).toContainText("Finished", { timeout: 30_000 });
    await expect(standing).toContainText("3 of 3");
  });

  await test.step("the list of all moves", async () => {
    await page.goto("/migrations");
    await expect(page.getByRole("row", { name: biller.name })).toContainText("Finished");
    await expectGoodInEveryLook(page, "migrations-one");
  });
});

test("columns that nobody can guess are chosen by a person, and chosen anew; what is chosen is not taken away", async ({
  page,
  signIn,
  enabledBiller,
  ic,
  server,
}) => {
  const biller = await enabledBiller();
  const move = new MigrationPage(page, biller);
  const columns = page.locator("#columns");
  await signIn("Ops");
  await move.send(["a,b,c", "1,ann,ann@x.example", "2,bob,bob@x.example", ""].join("\n"));
  await move.expectState("Waits for columns");
  await columns.getByLabel("IC's user id").selectOption("a");
  await columns.getByLabel("Username").selectOption("b");
  await columns.getByLabel("E-mail", { exact: true }).selectOption("c");
  await columns.getByRole("button", { name: "Check with these columns" }).click();
  await move.expectState("Ready to start");
  // They are there without loading the page, and out of the way of what is decided now.
  await expect(columns).toContainText(/Username\s*b/);
  await expect(columns.getByLabel("Username")).toBeHidden();

  await columns.getByText("Other columns…").click();
  await columns.getByLabel("E-mail", { exact: true }).selectOption("");
  await columns.getByText("Other columns…").focus();
  // Something else happens to the biller meanwhile, and the page renews itself.
  const renewed = page.waitForResponse((response) => response.request().headers()["x-live"] === "1");
  await ic.announce(server.urls.console, { ...biller, customers: 4_711 });
  await (await renewed).finished();
  await page.waitForTimeout(500);
  await expect(columns.getByLabel("E-mail", { exact: true })).toHaveValue("");
  await columns.getByRole("button", { name: "Check with these columns" }).click();
  await move.expectState("Ready to start");
  await expect(columns).toContainText(/Username\s*b/);
  await expect(columns).not.toContainText(/E-mail\s*c/);
});

test("whoever may not move users sees where the move stands, and why they cannot", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  await signIn("Account manager");
  await page.goto(`/billers/${biller.bid}/migration`);
  await expect(page.getByRole("button", { name: "Upload and check" })).toBeDisabled();
  await expect(page.locator("#upload-file-reason")).toContainText("Your role may not move users");
});

/** So slow that a person can step in between two batches. */
const SLOW = { operation: "identitysystem.importTenantConfiguration", kind: "latency", millis: 1_500 } as const;

test("a move is paused, goes on where it stopped, and nobody is lost", async ({ page, signIn, enabledBiller, sandbox }) => {
  test.setTimeout(120_000);
  const users = 2_000;
  const biller = await enabledBiller();
  const move = new MigrationPage(page, biller);
  await signIn("Ops");
  await move.upload(usersFile(users));
  await sandbox.break(SLOW);
  await move.ask("Start");
  await move.expectState("Moving users");
  await expect.poll(() => move.rows("Moved"), { timeout: 30_000 }).toBeGreaterThan(0);
  await move.ask("Pause");
  await move.expectState("Paused");
  // What was on its way arrives; after that nothing more does.
  await page.waitForTimeout(4_000);
  await move.open();
  const arrived = await move.rows("Moved");
  expect(arrived).toBeGreaterThan(0);
  expect(arrived).toBeLessThan(users);
  await page.waitForTimeout(2_000);
  await move.open();
  expect(await move.rows("Moved")).toBe(arrived);
  await expectGoodInEveryLook(page, "migration-paused");

  await sandbox.heal();
  await move.open();
  await move.ask("Go on");
  await move.expectState("Finished");
  await expect(move.standing).toContainText(/2\s000 of 2\s000/);
  await move.open();
  expect(await move.rows("Verified")).toBe(users);
});

test("a move is cancelled: whoever was moved stays, and a later file knows them", async ({
  page,
  signIn,
  enabledBiller,
  sandbox,
}) => {
  test.setTimeout(120_000);
  const users = 3_000;
  const biller = await enabledBiller();
  const move = new MigrationPage(page, biller);
  await signIn("Ops");
  await move.upload(usersFile(users));
  await sandbox.break(SLOW);
  await move.ask("Start");
  await move.expectState("Moving users");
  await expect.poll(() => move.rows("Moved"), { timeout: 30_000 }).toBeGreaterThan(0);
  await move.ask("Cancel");
  await move.expectState("Cancelled");
  await sandbox.heal();
  await page.waitForTimeout(4_000);
  await move.open();
  const arrived = await move.rows("Moved");
  expect(arrived).toBeGreaterThan(0);
  expect(arrived).toBeLessThan(users);
  await expect(page.locator("#decision").getByRole("button", { name: "Go on" })).toHaveCount(0);

  await move.upload(usersFile(users));
  expect(await move.rows("Unchanged")).toBe(arrived);
  await move.ask("Start");
  await move.expectState("Finished");
  await expect(move.standing).toContainText(/3\s000 of 3\s000/, { timeout: 30_000 });
});

test("checked moves of several billers are started as a wave", async ({ page, signIn, enabledBiller }) => {
  test.setTimeout(120_000);
  const first = await enabledBiller();
  const billers = [first, await enabledBiller()];
  await signIn("Ops");
  for (const biller of billers) await new MigrationPage(page, biller).upload(usersFile(3));

  await test.step("those that are ready are ticked", async () => {
    await page.goto("/migrations");
    await islandsReady(page);
    await expectGoodInEveryLook(page, "migrations-ready");
    const form = page.getByRole("form", { name: "Start several moves" });
    for (const { name } of billers) await form.getByLabel(name).check();
    await form.getByRole("button", { name: "Start those ticked…" }).click();
  });

  await test.step("the preview names the files", async () => {
    const ready = page.getByRole("region", { name: "Will be moved: 2" });
    await expect(ready.getByText("users.csv: 3 users to move, 0 rows rejected")).toHaveCount(2);
    await expectGoodInEveryLook(page, "wave-of-moves-preview");
    await page.getByRole("button", { name: "Move the users of 2 billers" }).click();
  });

  await test.step("each line ends with what became of its users", async () => {
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Wave of 2 billers");
    await expect(page.getByText("3 users arrived, 0 did not.")).toHaveCount(2, { timeout: 60_000 });
    await page.getByRole("link", { name: first.name }).click();
    await expect(page).toHaveURL(/\/migration$/);
    await expect(page.locator("#move")).toContainText("3 of 3");
  });
});
