// A biller goes from stage to stage and back, and every change is shown before and proven after.

import { expect, test } from "../support/fixtures.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
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

test("a bulk change with a pilot goes on when somebody has looked, and one that fails stops itself", async ({
  page,
  signIn,
  enabledBiller,
  sandbox,
}) => {
  test.slow();
  const prefix = "Quillfeather Bend";
  for (const n of [1, 2, 3, 4]) await enabledBiller({ name: `${prefix} ${n} Water` });
  await signIn("Product team");
  const progress = page.getByRole("region", { name: "Progress" });

  await test.step("select in the matrix", async () => {
    await page.goto("/use-cases?q=quillfeather");
    await islandsReady(page);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await expect(page.getByText("4 billers selected")).toBeVisible();
    await page.locator(".bulk").getByLabel("User hosting").selectOption("On");
    await page.getByRole("button", { name: "Change selected…" }).click();
    await expect(page.getByText("For each biller: User hosting on.")).toBeVisible();
    await expect(page.getByRole("region", { name: "Will be changed: 4" })).toBeVisible();
  });

  await test.step("the pilot first", async () => {
    await page.getByLabel("Pilot").fill("1");
    await page.getByRole("button", { name: "Change 4 billers" }).click();
    await expect(page.getByText("The pilot is through.")).toBeVisible({ timeout: 20_000 });
    await expect(progress).toContainText("1 of 4 done");
    await page.getByRole("button", { name: "Let the others follow" }).click();
    await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 20_000 });
    await expect(progress).toContainText("4 of 4 done");
  });

  await test.step("the matrix filters by readiness", async () => {
    await page.goto("/use-cases?q=quillfeather&stage=user_hosting.in_effect");
    await expect(page.getByRole("link", { name: /^Quillfeather Bend \d Water$/ })).toHaveCount(4);
    await page.goto("/use-cases?q=quillfeather&stage=user_hosting.ready");
    await expect(page.getByText("No biller found")).toBeVisible();
  });

  await test.step("a wave waits for its time, and is withdrawn", async () => {
    await page.goto("/use-cases?q=quillfeather");
    await islandsReady(page);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.locator(".bulk").getByLabel("Old page").selectOption("the old page sends people on");
    await page.getByRole("button", { name: "Change selected…" }).click();
    await expect(page.getByText("For each biller: the old page sends people on.")).toBeVisible();
    await page.getByText("At a later time…").click();
    await page.getByLabel("Day").fill(soon(86_400)[0]);
    await page.getByRole("button", { name: "Change 4 billers" }).click();
    await expect(page.getByText("It begins on")).toContainText("06:00");
    await page.getByRole("button", { name: "Withdraw" }).click();
    await expect(page.getByText("and did not.")).toBeVisible();
  });

  await test.step("too much fails: it stops itself", async () => {
    await sandbox.break({ operation: "identitysystem.verifyPasswordV2", kind: "error", status: 403 });
    for (const n of [1, 2, 3, 4]) {
      await page.goto(`/use-cases?q=quillfeather%20bend%20${n}`);
      await page.getByRole("link", { name: `${prefix} ${n} Water`, exact: true }).click();
      const its = new UseCasesPage(page, { bid: page.url().split("/")[4]!, name: "" });
      await its.declareNoUsers();
    }
    await page.goto("/use-cases?q=quillfeather");
    await islandsReady(page);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.locator(".bulk").getByLabel("Delegated login").selectOption("On");
    await page.getByRole("button", { name: "Change selected…" }).click();
    await page.getByLabel("Runs at a time").fill("1");
    await page.getByLabel("Stop above this share").fill("0");
    await page.getByRole("button", { name: "Change 4 billers" }).click();
    await expect(page.getByText("The wave stopped itself because too much failed.")).toBeVisible({ timeout: 30_000 });
    await expect(progress).toContainText("1 of 4 done");
  });
});

test("a wave by own clocks begins for each biller at that time of its own zone", async ({
  page,
  signIn,
  enabledBiller,
  ic,
  server,
}) => {
  test.slow();
  const east = await enabledBiller({ name: "Larkspur Pass 1 Water" });
  const west = await enabledBiller({ name: "Larkspur Pass 2 Water" });
  await ic.announce(server.urls.console, { ...east, time_zone: "America/Los_Angeles" });
  await ic.announce(server.urls.console, { ...west, time_zone: "Pacific/Honolulu" });
  await signIn("Product team");
  await page.goto(`/waves/new?do=use_cases&user_hosting=on&sel=${east.bid}&sel=${west.bid}`);
  const [day, time] = soon(10);
  await page.getByText("At a later time…").click();
  await page.getByLabel("Day").fill(day);
  const field = page.getByLabel("Time", { exact: true });
  // Tests are in more of a hurry than people, who give hours and minutes.
  await field.evaluate((input: HTMLInputElement) => (input.step = "1"));
  await field.fill(time);
  await page.getByLabel("Each biller by the clocks of its own zone").check();
  await page.getByRole("button", { name: "Change 2 billers" }).click();

  const line = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  await expect(page.getByText("for each at that time of its own zone's clocks")).toBeVisible();
  for (const { name } of [east, west]) await expect(line(name)).toContainText("Not before");
  await expectGoodInEveryLook(page, "wave-own-clocks");
  await expect(line(east.name)).toContainText("Succeeded", { timeout: 40_000 });
  await expect(line(west.name)).toContainText("Waiting");
  await expect(line(west.name)).toContainText("Not before");
  await expect(page.getByRole("region", { name: "How" })).toContainText("Each biller's own");
  const cases = new UseCasesPage(page, east);
  await cases.open();
  await cases.expectState("User hosting", "In effect");
  await new UseCasesPage(page, west).open();
  await expect(page.getByRole("group", { name: "User hosting" })).not.toContainText("In effect");
});

