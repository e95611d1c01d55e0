// Everyone's sign-ins are held off at once, and a second person lifts it. On a console of its own: it concerns all.

import { ConsoleProcess } from "../support/console-process.ts";
import { expect, test as base } from "../support/fixtures.ts";
import { expectGoodInEveryLook } from "../support/looks.ts";
import { BillerPage } from "../support/pages/biller.ts";

const test = base.extend<object, { server: ConsoleProcess }>({
  server: [
    async ({ ic }, use) => {
      const server = await ConsoleProcess.start({ name: "everyone", env: ic.settings });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test("everyone's sign-ins are held off at once, and a second person lifts it", async ({ page, signIn, enabledBiller }) => {
  const billers = [await enabledBiller(), await enabledBiller()];
  await signIn("Ops");
  const urls: string[] = [];
  for (const biller of billers) {
    const its = new BillerPage(page, biller);
    await its.open();
    urls.push(await its.shownLoginUrl());
  }
  const leadTo = async (expected: string | RegExp) => {
    for (const url of urls) {
      await page.goto(url);
      await expect(page.getByRole("main")).toContainText(expected);
    }
  };
  await leadTo(/Sign in to/);

  await page.goto("/emergencies");
  const everyone = page.getByRole("region", { name: "Everyone", exact: true });
  await everyone.getByLabel(/everyone/).fill("everyone");
  await everyone.getByLabel("Reason").fill("SecureAuth was broken into");
  await everyone.getByRole("button", { name: "Hold everyone's sign-ins off" }).click();
  await leadTo("This is IC's own login page");

  await page.goto("/emergencies");
  const its = page.getByRole("region", { name: "Emergencies" }).getByRole("listitem").filter({ hasText: "SecureAuth was broken into" });
  await expect(its).toContainText("You held these sign-ins off yourself: a second person has to look at it.");
  await signIn("Platform owner");
  await page.goto("/emergencies");
  await expectGoodInEveryLook(page, "emergency-everyone");
  await its.getByLabel("What you found").fill("It was a false alarm");
  await its.getByRole("button", { name: "Lift it" }).click();
  await expect(its).toContainText("Lifted");
  await leadTo(/Sign in to/);
});
