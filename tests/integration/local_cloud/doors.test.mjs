// SPDX-License-Identifier: Apache-2.0
// A web page of another port, in a real Chromium, against what listens on this machine.
// ENDPOINT, TOKEN: the cloud. COLLECTOR: takes OTLP. LIVE: the page of a trace. FOREIGN: an empty page. CALLS: JSON, what
// the page tries at the cloud: [[path, body], ...].

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "../trace_viewer/browser/harness.mjs";

const { ENDPOINT, TOKEN, COLLECTOR, LIVE, FOREIGN, CALLS } = process.env;
const REBOUND = "evil.example"; // a name of the attacker's that points to this machine
let browser;
let page;

before(async () => {
  browser = await launch([`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
});
after(() => browser.close());

/** What a script of the page sees: a status and a text, or why there is none. */
const post = (address, body) =>
  page.evaluate(
    ([address, body]) =>
      fetch(address, { method: "POST", body }).then(
        async (answer) => [answer.status, await answer.text()],
        (error) => ["nothing", String(error)],
      ),
    [address, body],
  );

const visit = async (address) => {
  page = await browser.newPage();
  return page.goto(address);
};

test("a program is no page, though Node's fetch marks what it sends as browsers do", async () => {
  const answer = await fetch(`${ENDPOINT}/_local_cloud/faults`, { headers: { "X-Amz-Security-Token": TOKEN } });
  assert.deepEqual([answer.status, await answer.json()], [200, []]);
});

test("a page creates and runs no function", async () => {
  await visit(FOREIGN);
  for (const [path, body] of JSON.parse(CALLS)) assert.equal((await post(ENDPOINT + path, body))[0], "nothing");
});

test("a page whose name points here does not either", async () => {
  const { port } = new URL(ENDPOINT);
  const opened = await visit(`http://${REBOUND}:${port}/`);
  assert.equal(opened.status(), 403);
  for (const [path, body] of JSON.parse(CALLS)) assert.equal((await post(path, body))[0], 403);
});

test("a page sends no spans", async () => {
  await visit(FOREIGN);
  assert.equal((await post(`${COLLECTOR}/v1/traces`, "{}"))[0], "nothing");
  await visit(`http://${REBOUND}:${new URL(COLLECTOR).port}/`);
  assert.equal((await post("/v1/traces", "{}"))[0], 403);
});

test("a person opens the page of a trace, reloads it and follows a link to it", async () => {
  assert.equal((await visit(LIVE)).status(), 200);
  assert.equal((await page.reload()).status(), 200);
  await visit(FOREIGN);
  await page.evaluate((address) => (document.body.innerHTML = `<a href="${address}">trace</a>`), LIVE);
  const [answer] = await Promise.all([page.waitForResponse(LIVE), page.click("a")]);
  assert.equal(answer.status(), 200);
});

test("another page shows it in no frame and reads it under no name", async () => {
  await visit(FOREIGN);
  await page.evaluate((address) => (document.body.innerHTML = `<iframe src="${address}"></iframe>`), LIVE);
  assert.equal((await page.waitForResponse(LIVE)).status(), 403);
  assert.equal((await visit(`http://${REBOUND}:${new URL(LIVE).port}/`)).status(), 403);
});
