// Coming in, being kept out, and going.

import { expect, ROLES, test } from "../support/fixtures.ts";

for (const role of ROLES) {
  test(`signs in as ${role}`, async ({ page, signIn }) => {
    await signIn(role);
    await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
    await expect(page.getByRole("banner")).toContainText(role);
  });
}

const PAGES = [
  "/",
  "/billers?q=water&sort=customers",
  "/billers/100104",
  "/billers/100104/enable",
  "/billers/100104/suspend",
  "/billers/100104/resume",
  "/billers/100104/activity",
  "/import",
  "/import/01990000-0000-7000-8000-000000000001",
  "/waves",
  "/waves/new?sel=100104",
  "/waves/01990000-0000-7000-8000-000000000001",
  "/deliveries",
  "/deliveries/01990000-0000-7000-8000-000000000001",
  "/activity",
];

test("without a session, every page leads to the sign-in page and remembers itself", async ({ page }) => {
  for (const address of PAGES) {
    await page.goto(address);
    const here = new URL(page.url());
    expect(here.pathname, address).toBe("/sign-in");
    expect(here.searchParams.get("next"), address).toBe(address);
  }
});

test("without a session, nothing can be exported or followed", async ({ request }) => {
  for (const address of ["/activity.csv", "/activity.jsonl"]) {
    const answer = await request.post(address, { maxRedirects: 0 });
    expect(answer.status(), address).toBe(303);
    expect(answer.headers()["location"], address).toMatch(/^\/sign-in/);
  }
  expect((await request.get("/events?topic=billers")).status()).toBe(401);
});

test("signing in goes on to the page that was asked for", async ({ page }) => {
  await page.goto("/billers?q=heath&sort=customers");
  await page.getByRole("button", { name: "Support" }).click();
  await expect(page).toHaveURL("/billers?q=heath&sort=customers");
});

test("signing in never leads to another site", async ({ page, server }) => {
  for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByRole("button", { name: "Support" }).click();
    await expect(page, next).toHaveURL(`${server.urls.console}/`);
  }
});

test("signing out ends the session", async ({ page, signIn }) => {
  await signIn("Support");
  await page.getByRole("banner").getByText("Sam Okafor").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  await page.goto("/billers");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("chosen colours stay for the session", async ({ page, signIn }) => {
  await signIn("Support");
  await page.goto("/billers");
  await page.getByRole("banner").getByText("Sam Okafor").first().click();
  const main = page.getByRole("main");
  await expect(main).toHaveCSS("color-scheme", "light");
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(main).toHaveCSS("color-scheme", "dark");
  await expect(page).toHaveURL("/billers");
  await page.goto("/waves");
  await expect(main).toHaveCSS("color-scheme", "dark");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("signs in all the same", async ({ page, signIn }) => {
    await signIn("Account manager");
    await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  });
});
