// Suspending is dangerous, so it is explained first and has to be meant.

import { expect, test } from "../support/fixtures.ts";
import { countLoads, islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";

/** A sample biller: its users' passwords are part of the samples. */
const ALDER_HOLLOW = { bid: "100104", name: "Alder Hollow Municipal Water" };

test("the impact sheet counts users, sign-ins and passwords that no longer fit", async ({ page, signIn }) => {
  const its = new BillerPage(page, ALDER_HOLLOW);
  await signIn("Account manager");
  await its.open("/enable");
  await its.confirm("Enable");
  await its.expectStatus("Enabled");
  const loginUrl = await its.shownLoginUrl();
  for (let visit = 0; visit < 3; visit++) await page.goto(loginUrl);

  await its.open("/suspend");
  const impact = page.getByRole("region", { name: "What it means for users" });
  const figures = impact.getByRole("definition");
  await expect(figures).toHaveText([/^0\D/, /^3\D/, /^7\D/, /^3\D/, /^2\D/]);
  await expect(impact).toContainText("5 of 12 users cannot simply go back to their old password.");
});

test("the button waits for the name; while suspended, the login URL leads to the legacy page", async ({
  page,
  signIn,
  enabledBiller,
}) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  await signIn("Account manager");
  await its.open();
  const loginUrl = await its.shownLoginUrl();

  await test.step("the name has to be typed", async () => {
    await its.action("Suspend…").click();
    await islandsReady(page);
    const button = page.getByRole("button", { name: "Suspend", exact: true });
    const name = page.getByLabel("Type the biller's name to confirm");
    await expect(button).toBeDisabled();
    await name.fill(biller.name.slice(0, -1));
    await expect(button).toBeDisabled();
    await name.fill(biller.name);
    await expect(button).toBeEnabled();
  });

  await test.step("suspend, live", async () => {
    await its.confirm("Suspend", "Contract ends");
    await islandsReady(page);
    const loads = countLoads(page);
    await its.expectStatus("Suspended");
    await expect(its.run("Suspend")).toContainText("6 of 6 steps");
    await expect(its.loginUrl).toContainText("Leads to the legacy page");
    expect(loads.number, "page loads").toBe(0);
  });

  await test.step("people land on the legacy page", async () => {
    await page.goto(loginUrl);
    await expect(page.getByRole("main")).toContainText("This is IC's own login page");
  });

  await test.step("resumed, the same address leads to SecureAuth again", async () => {
    await its.open();
    await its.action("Resume…").click();
    await its.confirm("Resume");
    await its.expectStatus("Enabled");
    await page.goto(loginUrl);
    await expect(page.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
  });
});
