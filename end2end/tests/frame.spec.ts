// What the console in the frame and the CRM's page around it tell each other (docs/embedding.md).

import type { FrameLocator, Page } from "@playwright/test";
import type { ConsoleUrls } from "../support/console-process.ts";
import { expect, test } from "../support/fixtures.ts";

/** Opens the CRM's page and waits for the console in it. */
async function openCrm(page: Page, urls: ConsoleUrls, query: Record<string, string>): Promise<FrameLocator> {
  await page.goto(`${urls.sandbox.replace("127.0.0.1", "localhost")}/crm?${new URLSearchParams(query)}`);
  const frame = page.frameLocator("iframe[title='CIAM Console']");
  await expect(frame.locator("html[data-hydrated]")).toBeAttached();
  return frame;
}

/** The page of the console that the CRM's own address leads to. */
function remembered(page: Page): string | null {
  return new URL(page.url()).searchParams.get("page");
}

/** Lets a page of the console believe that its session ends in so many seconds, for as long as `believes` says so. */
async function shortenSession(page: Page, urls: ConsoleUrls, seconds: number, believes: () => boolean): Promise<void> {
  await page.route(`${urls.console}/billers**`, async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 });
    const body = await answer.text();
    const shorter = body.replace(/data-ends-in="\d+"/, `data-ends-in="${seconds}"`);
    await route.fulfill({ response: answer, body: believes() ? shorter : body });
  });
}

const renewed = (page: Page) =>
  page.waitForResponse((answer) => answer.url().endsWith("/launch") && answer.status() === 204, { timeout: 20_000 });

test("the CRM's address leads to the same page of the console again", async ({ page, server, newBiller }) => {
  const { bid, name } = await newBiller({ name: "Quillayute Valley Light" });
  const frame = await openCrm(page, server.urls, { person: "account_manager" });
  await expect.poll(() => remembered(page)).toBe("/");
  await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
  await expect.poll(() => remembered(page)).toBe("/billers");
  await expect(page).toHaveTitle(/^Billers · CIAM Console .*IC CRM$/);

  await test.step("what is searched for is part of it", async () => {
    await frame.getByRole("searchbox").fill("quillayute");
    await expect.poll(() => remembered(page)).toContain("q=quillayute");
  });

  await test.step("a reload, or a colleague who opens the address, is there again", async () => {
    await page.reload();
    await expect(frame.getByRole("searchbox")).toHaveValue("quillayute");
    await expect.poll(() => remembered(page)).toContain("q=quillayute");
  });

  await test.step("and the browser's way back works", async () => {
    await frame.getByRole("link", { name, exact: true }).click();
    await expect.poll(() => remembered(page)).toBe(`/billers/${bid}`);
    await page.goBack();
    await expect.poll(() => remembered(page)).toContain("q=quillayute");
  });
});

test("the frame is as high as the page in it", async ({ page, server }) => {
  const frame = await openCrm(page, server.urls, { person: "ops", bid: "100104" });
  const rest = async () => {
    const shown = await page.locator("iframe[title='CIAM Console']").evaluate((it) => it.clientHeight);
    const needed = await frame.locator("body").evaluate((it: HTMLElement) => it.offsetHeight);
    return Math.abs(shown - needed);
  };
  await expect.poll(rest).toBeLessThanOrEqual(2);
  await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
  await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
  await expect.poll(rest).toBeLessThanOrEqual(2);
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(rest).toBeLessThanOrEqual(2);
});

test("the CRM leads to pages of the console, and nowhere else", async ({ page, server, enabledBiller }) => {
  const { bid } = await enabledBiller();
  const frame = await openCrm(page, server.urls, { person: "account_manager", bid });
  await page.getByRole("button", { name: "All billers" }).click();
  await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
  // A page hears the CRM once its script runs, and says then where it is.
  await expect.poll(() => remembered(page)).toBe("/billers");
  await page.getByRole("button", { name: `Status of ${bid}` }).click();
  await expect.poll(() => remembered(page)).toBe(`/billers/${bid}`);
  await expect(frame.locator("html[data-hydrated]")).toBeAttached();

  await test.step("an address outside is refused", async () => {
    const said = await page.evaluate(async (elsewhere) => {
      const element = document.querySelector("iframe") as HTMLIFrameElement;
      const origin = element.dataset.console as string;
      const refusals: string[] = [];
      const heard = new Promise<void>((all) =>
        window.addEventListener("message", ({ data }) => {
          if (data.ciam === "refused" && refusals.push(data.path) === elsewhere.length) all();
        }),
      );
      for (const path of elsewhere) element.contentWindow?.postMessage({ ciam: "navigate", path }, origin);
      await heard;
      return refusals;
    }, ["https://evil.example/", "//evil.example", "/do/sign_out", "javascript:alert(1)", ""]);
    expect(said).toHaveLength(5);
    expect(remembered(page)).toBe(`/billers/${bid}`);
  });

  await test.step("what somebody is typing is not lost unasked", async () => {
    await frame.getByLabel("Go-live day").fill("2027-03-01");
    page.once("dialog", (dialog) => dialog.dismiss());
    await page.getByRole("button", { name: "All billers" }).click();
    await expect(frame.getByLabel("Go-live day")).toHaveValue("2027-03-01");
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "All billers" }).click();
    await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
  });
});

