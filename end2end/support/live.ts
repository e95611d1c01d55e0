// Live pages change without being loaded anew.

import { expect, type Page } from "@playwright/test";

/** Waits until the page's islands listen. What was pressed before would be an ordinary post or link. */
export async function islandsReady(page: Page): Promise<void> {
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
}

/** Counts how often the page is loaded from now on. */
export function countLoads(page: Page): { readonly number: number } {
  const loads = { number: 0 };
  page.on("load", () => {
    loads.number += 1;
  });
  return loads;
}
