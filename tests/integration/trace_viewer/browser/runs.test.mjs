// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, launch, openPage } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Run a test on the list of runs, and expect it to have complained about nothing. */
function onPage(title, options, check) {
  test(title, { timeout: 60_000 }, async () => {
    const opened = await openPage(browser, "runs", options);
    try {
      await check(opened.page);
      assert.deepEqual(opened.problems, []);
    } finally {
      await opened.close();
    }
  });
}

const boxes = (page) => page.locator("#runs tbody input");

onPage("the newest run stands first, with what is unusual", {}, async (page) => {
  const cells = await page.locator("#runs tbody tr").first().locator("th, td").allTextContents();
  assert.deepEqual(cells.slice(1).map((cell) => cell.trim()), [
    "2023-11-19 22:13:20 UTC", "OK", "32.0s", "10,000", "1.0 %", "orders", "", "+39 %: orders › Join",
  ]);
  assert.equal(await page.locator(".trends figure").count(), 3); // nobody knows the cost
  assert.equal(await page.locator(".trends circle").count(), 18);
});

onPage("two ticks compare, the older run first; a third takes the place of the first", {}, async (page) => {
  await boxes(page).nth(0).check();
  assert.ok(await page.locator("#compared").isHidden());
  await boxes(page).nth(1).check();
  assert.equal(await page.textContent("#compared h2"), "B is 9.00s slower (+39 %)");
  assert.match(await page.textContent("#compared tbody tr:first-child"), /orders › Join11\.0s20\.0s9\.00s slower \(\+82 %\)/);
  assert.match(await page.textContent("#compared code"), /--trace-id 1-\S+04 --compare 1-\S+05/);
  await boxes(page).nth(3).check();
  assert.equal(await boxes(page).nth(0).isChecked(), false);
  assert.equal(await page.textContent("#compared h2"), "B is as long");
});

onPage("keys move, tick and open", {}, async (page) => {
  await boxes(page).nth(0).focus();
  await page.keyboard.press("Enter"); // the newest run's trace is nowhere
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  assert.ok(await boxes(page).nth(1).isChecked());
  await page.keyboard.press("End");
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr").rowIndex), 6);
  await page.keyboard.press("Enter");
  await page.waitForURL(/pipeline\.html$/);
});

onPage("search keeps the runs with all words", {}, async (page) => {
  await page.fill("#search", "join +39");
  assert.equal(await page.textContent("#found"), "1 of 6");
});

onPage("without scripts the whole table is there", { javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator("#runs tbody tr").count(), 6);
});

onPage("at 320 pixels the page is no wider than the screen", { width: 320 }, async (page) => {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
});

for (const colorScheme of ["light", "dark"]) {
  onPage(`${colorScheme}: accessible`, { colorScheme, bypassCSP: true }, async (page) => {
    await boxes(page).nth(0).check();
    await boxes(page).nth(1).check();
    await page.evaluate(axeSource());
    const result = await page.evaluate(() => axe.run());
    assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes[0].target}: ${found.nodes[0].failureSummary}`), []);
  });
}
