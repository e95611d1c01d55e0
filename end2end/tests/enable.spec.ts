// The main job: an account manager enables a biller, watches it happen, and hands the login URL over.

import { expect, test } from "../support/fixtures.ts";
import { countLoads, islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BillersPage } from "../support/pages/billers.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("an account manager finds a biller, enables it and watches every step", async ({
  page,
  signIn,
  newBiller,
  sandbox,
  server,
}) => {
  const biller = await newBiller();
  const list = new BillersPage(page);
  const its = new BillerPage(page, biller);

  await test.step("search as you type", async () => {
    await signIn("Account manager");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
    await islandsReady(page);
    const loads = countLoads(page);
    const typed = biller.name.slice(0, -3);
    await list.search.pressSequentially(typed);
    await expect(page).toHaveURL((url) => url.searchParams.get("q") === typed);
    await list.expectNames(biller.name);
    expect(loads.number, "page loads").toBe(0);
    await list.results.getByRole("link", { name: biller.name }).click();
    await expect(page.getByRole("heading", { level: 1, name: biller.name })).toBeVisible();
    await its.expectStatus("Not enabled");
  });

  await test.step("the preview names every object and the login URL", async () => {
    await its.action("Enable…").click();
    const objects = page.getByRole("region", { name: "Objects at SecureAuth" });
    await expect(objects.getByRole("heading", { level: 3 })).toHaveText([
      "Organization",
      "Identity pool",
      "Binding",
      "Application",
      "Theme binding",
    ]);
    await expect(objects.getByText(`ic-${biller.bid}`, { exact: true })).toHaveCount(2);
    await expect(objects.getByText(/https?:.*callback/)).toBeVisible();
    await expect(page.getByRole("region", { name: "Login URL" })).toContainText(`${server.urls.public}/b/heron-falls`);
    await expect(page.getByRole("region", { name: "Steps" }).getByRole("listitem")).toHaveCount(9);
  });

  // The application takes its time, so that there is something to watch.
  await sandbox.break({ operation: "admin.createClient", kind: "latency", millis: 3_000 });
  const loads = await test.step("the steps get done before one's eyes", async () => {
    await its.confirm("Enable", "Ticket 4711");
    await islandsReady(page);
    const counted = countLoads(page);
    await expect(page.getByRole("status").filter({ hasText: "Enablement has begun" })).toBeVisible();
    await expect(its.step("Enable", "Application")).toHaveAttribute("aria-current", "step");
    await expect(its.step("Enable", "Organization")).toContainText("Done");
    await expect(its.step("Enable", "Proof")).toContainText("Waiting");
    await expect(its.run("Enable")).toContainText("Ticket 4711");
    await its.expectStatus("Enabling");
    await expect(its.action("Enable…")).toHaveAccessibleDescription(/under way/);
    return counted;
  });

  await test.step("enabled, without a reload, and said aloud", async () => {
    await its.expectStatus("Enabled");
    await expect(page.getByRole("status").filter({ hasText: "CIAM status enabled" })).toHaveCount(1);
    await expect(its.run("Enable")).toContainText("9 of 9 steps");
    await expect(its.objects.getByRole("listitem")).toHaveCount(5);
    await expect(its.action("Suspend…")).toBeVisible();
    expect(loads.number, "page loads").toBe(0);
  });

  const loginUrl = await its.shownLoginUrl();
  await test.step("the login URL can be copied and leads to the biller's sign-in page", async () => {
    expect(loginUrl.startsWith(`${server.urls.public}/b/`), loginUrl).toBe(true);
    await page.getByRole("button", { name: "Copy login URL" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(loginUrl);
    await expect(page.getByRole("status").filter({ hasText: "Copied." })).toHaveCount(1);
    const opened = page.waitForEvent("popup");
    await its.loginUrl.getByRole("link", { name: /^Open/ }).click();
    const signInPage = await opened;
    await expect(signInPage.getByRole("heading", { name: `Sign in to ${biller.name}` })).toBeVisible();
    expect(signInPage.url()).toContain("code_challenge");
    await signInPage.close();
  });

  await test.step("the handover pack names login URL and go-live day", async () => {
    await expect(its.handoverText).toContainText(loginUrl);
    await expect(its.handoverText).toContainText("We will tell you the day");
    await page.getByLabel("Go-live day").fill("2027-03-01");
    await page.getByRole("button", { name: "Save day" }).click();
    await expect(page.getByRole("status").filter({ hasText: "The go-live day is set." })).toBeVisible();
    await expect(page.getByLabel("Go-live day")).toHaveValue("2027-03-01");
    await expect(its.handoverText).toContainText("1 March 2027");
    await page.getByRole("button", { name: "Copy handover text" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(loginUrl);
  });
});

test("each opening of a login URL starts a sign-in of its own", async ({ page, enabledBiller, server }) => {
  const biller = await enabledBiller();
  const loginUrl = `${server.urls.public}/b/${biller.name.toLowerCase().replaceAll(" ", "-")}`;
  const seen = new Set<string | null>();
  for (let visit = 0; visit < 2; visit++) {
    await page.goto(loginUrl);
    const { searchParams } = new URL(page.url());
    for (const fresh of ["state", "nonce", "code_challenge"]) seen.add(searchParams.get(fresh));
    expect(searchParams.get("code_challenge_method")).toBe("S256");
  }
  expect(seen.size, "fresh values").toBe(6);
});

test("an unknown login URL says so and gives nothing away", async ({ page, server, consoleErrors }) => {
  consoleErrors.expect(/404/);
  const answer = await page.goto(`${server.urls.public}/b/nobody-has-this`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "Address not found" })).toBeVisible();
});

test("two people: whoever comes second cannot press any more, and is told why", async ({ page, signIn, newBiller }) => {
  const its = new BillerPage(page, await newBiller());
  await signIn("Account manager");
  await its.open("/enable");
  await islandsReady(page);
  // Someone else presses the button in another window.
  const other = new BillerPage(await page.context().newPage(), its.biller);
  await other.open("/enable");
  await other.confirm("Enable");
  const button = page.getByRole("button", { name: "Enable", exact: true });
  await expect(button).toBeDisabled();
  await expect(button).toHaveAccessibleDescription(/Enable is (under way|possible only)/);
  await other.expectStatus("Enabled");
});
