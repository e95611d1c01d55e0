import { defineConfig } from "@playwright/test";

// Each worker starts a console of its own (support/console-process.ts), so there is no `webServer` here.
export default defineConfig({
  testDir: "./tests",
  outputDir: "../target/playwright",
  workers: 2,
  fullyParallel: true, // every test makes what it needs, so it can go to whichever worker is free
  // A test that passes only sometimes is a fault, and here nothing is repeated. On a busy shared machine one repetition
  // is allowed: the list then names the test as flaky, with its trace, and the other hundred results are not lost.
  retries: process.env.CI === "true" ? 1 : 0,
  forbidOnly: process.env.CI === "true",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "America/Chicago",
    trace: { mode: "retain-on-failure", screenshots: false, sources: false }, // the film would cost a quarter of the time
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", // Chromium's own sandbox does not work for root, which continuous integration runs as
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
