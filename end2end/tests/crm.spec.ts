// The console in a frame of the CRM, which is another site.

import { expectAccessible, expectNoSidewaysScrolling } from "../support/accessibility.ts";
import { expect, test } from "../support/fixtures.ts";

/** The CRM's page: `localhost`, while the console is at `127.0.0.1`, so that browsers take them for two sites. */
function crm(sandbox: string, query: Record<string, string>): string {
  return `${sandbox.replace("127.0.0.1", "localhost")}/crm?${new URLSearchParams(query)}`;
}

test("the CRM's page shows the biller, in the name of whoever is signed in there", async ({ page, server }) => {
  await page.goto(crm(server.urls.sandbox, { person: "account_manager", bid: "100104" }));
  const frame = page.frameLocator("iframe[title='CIAM Console']");
  await expect(frame.getByRole("banner")).toContainText("Avery Cole");
  await expect(frame.getByRole("heading", { level: 1 })).toBeVisible();
  const address = page.frames().map((it) => new URL(it.url()).pathname);
  expect(address).toContain("/billers/100104");

  await test.step("the session holds inside of the frame, for reading and for forms", async () => {
    await frame.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Billers" }).click();
    await expect(frame.getByRole("heading", { level: 1, name: "Billers" })).toBeVisible();
    await frame.getByRole("banner").getByText("Avery Cole").first().click();
    await frame.getByRole("button", { name: "Dark" }).click();
    await expect(frame.getByRole("main")).toHaveCSS("color-scheme", "dark");
  });

  await test.step("and somebody else in the CRM is somebody else in the console", async () => {
    await page.getByLabel("You are").selectOption({ label: "Iris Weber · Audit" });
    await page.getByRole("button", { name: "Open" }).click();
    await expect(frame.getByRole("banner")).toContainText("Iris Weber");
  });
});

test("no other site gets the console into a frame", async ({ page, server, consoleErrors }) => {
  consoleErrors.expect(/frame-ancestors|Framing|refused to connect/i);
  // The login URLs' listener is another origin; its address is as good as any attacker's.
  await page.route(`${server.urls.public}/attack`, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<title>Win a prize</title><iframe title="bait" src="${server.urls.console}/billers"></iframe>`,
    }),
  );
  await page.goto(`${server.urls.public}/attack`);
  await expect(async () => {
    const bait = page.frames().find((frame) => frame.parentFrame() !== null);
    expect(bait?.url()).toMatch(/^chrome-error:/);
  }).toPass({ timeout: 10_000 });
});

test("a biller that is not here is told of, on the overview", async ({ page, server }) => {
  await page.goto(crm(server.urls.sandbox, { person: "ops", bid: "no-such-biller" }));
  const frame = page.frameLocator("iframe[title='CIAM Console']");
  await expect(frame.getByText("The CRM asked for biller \"no-such-biller\"")).toBeVisible();
});

test("a used launch is refused with a page that the CRM can show in its frame", async ({
  page,
  server,
  playwright,
}) => {
  await page.goto(crm(server.urls.sandbox, { person: "ops" }));
  const frame = page.frameLocator("iframe[title='CIAM Console']");
  await expect(frame.getByRole("banner")).toContainText("Tomás Rivera");
  const origin = new URL(page.url()).origin;
  // With cookies of its own: the session of the page goes on.
  const elsewhere = await playwright.request.newContext();
  const launch = await (await elsewhere.get(`${origin}/crm/console?person=ops`)).text();
  const token = /name="token" value="([^"]+)"/.exec(launch)?.[1] ?? "";
  const used = await elsewhere.post(`${server.urls.console}/launch`, { form: { token }, maxRedirects: 0 });
  expect(used.status()).toBe(303);
  const again = await elsewhere.post(`${server.urls.console}/launch`, { form: { token }, maxRedirects: 0 });
  expect(again.status()).toBe(403);
  expect(await again.text()).toContain("open the console from there again");
  expect(again.headers()["content-security-policy"]).toContain(`frame-ancestors ${origin}`);
  await elsewhere.dispose();
});

test("the CRM's page is good to use in both themes", async ({ page, server }) => {
  await page.goto(crm(server.urls.sandbox, {}));
  await expect(page.frameLocator("iframe[title='CIAM Console']").getByRole("banner")).toContainText("Avery Cole");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScrolling(page);
});
