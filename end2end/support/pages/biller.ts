// One biller's page.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Announcement } from "../ic.ts";

/** What a run does, as its panel is headed. */
export type RunName = "Apply settings" | "Switch issuer" | "Enable" | "Undo enablement" | "Suspend" | "Resume";

export class BillerPage {
  readonly status: Locator;
  readonly action: (name: "Enable…" | "Suspend…" | "Resume…") => Locator;
  readonly loginUrl: Locator;
  readonly objects: Locator;
  readonly handoverText: Locator;

  constructor(
    readonly page: Page,
    readonly biller: Announcement,
  ) {
    this.status = page.getByRole("region", { name: "CIAM status" });
    this.action = (name) => page.getByRole("link", { name, exact: true });
    this.loginUrl = page.getByRole("region", { name: "Login URL" });
    this.objects = page.getByRole("region", { name: "At SecureAuth" });
    this.handoverText = page.getByLabel("Text for the biller");
  }

  get path(): string {
    return `/billers/${this.biller.bid}`;
  }

  /** Opens the page, or one of those behind it. */
  async open(part: "" | "/enable" | "/suspend" | "/resume" | "/activity" = ""): Promise<void> {
    await this.page.goto(this.path + part);
  }

  /** The run that is under way, failed, or finished last. */
  run(name: RunName): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** One step of a run. */
  step(run: RunName, name: string): Locator {
    const title = this.page.getByText(name, { exact: true });
    return this.run(run).getByRole("listitem").filter({ has: title });
  }

  /** The login URL that the page shows. */
  async shownLoginUrl(): Promise<string> {
    return this.loginUrl.getByRole("code").innerText();
  }

  /** Presses the action's button on its page, and arrives at this one. */
  async confirm(action: "Enable" | "Suspend" | "Resume", reason = ""): Promise<void> {
    if (action === "Suspend") await this.page.getByLabel("Type the biller's name to confirm").fill(this.biller.name);
    await this.page.getByLabel("Reason").fill(reason);
    await this.page.getByRole("button", { name: action, exact: true }).click();
    await expect(this.page).toHaveURL(this.path);
  }

  async expectStatus(word: string): Promise<void> {
    await expect(this.status.getByText(word, { exact: true })).toBeVisible({ timeout: 15_000 });
  }
}
