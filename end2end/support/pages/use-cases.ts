// The use cases of one biller, and the preview of a change.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Announcement } from "../ic.ts";

export type UseCase = "User hosting" | "Delegated login" | "Hosted login";
export type Position = "Inherit" | "On" | "Off";

export class UseCasesPage {
  readonly preview: Locator;
  readonly run: Locator;
  readonly history: Locator;
  readonly scheduled: Locator;

  constructor(
    readonly page: Page,
    readonly biller: Announcement,
  ) {
    this.preview = page.getByRole("button", { name: "Preview the change…" });
    this.run = page.getByRole("region", { name: "Change use cases", exact: true });
    this.scheduled = page.getByRole("region", { name: "Scheduled" });
    this.history = page.getByRole("region", { name: "History" });
  }

  get path(): string {
    return `/billers/${this.biller.bid}/use-cases`;
  }

  async open(): Promise<void> {
    await this.page.goto(this.path);
  }

  switch(useCase: UseCase): Locator {
    return this.page.getByRole("group", { name: useCase });
  }

  /** One position of a switch. */
  position(useCase: UseCase, position: Position): Locator {
    const name = position === "Inherit" ? /^Inherit/ : position;
    return this.switch(useCase).getByRole("radio", { name, exact: position !== "Inherit" });
  }

  /** Moves a switch, looks at the preview and confirms it there. */
  async move(useCase: UseCase, position: Position, reason = ""): Promise<void> {
    await this.position(useCase, position).check();
    await this.preview.click();
    await this.confirm(reason);
  }

  async confirm(reason = ""): Promise<void> {
    await this.page.getByLabel("Reason").fill(reason);
    await this.page.getByRole("button", { name: "Change", exact: true }).click();
    await expect(this.page).toHaveURL(this.path);
  }

  /** Schedules what the preview shows. */
  async later(day: string, time: string, reason = ""): Promise<void> {
    const field = this.page.getByLabel("Time", { exact: true });
    if (!(await field.isVisible())) await this.page.getByText("At a later time…").click();
    await this.page.getByLabel("Day").fill(day);
    // Tests are in more of a hurry than people, who give hours and minutes.
    await field.evaluate((input: HTMLInputElement) => (input.step = "1"));
    await field.fill(time);
    await this.page.getByLabel("Reason").fill(reason);
    await this.page.getByRole("button", { name: "Schedule", exact: true }).click();
  }

  async expectState(useCase: UseCase, word: string): Promise<void> {
    await expect(this.switch(useCase).getByText(word, { exact: true })).toBeVisible({ timeout: 15_000 });
  }

  /** Says that there are no users to move. */
  async declareNoUsers(): Promise<void> {
    await this.page.getByText("This biller has no users to move…").click();
    await this.page.getByRole("button", { name: "There are no users to move" }).click();
    await expect(this.page.getByRole("region", { name: "Users" })).toContainText("Nothing to move");
  }
}