test("the colours follow the CRM's at once, and stay", async ({ page, server }) => {
  const frame = await openCrm(page, server.urls, { person: "ops" });
  await page.getByLabel("Colours").selectOption("dark");
  await expect(frame.getByRole("main")).toHaveCSS("color-scheme", "dark");
  await expect(async () => {
    await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
    await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark", { timeout: 1_000 });
  }).toPass();
});

test("only the CRM's own window is heard", async ({ page, server }) => {
  const frame = await openCrm(page, server.urls, { person: "ops" });
  // The console's own page has the right window neither as sender nor as origin.
  await frame.locator("body").evaluate(() => {
    window.postMessage({ ciam: "theme", theme: "dark" }, "*");
    window.postMessage({ ciam: "navigate", path: "/billers" }, "*");
    return new Promise((later) => setTimeout(later, 200));
  });
  await expect(frame.locator("html")).not.toHaveAttribute("data-theme", "dark");
  expect(remembered(page)).toBe("/");
});

test("a session that is about to end goes on by a launch of the CRM, and nobody notices", async ({ page, server, enabledBiller }) => {
  const { bid } = await enabledBiller();
  let ending = true;
  await shortenSession(page, server.urls, 121, () => ending);
  const asked = page.waitForRequest((request) => request.url().includes("/crm/launches"), { timeout: 20_000 });
  const frame = await openCrm(page, server.urls, { person: "account_manager", bid });
  await page.getByRole("button", { name: `Status of ${bid}` }).click();
  await frame.locator('[data-ends-in="121"]').waitFor({ state: "attached" });
  await frame.getByLabel("Go-live day").fill("2027-04-01");
  // Asked once more, the server says that no other tab has kept it alive.
  await shortenSession(page, server.urls, 110, () => ending);
  const answer = renewed(page);
  await asked;
  ending = false;
  await answer;
  await expect(frame.getByRole("complementary", { name: "Your session" })).toBeHidden();
  await expect(frame.getByLabel("Go-live day")).toHaveValue("2027-04-01");
  await frame.getByRole("button", { name: "Save" }).click();
  await expect(frame.getByRole("status").filter({ hasText: "The go-live day is set." })).toBeVisible();
});

test("a session that has ended is begun anew by the CRM, and what was typed is still there", async ({
  page,
  server,
  ic,
  enabledBiller,
  consoleErrors,
}) => {
  consoleErrors.expect(/401/);
  const biller = await enabledBiller();
  const frame = await openCrm(page, server.urls, { person: "account_manager", bid: biller.bid });
  await frame.getByLabel("Go-live day").fill("2027-05-01");
  const answer = renewed(page);
  await page.context().clearCookies();
  await ic.announce(server.urls.console, { ...biller, name: `${biller.name} District` });
  await answer;
  await expect.poll(() => frame.locator("html").evaluate(() => document.title), "follows again").toContain("District");
  await expect(frame.getByLabel("Go-live day")).toHaveValue("2027-05-01");
  await frame.getByRole("button", { name: "Save" }).click();
  await expect(frame.getByRole("status").filter({ hasText: "The go-live day is set." })).toBeVisible();
});

test("where the CRM has somebody else signed in now, the page says so and changes nothing", async ({
  page,
  server,
  enabledBiller,
  consoleErrors,
}) => {
  consoleErrors.expect(/409/);
  const { bid } = await enabledBiller();
  const frame = await openCrm(page, server.urls, { person: "account_manager", bid });
  await frame.getByLabel("Go-live day").fill("2027-06-01");
  await page.evaluate(async () => {
    const element = document.querySelector("iframe") as HTMLIFrameElement;
    const token = await (await fetch("/crm/launches?person=ops", { method: "POST" })).text();
    element.contentWindow?.postMessage({ ciam: "launch", token }, element.dataset.console as string);
  });
  const notice = frame.getByRole("complementary", { name: "Your session" });
  await expect(notice).toContainText("The CRM has somebody else signed in now.");
  await expect(frame.getByRole("banner")).toContainText("Avery Cole");
  await expect(frame.getByLabel("Go-live day")).toHaveValue("2027-06-01");
});

test("in a window of its own a person is told in time, and stays with one press", async ({ page, server, signIn }) => {
  await signIn("Ops");
  let seconds = 121;
  await page.route(`${server.urls.console}/billers`, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/data-ends-in="\d+"/, `data-ends-in="${seconds}"`);
    await route.fulfill({ response: answer, body });
  });
  await page.goto("/billers");
  seconds = 100;
  const notice = page.getByRole("complementary", { name: "Your session" });
  await expect(notice).toContainText("You will be signed out in about two minutes");
  seconds = 3600;
  await notice.getByRole("button", { name: "Stay signed in" }).press("Enter");
  await expect(notice).toBeHidden();
});

test("whoever was signed out while typing is told, and what they send is kept", async ({ page, server, ic, signIn, enabledBiller, consoleErrors }) => {
  consoleErrors.expect(/401/);
  const biller = await enabledBiller();
  await signIn("Account manager");
  await page.goto(`/billers/${biller.bid}`);
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
  await page.getByLabel("Go-live day").fill("2027-07-01");
  await page.context().clearCookies();
  await ic.announce(server.urls.console, { ...biller, name: `${biller.name} District` });
  const notice = page.getByRole("complementary", { name: "Your session" });
  await expect(notice).toContainText("You were signed out.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByRole("button", { name: "Account manager", exact: true }).click();
  await expect(page.getByLabel("Go-live day")).toHaveValue("2027-07-01");
});
