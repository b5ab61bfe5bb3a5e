// SPDX-License-Identifier: Apache-2.0
// The page of a real run, whole.html: what axe says of all of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, violations } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing, ${colorScheme}`, { timeout: 60_000 }, async () => {
    const { page, problems, close } = await openPage(browser, "whole", { colorScheme });
    try {
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  });
}
