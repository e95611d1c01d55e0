// A client secret is shown once: SecureAuth makes it, a person takes it to IC, nobody keeps it.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { islandsReady } from "../support/live.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";

/** A console whose applications prove themselves by secret. */
const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const env = { ...ic.settings, CIAM_OBJECTS__CLIENT_AUTH: '{method="client_secret"}' };
      const server = await ConsoleProcess.start({ name: "client-secret", env });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test.describe.configure({ timeout: 120_000 });

/** Whether the application is let in at its token endpoint: a wrong code is told only to whom SecureAuth knows. */
async function letsIn(sandboxUrl: string, clientId: string, secret: string): Promise<boolean> {
  const organization = clientId.replace(/-portal$/, "");
  const answer = await fetch(`${sandboxUrl}/sandbox/${organization}/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code: "none", redirect_uri: "https://x.example" }),
  });
  return answer.status !== 401;
}

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Type the biller's name to confirm").fill(name);
  await page.getByLabel("Reason").fill("REQ-7");
  await page.getByRole("button", { name: "Make and show the secret" }).click();
}

function shown(page: Page, label: string): Promise<string> {
  return page.getByRole("region").locator("dl > div").filter({ hasText: label }).getByRole("code").innerText();
}

test("a secret is made, shown, copied, works, and cannot be seen again", async ({
  page,
  context,
  signIn,
  enabledBiller,
  server,
}) => {
  const biller = await enabledBiller();
  const its = new BillerPage(page, biller);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn("Account manager");
  await its.open();
  await expect(page.getByRole("region", { name: "Next steps" })).toContainText("Hand over the client secret");
  await expect(its.objects).toContainText("a secret, which nobody has been given yet");

  await page.getByRole("link", { name: "Hand over the secret…" }).click();
  await islandsReady(page);
  await expect(page.getByRole("button", { name: "Make and show the secret" })).toBeDisabled();
  await expectGoodInEveryLook(page, "secret-asked");
  await page.setViewportSize({ width: 1280, height: 800 });
  await fillIn(page, biller.name);

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The client secret");
  await expect(page.getByRole("status").filter({ hasText: "You will not see it again" })).toBeVisible();
  const [clientId, secret] = [await shown(page, "Client id"), await shown(page, "Client secret")];
  await islandsReady(page);
  await page.getByRole("button", { name: "Copy client secret" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  expect(await letsIn(server.urls.sandbox, clientId, secret)).toBe(true);
  expect(await letsIn(server.urls.sandbox, clientId, `${secret}x`)).toBe(false);
  await expectGoodInEveryLook(page, "secret-shown");

  await test.step("reloading sends the form again, which makes no second one", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.reload();
    await expect(page.getByRole("alert")).toContainText("A secret was made since this page was opened");
    expect(await page.content()).not.toContain(secret);
  });

  await test.step("it is written down that it was made, and by whom; not what it is", async () => {
    await its.open("/activity");
    await expect(page.getByRole("main")).toContainText("New secret made and shown");
    expect(await page.content()).not.toContain(secret);
    await its.open();
    await expect(its.objects).toContainText("a secret, last made");
    expect(await page.content()).not.toContain(secret);
    expect(readFileSync(server.logFile, "utf8")).not.toContain(secret);
  });
});

test("of the secret before, the person decides when it ends", async ({ page, signIn, enabledBiller, server }) => {
  const biller = await enabledBiller();
  const address = `/billers/${biller.bid}/secret`;
  await signIn("Ops");
  const secrets: string[] = [];
  for (const ends of [undefined, "works for another hour", "ends at once"]) {
    await page.goto(address);
    if (ends !== undefined) await page.getByLabel("The secret before").selectOption({ label: ends });
    await fillIn(page, biller.name);
    secrets.push(await shown(page, "Client secret"));
  }
  const clientId = await shown(page, "Client id");
  const known = () => Promise.all(secrets.map((secret) => letsIn(server.urls.sandbox, clientId, secret)));
  await expect.poll(known).toEqual([true, false, true]);
});

test("a role that may not is told who may", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  await signIn("Support");
  await page.goto(`/billers/${biller.bid}`);
  const link = page.getByRole("link", { name: "Hand over the secret…" });
  await expect(link).toHaveAttribute("aria-disabled", "true");
  await expect(link).toHaveAccessibleDescription(/Your role may not hand over client secrets/);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a wrong name is told at the field; the right one shows the secret", async ({ page, signIn, enabledBiller }) => {
    const biller = await enabledBiller();
    await signIn("Product team");
    await page.goto(`/billers/${biller.bid}/secret`);
    await fillIn(page, "Some Other Water");
    await expect(page.getByLabel("Type the biller's name to confirm")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Reason")).toHaveValue("REQ-7");
    await fillIn(page, biller.name);
    expect(await shown(page, "Client secret")).toMatch(/^\S{32,}$/);
  });
});
