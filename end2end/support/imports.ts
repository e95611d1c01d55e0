// Bringing billers in from a file, as Ops do.

import { expect, type Page } from "@playwright/test";

/** Uploads a file and arrives at its preview. */
export async function upload(page: Page, file: string | Buffer, name = "billers.csv"): Promise<void> {
  await page.goto("/import");
  const buffer = Buffer.from(file);
  await page.getByLabel("CSV file").setInputFiles({ name, mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Upload and check" }).click();
  await expect(page).toHaveURL(/\/import\/[0-9a-f-]{36}$/);
}

/** Uploads rows and applies them. */
export async function importBillers(page: Page, header: string, rows: readonly string[]): Promise<void> {
  await upload(page, [header, ...rows, ""].join("\n"));
  await page.getByRole("button", { name: /^Apply/ }).click();
  await expect(page.getByRole("status").filter({ hasText: "The billers are in." })).toBeVisible();
}
