// Nothing may be reported as an error in the browser's console, unless a test says that it expects it.

import { type BrowserContext, expect } from "@playwright/test";

/** Collects what a browser context reports as errors. */
export class ConsoleErrors {
  readonly #seen: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Listens to every page of the context, also those opened later. */
  watch(context: BrowserContext): void {
    context.on("console", (message) => {
      if (message.type() === "error") this.#seen.push(`${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.#seen.push(`uncaught: ${error.error().message}`));
  }

  /** Errors matching this are part of the test, such as the browser's own note on a page answered with 404. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** Fails when anything unexpected was reported. */
  check(): void {
    const unexpected = this.#seen.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    expect(unexpected, "errors in the browser's console").toEqual([]);
  }
}
