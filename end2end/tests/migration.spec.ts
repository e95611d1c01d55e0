// A biller's users are moved: uploaded, checked, proven, moved, compared; a bad row is corrected and fed back.

import { readFile } from "node:fs/promises";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";

const BCRYPT = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

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
  const standing = page.locator("#move");

  await test.step("upload and check", async () => {
    await page.goto(path);
    await islandsReady(page);
    const file = { name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(USERS) };
    await page.getByLabel("File of users").setInputFiles(file);
    await page.getByRole("button", { name: "Upload and check" }).click();
    await expect(standing).toContainText("Ready to start");
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

test("whoever may not move users sees where the move stands, and why they cannot", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  await signIn("Account manager");
  await page.goto(`/billers/${biller.bid}/migration`);
  await expect(page.getByRole("button", { name: "Upload and check" })).toBeDisabled();
  await expect(page.locator("#upload-file-reason")).toContainText("Your role may not move users");
});
