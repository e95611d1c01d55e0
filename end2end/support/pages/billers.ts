// The list of billers.

import { expect, type Locator, type Page } from "@playwright/test";

export class BillersPage {
  readonly search: Locator;
  readonly results: Locator;
  /** The names in the list, in order. */
  readonly names: Locator;
  readonly nextPage: Locator;
  readonly previousPage: Locator;

  constructor(readonly page: Page) {
    this.search = page.getByRole("searchbox", { name: "Search by name or bid" });
    this.results = page.getByRole("region", { name: "Results" });
    this.names = this.results.getByRole("rowgroup").last().getByRole("link");
    this.nextPage = page.getByRole("button", { name: "Next page" });
    this.previousPage = page.getByRole("button", { name: "Previous page" });
  }

  async open(query = ""): Promise<void> {
    await this.page.goto(`/billers${query}`);
  }

  tick(name: string): Promise<void> {
    return this.results.getByRole("checkbox", { name: `Select ${name}` }).check();
  }

  /** Presses the chip of a CIAM status: the box itself lies under it. */
  async toggleStatus(word: string): Promise<void> {
    await this.page.getByRole("group", { name: "CIAM status" }).getByText(new RegExp(`^${word}`)).click();
  }

  status(word: string): Locator {
    return this.page.getByRole("checkbox", { name: new RegExp(`^${word}`) });
  }

  async expectNames(...names: string[]): Promise<void> {
    await expect(this.names).toHaveText(names);
  }
}
