// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, settled, violations } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Run a test on the page of a run with four findings, and expect it to have complained about nothing. */
function onPage(title, options, check) {
  test(title, { timeout: 60_000 }, async () => {
    const opened = await openPage(browser, "bad", options);
    try {
      await check(opened.page);
      assert.deepEqual(opened.problems, []);
    } finally {
      await opened.close();
    }
  });
}

onPage("the page opens with three findings and folds the rest", {}, async (page) => {
  assert.equal(await page.locator("#findings h2").textContent(), "Findings 4");
  assert.equal(await page.locator(".finding:visible").count(), 3);
  const box = await page.locator("#findings").boundingBox();
  assert.ok(box.y < 200, `findings at ${box.y}`);
  await page.click("#findings .rest summary");
  assert.equal(await page.locator(".finding:visible").count(), 4);
});

onPage("a finding leads to the row that shows it", {}, async (page) => {
  await page.locator(".finding", { hasText: "Skew" }).getByRole("button").click();
  await settled(page);
  const row = page.locator(".line[aria-selected=true]");
  assert.equal(await row.locator(".label").textContent(), "Spark stage 4");
  const box = await row.boundingBox();
  assert.ok(box.y > 0 && box.y < 900, `row at ${box.y}`);
});

onPage("its evidence opens beside it", {}, async (page) => {
  const skew = page.locator(".finding", { hasText: "Skew" });
  assert.equal(await skew.locator("dl").isVisible(), false);
  await skew.locator("summary").click();
  assert.match(await skew.locator("dl").innerText(), /longest_task_ms\s+2860/);
});

for (const colorScheme of ["light", "dark"]) {
  onPage(`axe finds nothing, ${colorScheme}, with everything open`, { colorScheme }, async (page) => {
    for (const summary of await page.locator("#findings summary").all()) if (await summary.isVisible()) await summary.click();
    assert.deepEqual(await violations(page, "#findings"), []);
  });
}

onPage("nothing is wider than a small screen", { width: 380 }, async (page) => {
  const widest = await page.evaluate(() => Math.max(...[...document.querySelectorAll("#findings *")].map((element) => element.getBoundingClientRect().right)));
  assert.ok(widest <= 380, `${widest} px`);
});
