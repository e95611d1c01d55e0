// How a page looks: checked in both colour schemes, at a desk's width and a phone's.

import { expect, type Page, test } from "@playwright/test";
import path from "node:path";
import { expectAccessible, expectNoSidewaysScrolling, expectWordsApart } from "./accessibility.ts";

const PICTURES = path.resolve(import.meta.dirname, "../../target/screenshots");

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROWEST = { width: 320, height: 640 };

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [DESK, PHONE].map((viewport) => ({ name: `${colorScheme}-${viewport.width}`, colorScheme, viewport })),
);

/**
 * Checks the page as it stands now in every look, and saves a picture of each as
 * target/screenshots/NAME-LOOK.png.
 */
export async function expectGoodInEveryLook(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page).toHaveTitle(/\S.* · CIAM Console/);
  for (const look of LOOKS) {
    await test.step(look.name, async () => {
      await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(look.viewport);
      await settled(page);
      await expectAccessible(page);
      await expectNoSidewaysScrolling(page);
      await expectWordsApart(page);
      await takePicture(page, `${name}-${look.name}`);
    });
  }
  await page.setViewportSize(NARROWEST);
  await expectNoSidewaysScrolling(page);
}

/** Colours that fade are measured as they will be in the end. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
  });
}

async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({
    path: path.join(PICTURES, `${name}.png`),
    fullPage: true,
    animations: "disabled",
    caret: "hide",
  });
}