test("a change waits for its time in the biller's zone, and is not made if the world has changed", async ({
  page,
  signIn,
  enabledBiller,
  ic,
  server,
}) => {
  const biller = await enabledBiller();
  const cases = new UseCasesPage(page, biller);
  await ic.announce(server.urls.console, { ...biller, time_zone: "America/Los_Angeles" });
  await signIn("Product team");

  await test.step("a time that the clocks pass over is refused, and what was typed stays", async () => {
    await cases.open();
    await cases.position("User hosting", "On").check();
    await cases.preview.click();
    await cases.later("2027-03-14", "02:30");
    await expect(page.getByLabel("Time", { exact: true })).toHaveAccessibleDescription(/does not exist on 2027-03-14/);
    await expect(page.getByLabel("Day")).toHaveValue("2027-03-14");
    await expect(page.getByLabel("Time zone")).toHaveValue("America/Los_Angeles");
  });

  await test.step("scheduled, shown, withdrawn", async () => {
    await cases.later("2027-03-15", "06:00", "After the holiday");
    await expect(page).toHaveURL(cases.path);
    await expect(cases.scheduled).toContainText("User hosting on");
    await expect(cases.scheduled).toContainText("For 15 Mar 2027, 06:00 PDT (America/Los_Angeles)");
    await expectGoodInEveryLook(page, "biller-use-cases-scheduled");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`/use-cases?q=${biller.bid}`);
    await expect(page.getByRole("row", { name: biller.name })).toContainText("Scheduled for 15 Mar 2027, 06:00 PDT");
    await cases.open();
    await cases.scheduled.getByRole("button", { name: "Withdraw" }).click();
    await expect(cases.scheduled).toContainText("Withdrawn by");
  });

  await test.step("made when its time comes, live", async () => {
    await cases.position("User hosting", "On").check();
    await cases.preview.click();
    await cases.later(...soon(4));
    await cases.expectState("User hosting", "In effect");
    await expect(cases.scheduled).toContainText("Begun");
    await expect(cases.history).toContainText("Scheduled by");
  });

  await test.step("not made when somebody else chose otherwise meanwhile", async () => {
    await cases.position("User hosting", "Off").check();
    await cases.preview.click();
    await cases.later(...soon(8));
    await cases.position("User hosting", "Inherit").check();
    await cases.preview.click();
    await expect(page.getByText("It will not be made if you change something now")).toBeVisible();
    await cases.confirm("Faster");
    await expect(cases.scheduled).toContainText("Not applied", { timeout: 20_000 });
    await expect(cases.scheduled).toContainText("What is chosen for the biller was changed after this was scheduled.");
  });
});

/** Day and time in Los Angeles in so many seconds. */
function soon(seconds: number): [string, string] {
  const at = new Date(Date.now() + seconds * 1000);
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "America/Los_Angeles",
    dateStyle: "short",
    timeStyle: "medium",
  }).format(at);
  const [day = "", time = ""] = parts.split(" ");
  return [day, time];
}

test("emergency off takes effect at once, and a second person lifts it", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  const cases = new UseCasesPage(page, biller);
  const overview = new BillerPage(page, biller);
  await signIn("Product team");
  await overview.open();
  const loginUrl = await overview.shownLoginUrl();
  await cases.open();
  await page.getByText("Emergency off…").click();
  await page.getByLabel("Type the biller's name to confirm").fill(biller.name);
  await page.getByLabel("What is wrong").fill("Strange sign-ins");
  await page.getByRole("button", { name: "Hold its sign-ins off" }).click();
  await expect(page.locator("#notices")).toContainText("Sign-ins are held off in an emergency");
  await page.goto(loginUrl);
  await expect(page.getByRole("main")).toContainText("This is IC's own login page");

  await page.goto("/emergencies");
  const its = page.getByRole("region", { name: "Emergencies" }).getByRole("listitem").filter({ hasText: biller.name });
  await expect(its).toContainText("You held these sign-ins off yourself: a second person has to look at it.");
  await signIn("Ops");
  await page.goto("/emergencies");
  await expectGoodInEveryLook(page, "emergencies");
  await its.getByLabel("What you found").fill("A test of the switch");
  await its.getByRole("button", { name: "Lift it" }).click();
  await expect(its).toContainText("Lifted");
  await page.goto(loginUrl);
  await expect(page.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
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
