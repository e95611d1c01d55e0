// The move of one biller's users.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Announcement } from "../ic.ts";
import { islandsReady } from "../live.ts";

/** bcrypt of `U*U`. */
export const BCRYPT = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/** A file of users; the numbers are in their names. */
export function usersFile(count: number, more: readonly string[] = []): string {
  const rows = Array.from({ length: count }, (_, n) => `${n},user${n},user${n}@x.example,active,${BCRYPT}`);
  return ["id,username,email,status,password", ...rows, ...more, ""].join("\n");
}

export class MigrationPage {
  readonly path: string;
  /** Where the move stands. */
  readonly standing: Locator;

  constructor(
    readonly page: Page,
    biller: Announcement,
  ) {
    this.path = `/billers/${biller.bid}/migration`;
    this.standing = page.locator("#move");
  }

  async open(): Promise<void> {
    await this.page.goto(this.path);
    await islandsReady(this.page);
  }

  /** Uploads a file and waits for the end of the check. */
  async upload(text: string): Promise<void> {
    await this.send(text);
    await this.expectState("Ready to start");
  }

  /** Uploads a file, whatever becomes of it. */
  async send(text: string): Promise<void> {
    await this.open();
    const file = { name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(text) };
    await this.page.getByLabel("File of users").setInputFiles(file);
    await this.page.getByRole("button", { name: "Upload and check" }).click();
  }

  /** Presses one of the buttons under Decision. */
  async ask(act: "Start" | "Pause" | "Go on" | "Cancel"): Promise<void> {
    await this.page.locator("#decision").getByRole("button", { name: act, exact: true }).click();
  }

  async expectState(state: string): Promise<void> {
    await expect(this.standing).toContainText(state, { timeout: 30_000 });
  }

  /** How many rows stand there under this word; 0 where none does. */
  async rows(state: string): Promise<number> {
    const facts = this.page.locator("#states .fact").filter({ has: this.page.getByText(state, { exact: true }) });
    if ((await facts.count()) === 0) return 0;
    return Number((await facts.locator("dd").innerText()).replace(/\D/g, ""));
  }
}
