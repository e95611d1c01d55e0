// Every page in every look: accessible, inside the window, without a console error; each leaves its picture.

import { expectAccessible, expectNoSidewaysScrolling } from "../support/accessibility.ts";
import { expect, test } from "../support/fixtures.ts";
import { upload } from "../support/imports.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BCRYPT, MigrationPage, usersFile } from "../support/pages/migration.ts";
import { UseCasesPage } from "../support/pages/use-cases.ts";

test.describe.configure({ timeout: 180_000 });
// The pictures tell more than a trace would, which costs a third of the time here.
test.use({ trace: "off" });

test("sign-in", async ({ page }) => {
  await page.goto("/sign-in");
  await expectGoodInEveryLook(page, "sign-in");
});

for (const { name, path } of [
  { name: "overview", path: "/" },
  { name: "billers", path: "/billers" },
  { name: "billers-none-found", path: "/billers?q=nothing-has-this-name" },
  { name: "import", path: "/import" },
  { name: "wave-new", path: "/waves/new?sel=100117&sel=100123&sel=nobody" },
  { name: "wave-new-empty", path: "/waves/new" },
  { name: "use-cases", path: "/use-cases" },
  { name: "emergencies-none", path: "/emergencies" },
  { name: "use-cases-none", path: "/use-cases?q=nothing-has-this-name" },
  { name: "use-case-defaults", path: "/use-cases/defaults" },
  { name: "sessions", path: "/sessions" },
  { name: "settings-defaults", path: "/settings?section=sessions" },
  { name: "settings-not-enabled", path: "/billers/100237/settings?section=passwords" },
  { name: "settings-mfa", path: "/billers/100237/settings?section=second_factor" },
  { name: "settings-copy", path: "/billers/100237/settings/copy" },
  { name: "drift-none", path: "/drift" },
  { name: "objectives-none", path: "/performance/objectives" },
  { name: "incidents-none", path: "/performance/incidents" },
  { name: "licence-not-read", path: "/performance/licence" },
  { name: "sign-ins-none", path: "/performance/sign-ins?days=90" },
  { name: "report", path: "/performance/report" },
  { name: "report-to-come", path: "/performance/report?month=2199-12" },
  { name: "migration-report-none", path: "/billers/100237/migration/report" },
  { name: "migrations", path: "/migrations" },
  { name: "migration-none", path: "/billers/100237/migration" },
  { name: "users-none", path: "/billers/100237/users" },
  { name: "user-new-not-hosted", path: "/billers/100237/users/new" },
  { name: "mirror-none", path: "/mirror" },
  { name: "deliveries-none", path: "/deliveries?bid=nobody" },
  { name: "biller-not-enabled", path: "/billers/100237" },
  { name: "enable", path: "/billers/100237/enable" },
]) {
  test(name, async ({ page, signIn }) => {
    await signIn("Platform owner");
    await page.goto(path);
    await islandsReady(page);
    await expectGoodInEveryLook(page, name);
  });
}

test("not-found", async ({ page, signIn, consoleErrors }) => {
  consoleErrors.expect(/404/);
  await signIn("Support");
  await page.goto("/no/such/page");
  await expectGoodInEveryLook(page, "not-found");
});

test("forbidden", async ({ page, signIn, consoleErrors }) => {
  consoleErrors.expect(/403/);
  await signIn("Support");
  await page.goto("/activity");
  await expectGoodInEveryLook(page, "forbidden");
});

test("biller-enabled and suspend", async ({ page, signIn, enabledBiller }) => {
  const its = new BillerPage(page, await enabledBiller());
  await signIn("Ops");
  await its.open();
  await expectGoodInEveryLook(page, "biller-enabled");
  await its.open("/suspend");
  await islandsReady(page);
  await expectGoodInEveryLook(page, "suspend");
});

test("biller-use-cases and use-cases-change", async ({ page, signIn, enabledBiller }) => {
  const cases = new UseCasesPage(page, await enabledBiller());
  await signIn("Product team");
  await cases.open();
  await expectGoodInEveryLook(page, "biller-use-cases-first");
  await cases.declareNoUsers();
  await cases.move("User hosting", "On", "To see how it looks");
  await cases.expectState("User hosting", "In effect");
  await cases.open();
  await expectGoodInEveryLook(page, "biller-use-cases");
  await cases.position("Hosted login", "On").check();
  await cases.preview.click();
  await expectGoodInEveryLook(page, "use-cases-change");
});

