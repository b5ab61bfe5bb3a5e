// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, launch, openPage } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Run a test on the comparison, and expect it to have complained about nothing. */
function onPage(title, options, check) {
  test(title, { timeout: 60_000 }, async () => {
    const opened = await openPage(browser, "both", options);
    try {
      await check(opened.page);
      assert.deepEqual(opened.problems, []);
    } finally {
      await opened.close();
    }
  });
}

const names = (page) => page.locator("#steps tbody tr:visible th span.strong, #steps tbody tr:visible th span:nth-child(2)").allTextContents();

onPage("what got slower stands first, and both traces are named", {}, async (page) => {
  assert.match(await page.textContent("h1"), /^B is 1m 23s slower \(\+174 %\)$/);
  assert.match(await page.textContent("header"), /SparkException/);
  assert.match(await page.locator(".ranking li").first().textContent(), /process › Write Data \+31\.8s/);
});

onPage("rows of both traces stand side by side", {}, async (page) => {
  const row = page.locator("#rows tbody tr").first();
  assert.deepEqual((await row.locator("th, td").allTextContents()).map((cell) => cell.trim()), ["clean", "read", "4,002", "4,002", "±0"]);
});

onPage("unchanged steps are one click away", {}, async (page) => {
  assert.ok(!(await names(page)).includes("Drop Columns"));
  await page.click("#changed-only");
  assert.ok((await names(page)).includes("Drop Columns"));
});

onPage("the largest change comes first when asked for, and the order of the run comes back", {}, async (page) => {
  const first = () => page.locator("#steps tbody tr:visible .change").first().textContent();
  assert.equal(await first(), "±0ms");
  await page.click("#largest-first");
  assert.equal(await first(), "+1m 23s ×2.8");
  await page.click("#largest-first");
  assert.equal(await first(), "±0ms");
});

onPage("search keeps the steps of a name", {}, async (page) => {
  await page.fill("#search", "write data");
  assert.deepEqual([...new Set(await names(page))], ["Write Data"]);
  assert.equal(await page.textContent("#found"), "2 steps");
});

onPage("without scripts the whole table is there", { javaScriptEnabled: false }, async (page) => {
  assert.ok((await names(page)).includes("Drop Columns"));
});

for (const colorScheme of ["light", "dark"]) {
  onPage(`${colorScheme}: accessible`, { colorScheme, bypassCSP: true }, async (page) => {
    await page.evaluate(axeSource());
    const result = await page.evaluate(() => axe.run());
    assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes[0].target}: ${found.nodes[0].failureSummary}`), []);
  });
}
