// A biller's settings: changed with a preview, written, read back; wrong values; conflicts; drift and what is decided.

import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";

const colour = "organization.color";

test("a change is previewed, written once an object, and read back", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  await signIn("Product team");
  await page.goto(`${its.path}/settings?section=passwords`);
  await page.getByLabel("Shortest password").fill("12");
  await page.getByLabel("Digits", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Preview the difference…" }).click();

  await expect(page.getByRole("heading", { name: "Preview of a change" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("One run writes 1 object at SecureAuth");
  await expect(page.getByRole("row", { name: /Shortest password/ })).toContainText("12");
  await page.getByLabel("Reason").fill("Security asked for it");
  await page.getByRole("button", { name: "Make this change" }).click();

  await expect(its.run("Apply settings")).toContainText("6 of 6 steps");
  await page.goto(`${its.path}/settings?section=passwords`);
  const row = page.locator(`[id="setting-pool.password.min_length"]`);
  await expect(row).toContainText("Set for this biller");
  await expect(row).toContainText("In sync");
  await expect(row).toContainText("Security asked for it");
});

test("a wrong value is told at its field, in the browser and by the server, and what was typed is kept", async ({
  page,
  signIn,
  newBiller,
}) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Platform owner");
  await page.goto(`${its.path}/settings`);
  await islandsReady(page);
  const field = page.getByLabel("Colour", { exact: true });
  const error = page.locator(`[id="${colour}-error"]`);
  await field.fill("blue");
  await field.blur();
  await expect(error).toContainText("Give a colour as # and six digits");
  await page.getByRole("button", { name: "Preview the difference…" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was done yet");
  await expect(error).toContainText("Give a colour as # and six digits");
  await expect(field).toHaveValue("blue");
});

test("what somebody else set meanwhile is told, and what was typed is kept", async ({
  page,
  context,
  signIn,
  newBiller,
}) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Product team");
  await page.goto(`${its.path}/settings`);
  const other = await context.newPage();
  await other.goto(`${its.path}/settings`);
  await other.getByLabel("Colour", { exact: true }).fill("#222222");
  await other.getByRole("button", { name: "Preview the difference…" }).click();
  await other.getByRole("button", { name: "Make this change" }).click();
  await expect(other.getByText("The values are set.")).toBeVisible();

  await page.getByLabel("Colour", { exact: true }).fill("#333333");
  await page.getByRole("button", { name: "Preview the difference…" }).click();
  await expect(page.locator(`[id="${colour}-error"]`)).toContainText("it is now set to #222222");
  await expect(page.getByLabel("Colour", { exact: true })).toHaveValue("#333333");
  await page.getByRole("button", { name: "Preview the difference…" }).click();
  await expect(page.getByRole("row", { name: /Colour/ })).toContainText("#222222");
  await expect(page.getByRole("row", { name: /Colour/ })).toContainText("#333333");
});

test("people without the right see the values and why they cannot change them", async ({ page, signIn, newBiller }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Support");
  await page.goto(`${its.path}/settings?section=second_factor`);
  await expect(page.getByRole("main")).toContainText("MFA stays off");
  await page.goto(`${its.path}/settings`);
  await expect(page.getByRole("button", { name: "Preview the difference…" })).toBeDisabled();
  await expect(page.getByRole("main")).toContainText("Your role may not change settings");
});

test("drift is found, adopted, restored and ignored", async ({ page, signIn, enabledBiller, sandbox }) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  const organization = `ic-${biller.bid}`;
  await sandbox.drift("organization", organization, { color: "#FF0000" });
  await signIn("Product team");
  await page.goto(`${its.path}/settings`);
  await page.getByRole("button", { name: "Read anew" }).click();
  const row = (key: string) => page.locator(`[id="setting-${key}"]`);
  await expect(row(colour)).toContainText("SecureAuth shows #FF0000");

  await test.step("adopt theirs", async () => {
    await row(colour).getByRole("button", { name: "Adopt theirs" }).click();
    await expect(page.getByRole("main")).toContainText("Nothing is written to SecureAuth now.");
    await page.getByRole("button", { name: "Make this change" }).click();
    await expect(row(colour)).toContainText("In sync");
  });

  await test.step("restore ours", async () => {
    await sandbox.drift("organization", organization, { color: "#0000FF" });
    await page.getByRole("button", { name: "Read anew" }).click();
    await expect(row(colour)).toContainText("SecureAuth shows #0000FF");
    await row(colour).getByRole("button", { name: "Restore ours" }).click();
    await expect(its.run("Apply settings")).toContainText("6 of 6 steps");
    await page.goto(`${its.path}/settings`);
    await expect(row(colour)).toContainText("In sync");
  });

  await test.step("all drift, and ignore it", async () => {
    await sandbox.drift("organization", organization, { color: "#00FF00" });
    await page.goto("/drift");
    await page.getByRole("button", { name: "Scan all billers" }).click();
    const line = page.getByRole("row", { name: new RegExp(biller.bid) });
    await expect(line).toContainText("#00FF00");
    await line.getByRole("link").click();
    await row(colour).getByLabel("until").fill("2099-01-01");
    await row(colour).getByRole("button", { name: "Ignore" }).click();
    await expect(page.getByRole("alert")).toContainText("a year at most");
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await row(colour).getByLabel("until").fill(soon);
    await row(colour).getByRole("button", { name: "Ignore" }).click();
    await expect(row(colour)).toContainText("Ignored until");
    await page.goto("/drift");
    await expect(page.getByRole("row", { name: new RegExp(biller.bid) })).toHaveCount(0);
  });
});