test("migration-report", async ({ page, signIn, enabledBiller }) => {
  const move = new MigrationPage(page, await enabledBiller());
  await signIn("Ops");
  await move.upload(usersFile(5, [`90,nowhere,no-address,active,${BCRYPT}`, "91,doubled,user1@x.example,,"]));
  await expectGoodInEveryLook(page, "migration-checked-with-problems");
  await move.ask("Start");
  await move.expectState("Finished");
  await page.getByRole("link", { name: "Report, to print and keep" }).click();
  await expect(page.getByRole("main")).toContainText("Unusable e-mail address");
  await islandsReady(page);
  await expectGoodInEveryLook(page, "migration-report");
});

test("biller-enabling and biller-failed", async ({ page, signIn, newBiller, sandbox }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Ops");
  await its.open("/enable");
  await sandbox.break(
    { operation: "admin.createIdentityPoolIDP", kind: "latency", millis: 5_000 },
    { operation: "admin.createClient", kind: "error", status: 403 },
  );
  await its.confirm("Enable", "To see how it looks");
  await expect(its.step("Enable", "Binding")).toHaveAttribute("aria-current", "step");
  await expectGoodInEveryLook(page, "biller-enabling");
  await expect(its.status).toContainText("Run failed", { timeout: 20_000 });
  await page.getByText("Undo the enablement…").click();
  await expectGoodInEveryLook(page, "biller-failed");
});

test("biller-suspended, resume and biller-activity", async ({ page, signIn, enabledBiller }) => {
  const its = new BillerPage(page, await enabledBiller());
  await signIn("Ops");
  await its.open("/suspend");
  await its.confirm("Suspend", "Contract ends");
  await its.expectStatus("Suspended");
  await expectGoodInEveryLook(page, "biller-suspended");
  await its.open("/resume");
  await expectGoodInEveryLook(page, "resume");
  await its.open("/activity");
  await expectGoodInEveryLook(page, "biller-activity");
});

test("settings, its preview, and drift", async ({ page, signIn, enabledBiller, sandbox }) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  await sandbox.drift("organization", `ic-${biller.bid}`, { color: "#FF0000" });
  await signIn("Product team");
  await page.goto(`${its.path}/settings`);
  await page.getByRole("button", { name: "Read anew" }).click();
  await expect(page.getByRole("main")).toContainText("SecureAuth shows #FF0000");
  await islandsReady(page);
  await expectGoodInEveryLook(page, "settings");
  await page.getByLabel("Colour", { exact: true }).fill("#00AA00");
  await page.getByRole("button", { name: "Preview the difference…" }).click();
  await expectGoodInEveryLook(page, "settings-preview");
  await page.goto("/drift");
  await expectGoodInEveryLook(page, "drift");
});

test("suspend-refused", async ({ page, signIn, enabledBiller }) => {
  const its = new BillerPage(page, await enabledBiller());
  await signIn("Ops");
  await its.open("/suspend");
  await page.getByRole("button", { name: "Suspend", exact: true }).evaluate((button: HTMLButtonElement) => {
    button.form?.submit();
  });
  await expect(page.getByRole("alert")).toBeVisible();
  await expectGoodInEveryLook(page, "suspend-refused");
});

test("import-preview and import-unreadable", async ({ page, signIn }) => {
  await signIn("Ops");
  await upload(page, "bid,name,customers\npretty-1,Pretty Water,many\n,Nobody,1\npretty-2,Prettier Water,7\n");
  await expectGoodInEveryLook(page, "import-preview");
  await upload(page, "nothing,of,ours\n");
  await expectGoodInEveryLook(page, "import-unreadable");
});

test("wave and waves", async ({ page, signIn, newBiller }) => {
  const billers = [await newBiller(), await newBiller()];
  await signIn("Ops");
  await page.goto(`/waves/new?${billers.map(({ bid }) => `sel=${bid}`).join("&")}`);
  await page.getByRole("button", { name: "Enable 2 billers" }).click();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expectGoodInEveryLook(page, "wave");
  await page.goto("/waves");
  await expectGoodInEveryLook(page, "waves");
});

test("pages beside the console", async ({ page, enabledBiller, server, consoleErrors }) => {
  consoleErrors.expect(/404/);
  const { public: edge, sandbox } = server.urls;
  const loginUrl = `${edge}/b/${(await enabledBiller()).name.toLowerCase().replaceAll(" ", "-")}`;
  for (const address of [`${edge}/b/unknown`, loginUrl, `${sandbox}/legacy/login`, sandbox]) {
    await page.goto(address);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoSidewaysScrolling(page);
  }
});

test("deliveries, delivery and activity", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  await signIn("Platform owner");
  await page.goto("/deliveries");
  await expectGoodInEveryLook(page, "deliveries");
  await page.goto(`/deliveries?bid=${biller.bid}`);
  await page.getByRole("link", { name: "Biller enabled" }).click();
  await expectGoodInEveryLook(page, "delivery");
  await page.goto("/activity");
  await page.getByText(/^Entry \d+$/).first().click();
  await expectGoodInEveryLook(page, "activity");
});
