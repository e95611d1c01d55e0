// Settings for many: a vanity domain and what follows it, copies to chosen billers, and a default that a wave writes.

import { expect, test } from "../support/fixtures.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";

const colour = "organization.color";
const row = (key: string) => `[id="setting-${key}"]`;

test("a vanity domain is asked for, put into effect and taken away", async ({ page, signIn, enabledBiller, ic }) => {
  test.slow();
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  const host = `login-${biller.bid}.localhost`;
  await signIn("Product team");
  await its.open();
  const loginUrl = await its.shownLoginUrl();
  const issuer = page.getByRole("region", { name: "Issuer and vanity domain" });

  await test.step("the preview says what it brings", async () => {
    await page.goto(`${its.path}/settings`);
    await page.getByLabel("Vanity domain", { exact: true }).fill(host);
    await page.getByRole("button", { name: "Preview the difference…" }).click();
    await expect(page.getByText("What this brings with it:")).toBeVisible();
    await expect(page.getByRole("main")).toContainText(`The switch brings another issuer, https://${host}`);
    await expectGoodInEveryLook(page, "vanity-preview");
    await page.getByLabel("Reason").fill("The biller asked for it");
    await page.getByRole("button", { name: "Make this change" }).click();
    await expect(its.run("Apply settings")).toContainText("6 of 6 steps");
  });

  await test.step("it is asked, and sign-ins still go to the organization's own issuer", async () => {
    await page.goto(`${its.path}/settings`);
    await page.getByRole("button", { name: "Ask the vanity domain" }).click();
    await expect(issuer).toContainText(`http://${host}:`);
    await page.goto(loginUrl);
    expect(new URL(page.url()).hostname).not.toBe(host);
  });

  await test.step("sign-ins are switched, and IC is told", async () => {
    await page.goto(`${its.path}/settings`);
    await expectGoodInEveryLook(page, "vanity-switch");
    await page.getByRole("button", { name: "Preview the switch to the vanity domain…" }).click();
    await expect(page.getByRole("row", { name: /Issuer of sign-ins/ })).toContainText(`http://${host}:`);
    await expectGoodInEveryLook(page, "vanity-switch-preview");
    await page.getByLabel("Reason").fill("IC trusts it");
    await page.getByRole("button", { name: "Make this change" }).click();
    await expect(its.run("Switch issuer")).toContainText("2 of 2 steps");
    await page.goto(loginUrl);
    expect(new URL(page.url()).hostname).toBe(host);
    await expect(page.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
    const told = () => ic.eventsAbout(biller.bid).filter((it) => it.body.includes("biller.issuer_changed"));
    await expect.poll(() => told().length).toBe(1);
    await page.goto("/drift");
    await expect(page.getByRole("region", { name: "Table of vanity domains" })).toContainText(host);
  });

  await test.step("taken away, sign-ins leave it first", async () => {
    await page.goto(`${its.path}/settings`);
    await page.getByLabel("Vanity domain", { exact: true }).fill("");
    await page.getByRole("button", { name: "Preview the difference…" }).click();
    await expect(page.getByRole("main")).toContainText("Before that host goes, they are switched back");
    await page.getByLabel("Reason").fill("Not any more");
    await page.getByRole("button", { name: "Make this change" }).click();
    await expect(its.run("Apply settings")).toContainText("6 of 6 steps");
    await page.goto(loginUrl);
    expect(new URL(page.url()).hostname).not.toBe(host);
    await expect(page.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("settings are copied to billers that are searched for and ticked", async ({ page, signIn, newBiller }) => {
    const from = await newBiller({ name: "Copperfinch Source Water" });
    const others = [
      await newBiller({ name: "Copperfinch One Gas" }),
      await newBiller({ name: "Copperfinch Two Gas" }),
      await newBiller({ name: "Linnetbrook Three Power" }),
    ];
    const its = new BillerPage(page, from);
    await signIn("Product team");
    await page.goto(`${its.path}/settings`);
    await page.getByLabel("Colour", { exact: true }).fill("#ABCDEF");
    await page.getByRole("button", { name: "Preview the difference…" }).click();
    await page.getByRole("button", { name: "Make this change" }).click();

    await page.goto(`${its.path}/settings`);
    await page.getByRole("link", { name: "Choose billers…" }).click();
    await expect(page.getByRole("region", { name: "What is copied" })).toContainText("Colour: #ABCDEF");
    const search = async (words: string) => {
      await page.getByRole("searchbox", { name: "Search" }).fill(words);
      await page.getByRole("button", { name: "Search" }).click();
    };
    await search("copperfinch gas");
    await expect(page.getByRole("checkbox")).toHaveCount(2);
    await page.getByLabel("Choose Copperfinch One Gas").check();
    await search(others[2]!.bid);
    await expect(page.getByText(`Chosen beside those below: ${others[0]!.bid}.`)).toBeVisible();
    await page.getByLabel("Choose Linnetbrook Three Power").check();
    await page.getByRole("button", { name: "Preview the copies…" }).click();

    await expect(page.getByRole("heading", { name: "Preview of a change" })).toBeVisible();
    for (const biller of [others[0]!, others[2]!]) {
      const part = page.getByRole("region", { name: `${biller.name} (${biller.bid})`, exact: true });
      await expect(part.getByRole("row", { name: /Colour/ })).toContainText("#ABCDEF");
    }
    await expect(page.getByRole("main")).not.toContainText(others[1]!.name);
    await page.getByRole("button", { name: "Start the wave" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Wave of 2 billers");
    await expect(async () => {
      await page.reload();
      await page.getByRole("button", { name: "Let the others follow" }).click({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await expect(async () => {
      await page.reload();
      await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 250 });
    }).toPass({ timeout: 20_000 });
    for (const biller of [others[0]!, others[2]!]) {
      await page.goto(`/billers/${biller.bid}/settings`);
      await expect(page.locator(row(colour))).toContainText("Set for this biller");
    }
    await page.goto(`/billers/${others[1]!.bid}/settings`);
    await expect(page.locator(row(colour))).not.toContainText("Set for this biller");
  });

  test("without anybody ticked the page says so, and what was ticked stays", async ({ page, signIn, newBiller }) => {
    const its = new BillerPage(page, await newBiller());
    await signIn("Product team");
    await page.goto(`${its.path}/settings/copy`);
    await expect(page.getByRole("main")).toContainText("there is nothing to copy");
    await expect(page.getByRole("button", { name: "Preview the copies…" })).toBeDisabled();
  });
});

test("settings are copied to many by a wave: the pilot first, and each looked at again", async ({
  page,
  signIn,
  enabledBiller,
}) => {
  test.slow();
  const from = await enabledBiller();
  const others = [await enabledBiller(), await enabledBiller(), await enabledBiller()];
  others.sort((one, other) => (one.bid < other.bid ? -1 : 1));
  const setColour = async (bid: string, to: string) => {
    await page.goto(`/billers/${bid}/settings`);
    await page.getByLabel("Colour", { exact: true }).fill(to);
    await page.getByRole("button", { name: "Preview the difference…" }).click();
    await page.getByRole("button", { name: "Make this change" }).click();
    await expect(page.getByRole("region", { name: "Apply settings", exact: true })).toContainText("6 of 6 steps");
  };
  await signIn("Product team");
  await setColour(from.bid, "#AB12CD");

  await test.step("the preview asks for pilot and stages", async () => {
    await page.goto(`/billers/${from.bid}/settings/copy?${others.map(({ bid }) => `pick[${bid}]=on`).join("&")}`);
    await page.getByRole("button", { name: "Preview the copies…" }).click();
    await expect(page.getByText("A wave over 3 billers, the pilot first")).toBeVisible();
    await expect(page.getByLabel("Pilot")).toHaveValue("1");
    await page.getByLabel("Stage").fill("1");
    await expectGoodInEveryLook(page, "copy-wave-preview");
    await page.getByRole("button", { name: "Start the wave" }).click();
  });

  await test.step("while the pilot is looked at, somebody decides otherwise for one", async () => {
    await expect(page.getByText("The pilot is through.")).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("region", { name: "How" })).toContainText(`Copy from ${from.bid}: Colour`);
    const wave = page.url();
    await setColour(others[1]!.bid, "#777777");
    await page.goto(wave);
    await page.getByRole("button", { name: "Let the others follow" }).click();
    await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 30_000 });
    const left = page.getByRole("row").filter({ hasText: others[1]!.bid });
    await expect(left).toContainText("Somebody set Colour otherwise since the copy was asked for");
    await expectGoodInEveryLook(page, "copy-wave");
  });

  for (const [place, wanted] of ["#AB12CD", "#777777", "#AB12CD"].entries()) {
    await page.goto(`/billers/${others[place]!.bid}/settings`);
    await expect(page.locator(row(colour))).toContainText("In sync");
    await expect(page.getByLabel("Colour", { exact: true })).toHaveValue(wanted);
  }
});

test("a new default of a tier is written for enabled billers by a wave", async ({
  page,
  signIn,
  enabledBiller,
  ic,
  server,
}) => {
  test.slow();
  const tier = "siskin tier";
  const billers = [await enabledBiller(), await enabledBiller(), await enabledBiller()];
  for (const biller of billers) await ic.announce(server.urls.console, { ...biller, tier });
  await signIn("Product team");
  await page.goto(`/settings?level=${encodeURIComponent(`tier:${tier}`)}`);
  await page.getByLabel("Colour", { exact: true }).fill("#446688");
  await page.getByRole("button", { name: "Preview the difference…" }).click();
  await page.getByRole("button", { name: "Make this change" }).click();

  await test.step("it is shown whom it concerns", async () => {
    const apply = page.getByRole("region", { name: "For enabled billers" });
    await expect(apply).toContainText("Colour: #446688");
    await expect(apply).toContainText("3 enabled billers take it from here");
    await expect(apply.getByRole("checkbox", { name: /Colour/ })).toBeChecked();
    await expectGoodInEveryLook(page, "apply-defaults");
    await page.getByRole("button", { name: "Preview the wave…" }).click();
  });

  await test.step("a pilot first, then the others", async () => {
    await expect(page.getByText("For each biller: Write the defaults of Colour.")).toBeVisible();
    await expect(page.getByRole("region", { name: "Will be changed: 3" })).toBeVisible();
    await page.getByLabel("Pilot").fill("1");
    await expectGoodInEveryLook(page, "wave-new-defaults");
    await page.getByRole("button", { name: "Change 3 billers" }).click();
    await expect(page.getByText("The pilot is through.")).toBeVisible({ timeout: 20_000 });
    await page.getByRole("button", { name: "Let the others follow" }).click();
    await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 20_000 });
  });

  for (const biller of billers) {
    await page.goto(`/billers/${biller.bid}/settings`);
    await expect(page.locator(row(colour))).toContainText("From the tier");
    await expect(page.locator(row(colour))).toContainText("In sync");
  }
});
