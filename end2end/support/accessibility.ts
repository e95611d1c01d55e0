// What a program can check of WCAG 2.2 AA, and of good practice beyond it.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

/** Fails when axe finds anything on the page, naming each rule and element. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const findings = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}) at ${node.target.join(" ")}: ${node.failureSummary ?? node.html}`),
  );
  expect(findings, `axe findings on ${page.url()}`).toEqual([]);
}

/** Fails when the page is wider than the window. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(wide, `width of ${page.url()} in a window of ${window} pixels`).toBeLessThanOrEqual(window);
}
