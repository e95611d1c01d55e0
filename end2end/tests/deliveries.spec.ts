// IC is told of what happened by signed events, until it has taken them.

import { createHmac } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { RECEIVER, type ReceivedEvent, SIGNING_SECRET } from "../support/ic.ts";
import { islandsReady } from "../support/live.ts";
import { BillerPage } from "../support/pages/biller.ts";

test("an enabled biller is told of by a signed event", async ({ page, signIn, enabledBiller, ic, server }) => {
  const biller = await enabledBiller();
  await expect.poll(() => ic.eventsAbout(biller.bid).length).toBe(1);
  const event = ic.eventsAbout(biller.bid)[0]!;
  expect(signatureFits(event), "signature").toBe(true);
  expect(JSON.parse(event.body)).toMatchObject({
    type: "biller.enabled",
    data: { bid: biller.bid, login_url: `${server.urls.public}/b/${slugOf(biller.name)}` },
  });

  await signIn("Ops");
  await page.goto(`/deliveries?bid=${biller.bid}`);
  const row = only(page);
  await expect(row).toContainText("Biller enabled");
  await expect(row).toContainText(RECEIVER);
  await expect(row).toContainText("Delivered");
  await expect(row).toContainText("HTTP 204");
  await row.getByRole("link", { name: "Biller enabled" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Biller enabled for ${biller.bid}`);
  await expect(page.getByLabel("Body of the event")).toContainText('"biller.enabled"');
  await expect(page.getByRole("region", { name: "Delivery" })).toContainText(String(event.headers["webhook-id"]));
  const again = page.getByRole("button", { name: "Send again now" });
  await expect(again).toBeDisabled();
  await expect(again).toHaveAccessibleDescription(/It was delivered at .*: nothing has to be done/);
});

test("a receiver that fails is tried again with the same event until it takes it", async ({
  page,
  signIn,
  newBiller,
  ic,
}) => {
  const its = new BillerPage(page, await newBiller());
  ic.answerEventsAbout(its.biller.bid, 500);
  await signIn("Ops");
  await its.open("/enable");
  await its.confirm("Enable");
  await its.expectStatus("Enabled");

  await page.goto(`/deliveries?bid=${its.biller.bid}`);
  await islandsReady(page);
  const row = only(page);
  await expect(row).toContainText("Waiting");
  await expect(row).toContainText("HTTP 500: The receiver failed. Its own log says why.");
  await expect(row).toContainText("next try");
  await expect(row, "live").toContainText("Delivered", { timeout: 15_000 });
  const events = ic.eventsAbout(its.biller.bid);
  expect(events.map(({ answered }) => answered)).toEqual([500, 204]);
  expect(new Set(events.map(({ headers }) => headers["webhook-id"])).size, "event ids").toBe(1);
  expect(events.every(signatureFits), "signatures").toBe(true);
});

test("what was given up can be sent again by hand", async ({ page, signIn, newBiller, ic }) => {
  const its = new BillerPage(page, await newBiller());
  ic.answerEventsAbout(its.biller.bid, 410);
  await signIn("Ops");
  await its.open("/enable");
  await its.confirm("Enable");
  await its.expectStatus("Enabled");

  await page.goto(`/deliveries?bid=${its.biller.bid}`);
  await expect(only(page)).toContainText("Gave up");
  await page.goto("/");
  await page.getByRole("link", { name: /not delivered$/ }).click();
  await expect(page).toHaveURL(/state=gave_up/);
  await page.getByRole("row").filter({ hasText: its.biller.bid }).getByRole("link", { name: "Biller enabled" }).click();
  await islandsReady(page);
  await page.getByRole("button", { name: "Send again now" }).click();
  await expect(page.getByRole("region", { name: "Delivery" })).toContainText("Delivered", { timeout: 10_000 });
  expect(ic.eventsAbout(its.biller.bid).map(({ answered }) => answered)).toEqual([410, 204]);
});

test("an auditor sees deliveries but sends none", async ({ page, signIn, enabledBiller }) => {
  const biller = await enabledBiller();
  await signIn("Auditor");
  await page.goto(`/deliveries?bid=${biller.bid}`);
  await only(page).getByRole("link", { name: "Biller enabled" }).click();
  const again = page.getByRole("button", { name: "Send again now" });
  await expect(again).toBeDisabled();
  await expect(again).toHaveAccessibleDescription(/Your role may not send deliveries again/);
});

/** The last part of a login URL. */
function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

/** The only delivery that is listed. */
function only(page: Page): Locator {
  return page.getByRole("table", { name: "Deliveries, newest first" }).getByRole("row").nth(1);
}

/** As Standard Webhooks has it: HMAC-SHA256 over id, timestamp and body. */
function signatureFits({ headers, body }: ReceivedEvent): boolean {
  const key = Buffer.from(SIGNING_SECRET.replace("whsec_", ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const fitting = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return headers["webhook-signature"] === fitting;
}
