// A browser that sends no cookies to other sites: only what is partitioned works in the CRM's frame there.

import { expect, test } from "../support/fixtures.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), "--test-third-party-cookie-phaseout"] });
  },
});

test("the session comes back from the frame, and a cookie without a partition does not", async ({
  page,
  context,
  server,
}) => {
  const { hostname } = new URL(server.urls.console);
  const canary = { name: "canary", value: "1", domain: hostname, path: "/", secure: true, sameSite: "None" as const };
  await context.addCookies([canary]);
  const framed: string[] = [];
  page.on("request", async (request) => {
    const { pathname, origin } = new URL(request.url());
    if (origin !== server.urls.console || !pathname.startsWith("/billers")) return;
    framed.push((await request.allHeaders()).cookie ?? "");
  });

  await page.goto(`${server.urls.sandbox.replace("127.0.0.1", "localhost")}/crm?person=account_manager&bid=100104`);
  const frame = page.frameLocator("iframe[title='CIAM Console']");
  await expect(frame.getByRole("banner")).toContainText("Avery Cole");
  await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
  await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
  await expect.poll(() => framed.length, "the biller and the list").toBeGreaterThanOrEqual(2);
  for (const cookies of framed) {
    expect(cookies).toContain("__Host-ciam-console=");
    expect(cookies).not.toContain("canary");
  }

  await test.step("in a window of its own: the canary is there, the person from the frame is not", async () => {
    framed.length = 0;
    await page.goto(`${server.urls.console}/billers`);
    await expect(page).toHaveURL(/\/sign-in/);
    await expect.poll(() => framed[0]).toContain("canary=1");
    expect(framed[0]).not.toContain("__Host-ciam-console=");
  });
});
