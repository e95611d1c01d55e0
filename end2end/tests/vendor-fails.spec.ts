// SecureAuth does not do its part: the run stops, says why and what to do, and waits for a decision.

import type { Announcement } from "../support/ic.ts";
import { expect, test } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";
import type { Sandbox } from "../support/sandbox.ts";

const REFUSED = { operation: "admin.createClient", kind: "error", status: 403 } as const;

test("a run that failed tells cause and cure, and goes on after a retry", async ({
  page,
  signIn,
  newBiller,
  sandbox,
}) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await failToEnable(its, sandbox);

  const step = its.step("Enable", "Application");
  await expect(step).toContainText("Failed");
  await expect(step).toContainText("Vendor refused");
  await expect(step).toContainText("What to do:");
  await expect(step.getByRole("button", { name: "Copy trace id" })).toBeVisible();
  await expect(its.step("Enable", "Binding")).toContainText("Done");
  await expect(its.step("Enable", "Theme")).toContainText("Waiting");
  await its.expectStatus("Not enabled");
  await expect(its.loginUrl).toBeHidden();
  await expect(its.action("Enable…")).toHaveAccessibleDescription(/failed and waits for a decision/);

  await test.step("a retry that fails again counts its attempts", async () => {
    await page.getByRole("button", { name: "Retry the failed step" }).click();
    await expect(step).toContainText("2 attempts");
    await expect(its.run("Enable")).toContainText("waits for your decision");
  });

  await test.step("a retry after the cause is gone finishes the run", async () => {
    await sandbox.heal();
    await page.getByRole("button", { name: "Retry the failed step" }).click();
    await its.expectStatus("Enabled");
    await expect(its.objects.getByRole("listitem")).toHaveCount(5);
    await expect(its.status).not.toContainText("Run failed");
  });
});

test("a failed enablement can be undone: nothing is left at SecureAuth", async ({
  page,
  signIn,
  newBiller,
  sandbox,
}) => {
  const before = await sandbox.objects();
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await failToEnable(its, sandbox);
  expect(await sandbox.objects(), "what the run had made").not.toEqual(before);

  await page.getByText("Undo the enablement…").click();
  await page.getByRole("textbox", { name: "Reason" }).fill("Wrong biller");
  await page.getByRole("button", { name: "Undo the enablement", exact: true }).click();
  await expect(its.run("Undo enablement")).toContainText("5 of 5 steps", { timeout: 15_000 });
  await its.expectStatus("Not enabled");
  await expect(its.status).not.toContainText("Run failed");
  await expect(its.objects).toBeHidden();
  expect(await sandbox.objects()).toEqual(before);

  await test.step("and it can be enabled afresh", async () => {
    await sandbox.heal();
    await its.action("Enable…").click();
    await its.confirm("Enable");
    await its.expectStatus("Enabled");
  });
});

test("a failed suspension goes on or goes back; sign-ins are already safe", async ({
  page,
  signIn,
  enabledBiller,
  sandbox,
}) => {
  const its = new BillerPage(page, await enabledBiller());
  await signIn("Account manager");
  await its.open("/suspend");
  await sandbox.break({ operation: "admin.updateClient", kind: "error", status: 403 });
  await its.confirm("Suspend");
  await expect(its.status).toContainText("Run failed", { timeout: 15_000 });
  await its.expectStatus("Enabled");
  await expect(its.loginUrl).toContainText("Leads to the legacy page");

  await sandbox.heal();
  await page.getByText("Go back: resume…").click();
  await page.getByRole("button", { name: "Go back: resume", exact: true }).click();
  await expect(its.run("Resume")).toContainText("5 of 5 steps", { timeout: 15_000 });
  await expect(its.loginUrl).toContainText("Leads to SecureAuth");
});

test("the overview shows what waits for a decision", async ({ page, signIn, newBiller, sandbox }) => {
  const biller: Announcement = await newBiller();
  await signIn("Account manager");
  await failToEnable(new BillerPage(page, biller), sandbox);
  await page.goto("/");
  const waiting = page.getByRole("region", { name: "Waits for a decision" });
  const line = waiting.getByRole("listitem").filter({ hasText: biller.name });
  await expect(line).toContainText("Enable failed at “Application”");
  await expect(line).toContainText("What to do:");
  await line.getByRole("link", { name: biller.name }).click();
  await expect(page.getByRole("button", { name: "Retry the failed step" })).toBeVisible();
});

async function failToEnable(its: BillerPage, sandbox: Sandbox): Promise<void> {
  await sandbox.break(REFUSED);
  await its.open("/enable");
  await its.confirm("Enable");
  await islandsReady(its.page);
  await expect(its.status).toContainText("Run failed", { timeout: 15_000 });
}
