// A biller goes from stage to stage and back, and every change is shown before and proven after.

import { expect, test } from "../support/fixtures.ts";
import { countLoads, islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { UseCasesPage } from "../support/pages/use-cases.ts";

test("enable, three stages, and off again", async ({ page, signIn, enabledBiller, sandbox }) => {
  test.slow();
  const biller = await enabledBiller();
  const cases = new UseCasesPage(page, biller);
  const overview = new BillerPage(page, biller);
  await signIn("Product team");
  await overview.open();
  const loginUrl = await overview.shownLoginUrl();
  await page.getByRole("navigation", { name: "Biller" }).getByRole("link", { name: "Use cases" }).click();
  const before = await sandbox.objects();

  await test.step("what cannot be moved says why", async () => {
    const on = cases.position("Hosted login", "On");
    await expect(on).toBeDisabled();
    await expect(on).toHaveAccessibleDescription(/Nothing is known of its users/);
    await cases.expectState("Hosted login", "Users not moved");
    await cases.declareNoUsers();
    await expect(on).toHaveAccessibleDescription(/Hosted login needs user hosting/);
  });

  await test.step("user hosting, live", async () => {
    await cases.position("User hosting", "On").check();
    await cases.preview.click();
    await expect(page.getByRole("region", { name: "What goes off and on" })).toContainText("User hosting goes on, once it is proven");
    await expect(page.getByRole("region", { name: "At SecureAuth" })).toContainText("Binding Read; enabled if it is disabled");
    await cases.confirm("First stage");
    await islandsReady(page);
    const loads = countLoads(page);
    await cases.expectState("User hosting", "In effect");
    await expect(cases.run).toContainText("7 of 7 steps");
    expect(loads.number, "page loads").toBe(0);
  });

  await test.step("delegated login, with the password of a test user that is gone afterwards", async () => {
    await cases.open();
    await cases.move("Delegated login", "On");
    await cases.expectState("Delegated login", "In effect");
    await cases.run.getByText("Steps", { exact: true }).click();
    await expect(cases.run).toContainText("SecureAuth found its password right");
    expect(await sandbox.objects()).toEqual(before);
  });

  await test.step("hosted login leads the login URL to SecureAuth", async () => {
    await cases.open();
    await cases.move("Hosted login", "On", "Go-live");
    await cases.expectState("Hosted login", "In effect");
    await page.goto(loginUrl);
    await expect(page.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
  });

  await test.step("turning user hosting off turns off what needs it, after saying so", async () => {
    await cases.open();
    await cases.position("User hosting", "Off").check();
    await cases.preview.click();
    const effect = page.getByRole("region", { name: "What goes off and on" });
    await expect(effect.getByRole("list").first().getByRole("listitem")).toHaveText([
      "Hosted login goes off, because it needs what goes off after it",
      "Delegated login goes off, because it needs what goes off after it",
      "User hosting goes off",
    ]);
    await expect(page.getByRole("region", { name: "At SecureAuth" })).toContainText("SecureAuth is not asked");
    await expect(page.getByText("The login URL leads to the old login page again.")).toBeVisible();
    await cases.confirm("Not yet after all");
    await cases.expectState("User hosting", "Ready");
    await page.goto(loginUrl);
    await expect(page.getByRole("main")).toContainText("This is IC's own login page");
  });

  await test.step("and an earlier state is one click away", async () => {
    await cases.open();
    await expect(cases.history).toContainText("Not yet after all");
    await cases.history.getByRole("link", { name: "Return to this state…" }).first().click();
    await expect(page.getByRole("region", { name: "What goes off and on" })).toContainText("Hosted login goes on");
    await cases.confirm();
    await cases.expectState("Hosted login", "In effect");
  });
});

test("a change that cannot be proven takes no effect and is taken back", async ({ page, signIn, enabledBiller, sandbox }) => {
  const cases = new UseCasesPage(page, await enabledBiller());
  await signIn("Product team");
  await cases.open();
  await cases.declareNoUsers();
  await sandbox.break({ operation: "identitysystem.verifyPasswordV2", kind: "error", status: 403 });
  await cases.position("User hosting", "On").check();
  await cases.preview.click();
  await cases.confirm();
  await cases.expectState("User hosting", "In effect");
  await cases.open();
  await cases.move("Delegated login", "On");
  await expect(cases.run).toContainText("waits for your decision", { timeout: 15_000 });
  await cases.expectState("User hosting", "In effect");
  await expect(page.getByText("No switch can be moved now.")).toBeVisible();
  await sandbox.heal();
  await page.getByText("Change back…").click();
  await page.getByRole("button", { name: "Change back" }).click();
  await cases.open();
  await cases.expectState("Delegated login", "Ready");
  await expect(cases.position("Delegated login", "Inherit")).toBeChecked();
  await expect(cases.history).toContainText("Taken back by");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a switch is moved by plain forms, and support is told why it may not", async ({ page, signIn, enabledBiller }) => {
    const cases = new UseCasesPage(page, await enabledBiller());
    await signIn("Support");
    await cases.open();
    await expect(cases.preview).toBeDisabled();
    await expect(cases.preview).toHaveAccessibleDescription(/Your role may not change use cases/);
    await signIn("Product team");
    await cases.open();
    await cases.move("User hosting", "On", "No scripts here");
    await expect(async () => {
      await page.reload();
      await expect(cases.switch("User hosting").getByText("In effect", { exact: true })).toBeVisible({ timeout: 250 });
    }).toPass({ timeout: 15_000 });
    await expect(cases.history).toContainText("No scripts here");
  });
});
