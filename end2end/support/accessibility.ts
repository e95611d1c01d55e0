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

/** Fails where two texts on a line stand so close that they read as one word. */
export async function expectWordsApart(page: Page): Promise<void> {
  const together = await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const letter = /[\p{L}\p{N}]/u;
    const found: string[] = [];
    const around = (node: Node): [DOMRect, DOMRect] | undefined => {
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
      const [first, last] = [rects.at(0), rects.at(-1)];
      return first && last && [first, last];
    };
    let before: Text | undefined;
    while (texts.nextNode()) {
      const node = texts.currentNode as Text;
      if (node.parentElement?.closest(".sr-only") || !around(node)) continue;
      const touching = before && letter.test(before.data.at(-1) ?? "") && letter.test(node.data.at(0) ?? "");
      if (before && touching && before.parentNode !== node.parentNode) {
        const [left, right] = [around(before)?.[1], around(node)?.[0]];
        const sameLine = left && right && left.bottom > right.top && right.bottom > left.top;
        if (sameLine && right.left >= left.right - 1 && right.left - left.right < 2)
          found.push(`${before.data.slice(-30)}|${node.data.slice(0, 30)}`);
      }
      before = node;
    }
    return found;
  });
  expect(together, `texts without a space between them on ${page.url()}`).toEqual([]);
}

/** Fails when the page is wider than the window. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(wide, `width of ${page.url()} in a window of ${window} pixels`).toBeLessThanOrEqual(window);
}
