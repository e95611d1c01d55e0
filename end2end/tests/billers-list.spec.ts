// The list of billers: search, filters, order, place and selection live in the URL.

import { expect, test } from "../support/fixtures.ts";
import { importBillers } from "../support/imports.ts";
import { islandsReady } from "../support/live.ts";
import { BillersPage } from "../support/pages/billers.ts";

/** Many billers that a search for their first word finds, and nothing else. */
function larkspurs(count: number, first: string): string[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, "0");
    return `${first}-${number},${first} ${number} Water,${index % 2 === 0 ? "TX" : "OK"},${index}`;
  });
}

test("pages through a large import and back", async ({ page, signIn, nextNumber }) => {
  const word = `Larkspur${nextNumber()}`;
  const list = new BillersPage(page);
  const name = (number: number) => `${word} ${String(number).padStart(4, "0")} Water`;
  await signIn("Ops");
  await importBillers(page, "bid,name,state,customers", larkspurs(2_120, word));

  await list.open(`?q=${word}`);
  await expect(list.names.first()).toHaveText(name(1));
  await expect(list.names.last()).toHaveText(name(50));
  await expect(list.previousPage).toBeDisabled();
  await list.nextPage.click();
  await expect(list.names.first()).toHaveText(name(51));

  await test.step("reload, back and forward", async () => {
    await page.reload();
    await expect(list.names.first()).toHaveText(name(51));
    await page.goBack();
    await expect(list.names.first()).toHaveText(name(1));
    await page.goForward();
    await expect(list.names.first()).toHaveText(name(51));
  });

  await test.step("from the last page backwards", async () => {
    await list.open(`?q=${word}&dir=desc`);
    await expect(list.names.first()).toHaveText(name(2_120));
    await list.nextPage.click();
    await expect(list.names.first()).toHaveText(name(2_070));
    await list.previousPage.click();
    await expect(list.names.first()).toHaveText(name(2_120));
    await expect(list.previousPage).toBeDisabled();
    await expect(list.nextPage).toBeEnabled();
  });

  await test.step("the last page is short and ends the list", async () => {
    await list.open(`?q=${word}&at=a~${word}-2100~${word.toLowerCase()} 2100 water`);
    await expect(list.names).toHaveCount(20);
    await expect(list.nextPage).toBeDisabled();
  });
});

test("filters and order live in the URL", async ({ page, signIn, nextNumber }) => {
  const word = `Sorrel${nextNumber()}`;
  const list = new BillersPage(page);
  await signIn("Ops");
  await importBillers(page, "bid,name,state,customers", larkspurs(4, word));
  await list.open();
  await islandsReady(page);

  await list.search.fill(word);
  await expect(list.names).toHaveCount(4);
  await page.getByLabel("State").selectOption("OK");
  await expect(list.names).toHaveText([`${word} 0002 Water`, `${word} 0004 Water`]);
  const customers = list.results.getByRole("columnheader", { name: "Customers" });
  await customers.getByRole("link").click();
  await expect(list.names).toHaveText([`${word} 0004 Water`, `${word} 0002 Water`]);
  await expect(customers).toHaveAttribute("aria-sort", "descending");
  await list.toggleStatus("Not enabled");
  await expect(page).toHaveURL((url) => url.searchParams.get("status") === "not_enabled");
  const { searchParams } = new URL(page.url());
  expect(Object.fromEntries(searchParams)).toMatchObject({ q: word, state: "OK", sort: "customers", dir: "desc" });

  await test.step("a reload changes nothing", async () => {
    await page.reload();
    await expect(list.search).toHaveValue(word);
    await expect(page.getByLabel("State")).toHaveValue("OK");
    await expect(list.status("Not enabled")).toBeChecked();
    await expect(list.names).toHaveText([`${word} 0004 Water`, `${word} 0002 Water`]);
  });

  await test.step("nor does a visit to a biller", async () => {
    await list.names.first().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${word} 0004 Water`);
    await page.goBack();
    await expect(list.search).toHaveValue(word);
    await expect(list.names).toHaveText([`${word} 0004 Water`, `${word} 0002 Water`]);
  });

  await test.step("what does not fit together finds nothing and says so", async () => {
    await islandsReady(page);
    await list.toggleStatus("Not enabled");
    await list.toggleStatus("Suspended");
    await expect(list.results).toContainText("No biller found");
    await list.results.getByRole("link", { name: "Clear filters" }).click();
    await expect(list.names.first()).toBeVisible();
    await expect(list.search).toHaveValue("");
  });
});

test("names sort without regard to accents and case, and are found so", async ({ page, signIn }) => {
  const list = new BillersPage(page);
  await signIn("Support");
  await list.open("?q=halau");
  await expect(list.names).toHaveText(["Hālau Kai Electric"]);
  await list.open("?q=ECLAIRAGE");
  await expect(list.names).toHaveText(["Grand Isle-Sur-Mer Éclairage"]);
  await list.open("?q=NW.0077");
  await expect(list.names).toHaveText(["Otter Sound Energy Alliance"]);
});

test("the selection is kept over searches and pages", async ({ page, signIn, newBiller }) => {
  const [one, two] = [await newBiller(), await newBiller()];
  const list = new BillersPage(page);
  await signIn("Ops");
  await list.open(`?q=${one.bid}`);
  await islandsReady(page);
  await list.tick(one.name);
  await list.search.fill(two.bid);
  await list.expectNames(two.name);
  await list.tick(two.name);
  await expect(page.getByText("2 billers selected")).toBeVisible();
  expect(new URL(page.url()).searchParams.getAll("sel")).toEqual([one.bid, two.bid]);
  await page.reload();
  await expect(page.getByText("2 billers selected")).toBeVisible();
  await islandsReady(page);
  await page.getByRole("link", { name: "Clear selection" }).click();
  await expect(page.getByText("0 billers selected")).toBeVisible();
  await expect(list.results.getByRole("checkbox", { name: `Select ${two.name}` })).not.toBeChecked();
});
