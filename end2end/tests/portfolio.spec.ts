// An account manager who is limited to a portfolio: no other biller exists.

import { expectAccessible } from "../support/accessibility.ts";
import { expect, LIMITED, PORTFOLIO, test } from "../support/fixtures.ts";
import { BillerPage } from "../support/pages/biller.ts";
import { BillersPage } from "../support/pages/billers.ts";

test("sees and enables the billers of the portfolio, and finds no other", async ({
  page,
  signIn,
  newBiller,
  nextNumber,
  consoleErrors,
}) => {
  const place = `Kelp Reach ${nextNumber()}`;
  const own = await newBiller({ name: `${place} Water`, portfolio: PORTFOLIO });
  const other = await newBiller({ name: `${place} Gas`, portfolio: "Plains" });
  const none = await newBiller({ name: `${place} Power` });

  await signIn(LIMITED);
  await expect(page.getByRole("banner")).toContainText(`${PORTFOLIO} only`);
  await expect(page.getByRole("main")).toContainText(`billers in the portfolio ${PORTFOLIO} sign in with SecureAuth`);
  await expectAccessible(page);

  const list = new BillersPage(page);
  await list.open(`?q=${encodeURIComponent(place)}`);
  await list.expectNames(own.name);
  await expect(page.getByRole("main")).toContainText(`billers in the portfolio ${PORTFOLIO}.`);
  await expectAccessible(page);

  const its = new BillerPage(page, own);
  await its.open();
  await expect(page.getByRole("region", { name: "From IC" })).toContainText(PORTFOLIO);
  await its.open("/enable");
  await its.confirm("Enable");
  await its.expectStatus("Enabled");

  consoleErrors.expect(/404/);
  for (const hidden of [other, none]) {
    for (const part of ["", "/enable", "/activity"]) {
      const answer = await page.goto(`/billers/${hidden.bid}${part}`);
      expect(answer?.status(), hidden.bid + part).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not found");
      await expect(page.getByRole("main")).not.toContainText(hidden.name);
    }
  }
  await page.goto("/activity");
  const entries = page.getByRole("region", { name: "Entries" });
  await expect(entries).toContainText(own.bid);
  await expect(entries).not.toContainText(other.bid);

  await signIn("Account manager");
  await list.open(`?q=${encodeURIComponent(place)}`);
  await expect(list.names).toHaveCount(3);
  await page.getByRole("combobox", { name: "Portfolio" }).selectOption(PORTFOLIO);
  await page.getByRole("button", { name: "Search" }).click();
  await list.expectNames(own.name);
});
