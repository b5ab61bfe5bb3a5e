// SPDX-License-Identifier: Apache-2.0
// The served page of a running trace: it takes over what is new, and loses nothing that its reader did.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, settled } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

test("what is searched for, in view, in focus and open stays while the trace grows", { timeout: 60_000 }, async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 700 } });
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(process.env.LIVE);
  await settled(page);
  const row = (name) => page.locator(".line", { has: page.locator(".label", { hasText: name }) });
  assert.match(await page.textContent("#facts"), /as of.*23:56:40 UTC, \d+.* ago/s);
  assert.equal(await page.evaluate(() => ROWS.find((one) => one.name === "Read Data").duration), 40_000);

  await row("Read Data").locator(".label").click();
  await page.keyboard.press("+");
  await page.fill("#search", "data");
  await settled(page);
  const state = () => page.evaluate(() => [byId("search").value, viewStart, viewEnd, scrollY, document.activeElement.id, panel.hidden, ROWS[selected].name, found.textContent]);
  const before = await state();
  await page.click("#pause");
  await page.focus("#search");
  await page.evaluate(() => update());
  assert.equal(await page.evaluate(() => ROWS.length), 3, "a paused page changes nothing");
  await page.evaluate(() => byId("pause").click());
  await page.evaluate(() => update());
  await settled(page);
  assert.equal(await page.evaluate(() => ROWS.length), 4);
  assert.deepEqual(await state(), [...before.slice(0, 4), "search", ...before.slice(5, 7), "2 hits"]);
  assert.match(await row("Read Data").locator(".c-total").textContent(), /^50\.0s$/);
  assert.match(await page.textContent("#panel"), /50\.0s/);
  assert.match(await page.textContent(".going"), /step 2: Write Data/);

  await page.evaluate(() => update());
  await settled(page);
  assert.equal(await page.locator("#pause").count(), 0, "the run is over");
  assert.equal(await page.textContent(".badge"), "OK");
  assert.deepEqual(problems, []);
  await page.close();
});
