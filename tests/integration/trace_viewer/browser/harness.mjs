// SPDX-License-Identifier: Apache-2.0
// Opens rendered pages in a real Chromium. PAGES names the folder that the pytest side rendered them into.

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
export const axeSource = () => require("axe-core").source;

// These make Chromium one process, which ends with its first page.
const UNWANTED = new Set(["--single-process", "--no-zygote", "--disable-web-security"]);

export async function launch(more = []) {
  // With this variable the package also unpacks the system libraries (libnss3 ...) that a bare machine lacks.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const { default: chromium } = await import(pathToFileURL(require.resolve("@sparticuz/chromium")));
  const { chromium: playwright } = require("playwright-core");
  const options = {
    args: [...chromium.args.filter((argument) => !UNWANTED.has(argument)), ...more],
    executablePath: await chromium.executablePath(),
    headless: true,
  };
  // On a busy machine Chromium itself has crashed while it started (SIGSEGV): once more, then it counts.
  return playwright.launch(options).catch(() => playwright.launch(options));
}

/** Open a page; `problems` collects what the console, the network and the script complain about. */
export async function openPage(browser, name, { width = 1280, height = 900, ...options } = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => request.url().startsWith("http") && problems.push(`request: ${request.url()}`));
  await page.goto(pathToFileURL(path.join(process.env.PAGES, `${name}.html`)).href + hash);
  if (options.javaScriptEnabled !== false) await settled(page);
  return { page, problems, close: () => context.close() };
}

/** Return what axe has to say against a page, or a part of it. */
export async function violations(page, part = "html") {
  await page.evaluate(axeSource());
  const found = await page.evaluate((selector) => axe.run(selector), part);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

/** Wait until what the last action asked to draw is drawn. */
export const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

export const labels = (page) => page.locator("#body .label").allTextContents();
