// A file of billers is looked at before anything changes; a bad row harms no other.

import { expect, test } from "../support/fixtures.ts";
import { importBillers, upload } from "../support/imports.ts";
import { BillersPage } from "../support/pages/billers.ts";

test("good rows are applied, and each bad row is named with line, field and cure", async ({
  page,
  signIn,
  nextNumber,
}) => {
  const word = `Foxglove${nextNumber()}`;
  const file = [
    "\ufeffName,colour,BID,customers,time_zone",
    `"${word} Gas, Light & ""Power""",red,${word}-1,1200,America/Chicago`,
    `${word} Many,blue,${word}-2,twelve,America/Chicago`,
    `${word} Nobody,green,,3,`,
    `,green,${word}-4,3,Texas`,
    `${word} Short,green`,
    `${word} Água,,${word}-6,,`,
  ].join("\r\n");
  await signIn("Ops");
  await upload(page, file, "Foxglove billers.csv");

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Foxglove billers.csv");
  await expect(page.getByRole("main")).toContainText("2 rows can be applied; 4 rows cannot and will be left out.");
  await expect(page.getByRole("main")).toContainText("Columns left alone: colour.");
  const errors = page.getByRole("table", { name: "Errors by line of the file" }).getByRole("row");
  await expect(errors).toContainText([
    /Line/,
    /3\s*customers.*"twelve" is not a whole number.*Give a whole number/,
    /4\s*bid/,
    /5\s*name.*is empty.*Give the name/,
    /5\s*time_zone.*"Texas" is not a time zone name.*IANA/,
    /6\s*whole row.*2 fields instead of 5/,
  ]);
  const sample = page.getByRole("table", { name: "First rows of the file" });
  await expect(sample.getByRole("row").filter({ hasText: `${word}-1` })).toContainText("1\u202f200");

  await page.getByRole("button", { name: "Apply 2 rows" }).click();
  await expect(page.getByRole("main")).toContainText("2 rows applied.");
  await expect(page.getByRole("button", { name: /Apply|Discard/ })).toHaveCount(0);
  const list = new BillersPage(page);
  await list.open(`?q=${word}`);
  await list.expectNames(`${word} Água`, `${word} Gas, Light & "Power"`);
});

test("the same file again changes nothing", async ({ page, signIn, nextNumber }) => {
  const bid = `teasel-${nextNumber()}`;
  await signIn("Ops");
  await importBillers(page, "bid,name", [`${bid},Teasel Power`]);
  await upload(page, `bid,name\n${bid},Teasel Power\n`);
  const effect = page.getByRole("region", { name: "What it does" });
  await expect(effect.getByRole("definition")).toHaveText(["1", "0", "0", "1", "0"]);
});

test("a file that is thrown away changes nothing", async ({ page, signIn, nextNumber, consoleErrors }) => {
  const bid = `yarrow-${nextNumber()}`;
  await signIn("Ops");
  await upload(page, `bid,name\n${bid},Yarrow Power\n`);
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page).toHaveURL("/import");
  await expect(page.getByRole("status").filter({ hasText: "thrown away" })).toBeVisible();
  consoleErrors.expect(/404/);
  const answer = await page.goto(`/billers/${bid}`);
  expect(answer?.status()).toBe(404);
});

test("a file that cannot be read says why and what to do", async ({ page, signIn }) => {
  await signIn("Ops");
  for (const [file, why] of [
    ["bid,title\n1,No name column\n", 'Line 1 names no column "name" (found: bid, title): add it to the first line.'],
    ["", "The file is empty: its first line must name the columns"],
    ["bid,name,Name\n", 'Line 1 names the column "name" twice'],
  ] as const) {
    await upload(page, file, "broken.csv");
    await expect(page.getByRole("main")).toContainText(why);
    await expect(page.getByRole("button", { name: /Apply|Discard/ })).toHaveCount(0);
    await page.getByRole("link", { name: "Upload another file" }).click();
    await expect(page).toHaveURL("/import");
  }
});

test("a file in another encoding names the line and the cure", async ({ page, signIn }) => {
  await signIn("Ops");
  await upload(page, Buffer.from("bid,name\n1,Plain\n2,\xc1gua\n", "latin1"), "latin1.csv");
  await expect(page.getByRole("main")).toContainText("UTF-8");
});
