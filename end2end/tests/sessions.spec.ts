// Where one is signed in, and ending a session from elsewhere.

import { expect, test } from "../support/fixtures.ts";

test("a session on another device is seen and ended from here", async ({ page, signIn, browser, server, consoleErrors }) => {
  consoleErrors.expect(/401/);
  await signIn("Vendor review");
  const elsewhere = await browser.newPage({ baseURL: server.urls.console });
  await elsewhere.goto("/sign-in");
  await elsewhere.getByRole("button", { name: "Vendor review" }).click();
  await expect(elsewhere).toHaveURL("/");

  await page.getByRole("banner").getByText("Vera Lindqvist").first().click();
  await page.getByRole("link", { name: "Sessions" }).click();
  const mine = page.getByRole("region", { name: "Your sessions" });
  await expect(mine.getByText("This session")).toHaveCount(1);
  const others = await mine.getByRole("button", { name: /^End the session in/ }).count();
  expect(others).toBeGreaterThanOrEqual(1);
  await page.getByRole("button", { name: "End all my other sessions" }).click();
  await expect(page.getByRole("status").filter({ hasText: "ended" })).toBeVisible();
  await expect(mine.getByRole("row")).toHaveCount(2);

  await elsewhere.goto("/billers");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await page.goto("/billers");
  await expect(page.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
  await elsewhere.close();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the platform owner signs a person out everywhere", async ({ page, signIn, browser, server }) => {
    const leaver = await browser.newPage({ baseURL: server.urls.console, javaScriptEnabled: false });
    await leaver.goto("/sign-in");
    await leaver.getByRole("button", { name: "Auditor" }).click();
    await signIn("Platform owner");
    await page.goto("/sessions");
    // The CRM has an Iris Weber, too, and another test may have left her signed in.
    const end = page.getByRole("button", { name: "End all sessions of Iris Weber" });
    await expect(async () => {
      if ((await end.count()) > 0) await end.first().click();
      await expect(end).toHaveCount(0, { timeout: 500 });
    }).toPass();
    await leaver.goto("/activity");
    await expect(leaver).toHaveURL(/\/sign-in/);
    await leaver.close();
  });
});
