// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { axeSource, labels, launch, openPage, settled } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Run a test on one page, and expect it to have complained about nothing. */
function onPage(title, name, options, check) {
  test(title, { timeout: 60_000 }, async () => {
    const opened = await openPage(browser, name, options);
    try {
      await check(opened.page);
      assert.deepEqual(opened.problems, []);
    } finally {
      await opened.close();
    }
  });
}

onPage("a failed step is open and selected, with its exception", "failed", {}, async (page) => {
  assert.equal(await page.locator(".line[aria-selected=true] .label").textContent(), "Stage 21: window and write");
  assert.match(await page.locator("#panel .error").textContent(), /SparkException.*Java heap space/s);
  assert.match(await page.locator("#failed-in").textContent(), /process › Write Data › .* › Stage 21: window and write/);
});

onPage("the failure button brings the failed row into the window", "failed", {}, async (page) => {
  await page.click("#show-failure");
  await settled(page);
  const box = await page.locator(".line[aria-selected=true]").boundingBox();
  assert.ok(box.y > 0 && box.y < 900, `row at ${box.y}`);
});

onPage("the document has the rows in the order in which they are seen", "large", {}, async (page) => {
  const tops = () => page.evaluate(() => [...document.querySelectorAll("#body .line")].map((row) => parseFloat(row.style.top)));
  await page.locator("#body .line").nth(3).click(); // the active row stays in the document
  for (const to of [3_000, 1_500, 2_000, 0]) {
    await page.evaluate((y) => scrollTo(0, y), to);
    await settled(page);
    const found = await tops();
    assert.deepEqual(found, [...found].sort((a, b) => a - b), `after a scroll to ${to}`);
  }
});

onPage("on a small screen the failed row is marked and the details stay closed", "failed", { width: 700 }, async (page) => {
  assert.equal(await page.locator("#panel").isHidden(), true);
  await page.click("#show-failure");
  assert.equal(await page.locator("#panel h3").textContent(), "Stage 21: window and write");
});

for (const width of [700, 320]) {
  onPage(`nothing is wider than a screen of ${width} pixels`, "failed", { width }, async (page) => {
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
  });
}

onPage("steps are shown, stages are folded away", "pipeline", {}, async (page) => {
  const shown = await page.evaluate(() => visible.map((index) => ROWS[index].name));
  assert.ok(shown.includes("Rank by Cost Per Night in Neighborhood"));
  assert.ok(!shown.includes("Stage 3: shuffle map"));
});

onPage("the twisty opens and closes a row", "pipeline", {}, async (page) => {
  const row = page.locator(".line", { hasText: "start_execution" });
  assert.equal(await row.getAttribute("aria-expanded"), "true");
  await row.locator(".twisty").click();
  await settled(page);
  assert.equal(await page.locator(".line", { hasText: "start_execution" }).getAttribute("aria-expanded"), "false");
  assert.ok(!(await labels(page)).includes("Pipeline"));
});

onPage("search keeps hits and what leads to them", "pipeline", {}, async (page) => {
  await page.fill("#search", "parquet write");
  await settled(page);
  assert.equal(await page.textContent("#found"), "3 hits");
  const shown = await page.evaluate(() => visible.map((index) => ROWS[index].name));
  assert.ok(shown.includes("Stage 6: parquet write") && shown.includes("clean") && !shown.includes("Drop Columns"));
  assert.ok((await page.locator("#body mark").allTextContents()).includes("parquet"));
  await page.press("#search", "Enter");
  assert.match(await page.textContent("#panel h3"), /parquet write/);
  await page.press("#search", "Escape");
  assert.equal(await page.textContent("#found"), "");
});

onPage("search looks into attributes and exceptions", "failed", {}, async (page) => {
  await page.fill("#search", "heap space");
  assert.match(await page.textContent("#found"), /^\d+ hits$/);
  await page.fill("#search", "minimum_nights_out_of_range");
  assert.equal(await page.textContent("#found"), "1 hit");
});

onPage("keys move, fold, select and close", "pipeline", {}, async (page) => {
  await page.focus("#grid");
  await page.keyboard.press("ArrowDown");
  const active = () => page.evaluate(() => document.getElementById(grid.getAttribute("aria-activedescendant")).querySelector(".label").textContent);
  assert.equal(await active(), "start-pipeline");
  await page.keyboard.press("ArrowDown");
  assert.equal(await active(), "Initialization");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await active(), "start-pipeline");
  await page.keyboard.press("ArrowLeft");
  await settled(page);
  assert.deepEqual(await labels(page), ["start-pipeline", "start-pipeline"]);
  await page.keyboard.press("Enter");
  assert.equal(await page.textContent("#panel h3"), "start-pipeline");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#panel").isHidden(), true);
});

onPage("f goes from failure to failure", "failed", {}, async (page) => {
  await page.focus("#grid");
  const seen = [];
  for (let turn = 0; turn < 3; turn++) {
    await page.keyboard.press("f");
    seen.push(await page.textContent("#panel h3"));
  }
  assert.deepEqual(seen, ["Failed", "Stage 21: window and write", "Stage 21: window and write"]);
});

onPage("? shows the keys", "pipeline", {}, async (page) => {
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").evaluate((dialog) => dialog.open), true);
});

onPage("zoom by key, by button, by dragging over the overview, and back", "pipeline", {}, async (page) => {
  const view = () => page.evaluate(() => [viewStart, viewEnd]);
  const whole = await view();
  await page.keyboard.press("+");
  const [start, end] = await view();
  assert.ok(Math.abs((end - start) - whole[1] / 2) < 1);
  await page.click("#zoom-reset");
  assert.deepEqual(await view(), whole);
  const box = await page.locator(".overview").boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 10, { steps: 4 });
  await page.mouse.up();
  const dragged = await view();
  assert.ok(Math.abs(dragged[0] / whole[1] - 0.25) < 0.01 && Math.abs(dragged[1] / whole[1] - 0.5) < 0.01, `${dragged}`);
});

onPage("the critical path can be shown alone, level by level, and a closed row keeps it", "pipeline", {}, async (page) => {
  const shown = () => page.evaluate(() => visible.map((index) => ROWS[index].name));
  await page.click("#critical");
  assert.equal(await page.getAttribute("#critical", "aria-pressed"), "true");
  const onPath = await shown();
  assert.ok(onPath.includes("Write Data") && !onPath.includes("Overhead"), `${onPath}`);
  await page.click("#critical");
  assert.ok((await shown()).includes("Overhead"));
  await page.click("#fold-all");
  await settled(page);
  const services = await shown();
  assert.ok(services.includes("clean") && services.includes("process") && !services.includes("Read Data"), `${services}`);
  const path = await page.locator(".line", { has: page.locator(".label", { hasText: /^clean$/ }) }).locator(".t-path")
    .evaluateAll((parts) => parts.reduce((sum, part) => sum + part.getBoundingClientRect().width, 0));
  const bar = await page.locator(".line", { has: page.locator(".label", { hasText: /^clean$/ }) }).locator(".t-bar").evaluate((one) => one.getBoundingClientRect().width);
  assert.ok(path > bar * 0.9, `${path} of ${bar}`);
  await page.click("#unfold-one");
  assert.ok((await shown()).length > services.length);
  await page.click("#fold-one");
  assert.deepEqual(await shown(), services);
});

onPage("the failed row, its place and its own frame are in the first window; well turns share a row", "loop", {}, async (page) => {
  const box = await page.locator(".line[aria-selected=true]").boundingBox();
  assert.ok(box.y > 0 && box.y + box.height < 900, `row at ${box.y}`);
  assert.match(await page.textContent("#failed-in"), /job › Loop › turn 248\s+job\.py:43/);
  assert.deepEqual(await page.locator("#panel .error > ol li").allTextContents(), ["f (/tmp/job.py:43)"]);
  assert.match(await page.textContent("#panel .error details"), /all 6 frames/);
  const group = page.locator(".line", { hasText: "248 × turn" });
  assert.match(await group.textContent(), /248 OK, 3m 43s together/);
  assert.equal(await group.getAttribute("aria-expanded"), "false");
  await page.fill("#search", "turn 17");
  assert.ok((await page.evaluate(() => visible.map((index) => ROWS[index].name))).includes("turn 17"));
});

onPage("a lazy step leads to the stage that executed it; keys and calls that were added up are told", "loop", {}, async (page) => {
  await page.click("#unfold-all");
  await settled(page);
  const row = (name) => page.locator(".line", { has: page.locator(".label", { hasText: name }) }).first();
  assert.match(await row("Read Data").locator(".t-own").evaluate((bar) => getComputedStyle(bar).backgroundImage), /gradient/);
  await row("Read Data").locator(".label").click();
  assert.match(await page.textContent("#panel .did"), /planned 2\.00s here · executed in Fix Skewness, Spark stage 7 4\.00s/);
  await page.click("#panel .did button");
  assert.equal(await page.textContent("#panel h3"), "Spark stage 7");
  assert.match(await page.textContent("#panel"), /task timemax 2\.86s, median 267ms \(10\.7×\).*whereCPU 4 % · GC 10 % · neither 86 %/);
  assert.equal(await page.locator("#panel details").evaluate((one) => one.open), false);
  await row("Fix Skewness").locator(".label").click();
  assert.match(await page.textContent("#panel"), /runs the work of Read Data/);
  await page.fill("#search", "part-00003");
  await settled(page);
  assert.match(await page.locator("#body mark").locator("..").last().textContent(), /GetObject · clean\/3\/part-00003\.parquet/);
  await page.fill("#search", "no such key");
  assert.equal(await page.textContent("#found"), "0 hits: 2,000 calls were added up when recorded");
});

onPage("a row leads to the pages of the console that show the same", "loop", {}, async (page) => {
  await page.locator(".line .label", { hasText: /^job$/ }).click();
  const links = await page.locator("#panel .links a").evaluateAll((all) => all.map((one) => [one.textContent, one.href]));
  const home = (service) => `https://eu-west-1.console.aws.amazon.com/${service}/home?region=eu-west-1`;
  assert.deepEqual(links, [
    ["X-Ray trace", `${home("cloudwatch")}#xray:traces/1-69202261-0123456789abcdef01234567`],
    ["execution", `${home("states")}#/v2/executions/details/arn%3Aaws%3Astates%3Aeu-west-1%3A123456789012%3Aexecution%3AFlow%3Arun`],
    ["log group /aws-glue/jobs/a b", `${home("cloudwatch")}#logsV2:log-groups/log-group/$252Faws-glue$252Fjobs$252Fa$2520b`],
  ]);
});

onPage("printed grid lines stand at their labels", "pipeline", {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  const [labels, lines] = await page.evaluate(() => ["#axis span", "#lines i"].map((part) =>
    [...document.querySelectorAll(part)].map((one) => one.getBoundingClientRect().left)));
  assert.ok(labels.length > 2 && labels.every((left, place) => Math.abs(left - lines[place]) < 1), `${labels} ${lines}`);
});

onPage("what took most of the critical path is work of a job, and leads to its row", "failed", {}, async (page) => {
  assert.match(await page.textContent("#longest"), /most critical-path time\s+process › Stage 21: window and write ×2/);
  assert.match(await page.textContent("#longest"), /start and stop of jobs \d/);
  await page.locator("#longest button").nth(1).click();
  assert.equal((await page.locator("#longest button").nth(1).textContent()).split(" › ").at(-1).startsWith(await page.textContent("#panel h3")), true);
});

onPage("the details are as wide as their reader makes them", "failed", {}, async (page) => {
  const width = () => page.locator("#panel").evaluate((one) => one.offsetWidth);
  const before = await width();
  await page.focus("#splitter");
  await page.keyboard.press("ArrowRight");
  assert.equal(await width(), before - 24);
  const box = await page.locator("#splitter").boundingBox();
  await page.mouse.move(box.x + 3, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x - 97, box.y + 60, { steps: 3 });
  await page.mouse.up();
  assert.ok(Math.abs((await width()) - before - 76) < 8, `${await width()} after ${before}`);
});

onPage("labels of the map are over no box and no arrowhead", "pipeline", {}, async (page) => {
  const boxes = (part) => page.locator(part).evaluateAll((all) => all.map((one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return { left, right, top, bottom }; }));
  for (const label of await boxes(".map .edge text")) {
    for (const box of await boxes(".map .service rect")) {
      assert.ok(label.right <= box.left - 4 || label.left >= box.right || label.bottom <= box.top || label.top >= box.bottom, JSON.stringify([label, box]));
    }
  }
  const cut = await page.locator(".map .scroll").evaluate((one) => one.scrollHeight - one.clientHeight);
  assert.ok(cut <= 1, `${cut} pixels of the map are cut off`);
});

onPage("shortcuts of one character can be turned off", "pipeline", {}, async (page) => {
  await page.keyboard.press("?");
  await page.uncheck("#letters");
  await page.keyboard.press("Escape");
  await page.focus("#grid");
  await page.keyboard.press("c");
  assert.equal(await page.getAttribute("#critical", "aria-pressed"), "false");
});

onPage("a service of the map leads to its row", "pipeline", {}, async (page) => {
  await page.locator(".map .service", { hasText: "process" }).click();
  await settled(page);
  assert.equal(await page.textContent("#panel h3"), "process");
});

test("an address names the span to open", async () => {
  const opened = await openPage(browser, "pipeline", {}, "#/" + (await spanId("Stage 6: parquet write")));
  assert.equal(await opened.page.textContent("#panel h3"), "Stage 6: parquet write");
  await opened.close();
});

async function spanId(name) {
  const opened = await openPage(browser, "pipeline");
  const id = await opened.page.evaluate((wanted) => ROWS.find((row) => row.name === wanted).id, name);
  await opened.close();
  return id;
}

onPage("each node of the map says what it is, how long it took and what failed", "failed", {}, async (page) => {
  const node = (name) => page.locator(".map .service", { has: page.locator(".name", { hasText: name }) });
  assert.equal(await node("start-pipeline").locator(".kind").textContent(), "Lambda Function");
  assert.equal(await node("start-pipeline").locator(".latency").textContent(), "684ms");
  assert.equal(await node("clean").locator(".more").textContent(), "4,002 read");
  assert.match(await node("clean").getAttribute("class"), /\bok\b/);
  assert.match(await node("process").getAttribute("class"), /\bfault\b/);
  assert.equal(await node("process").locator(".more").textContent(), "2 of 2 attempts failed");
});

onPage("edges of the map go from caller to called, from left to right", "pipeline", {}, async (page) => {
  const titles = await page.locator(".map .edge title").allTextContents();
  for (const [from, to] of [["start-pipeline", "Pipeline"], ["Pipeline", "clean"], ["Pipeline", "process"], ["clean", "process"]]) {
    assert.ok(titles.some((title) => title.startsWith(`${from} → ${to}`)), `${from} → ${to}`);
  }
  const left = async (name) => (await page.locator(".map .service", { has: page.locator(".name", { hasText: name }) }).boundingBox()).x;
  assert.ok((await left(/^start-pipeline$/)) < (await left(/^Pipeline$/)));
  assert.ok((await left(/^Pipeline$/)) < (await left(/^clean$/)));
  assert.equal(await page.locator(".map .edge > path[marker-end]").count(), titles.length);
});

onPage("own time stands against that of the children", "pipeline", {}, async (page) => {
  const row = page.locator(".line", { has: page.locator(".label", { hasText: /^clean$/ }) });
  const [total, self] = [await row.locator(".c-total").textContent(), await row.locator(".c-self").textContent()];
  await row.click();
  const told = await page.locator("#panel dl").first().textContent();
  assert.ok(told.includes(total) && told.includes(`${self} (`), told);
  const shares = await page.locator("#panel .meter i").evaluateAll((parts) => parts.map((part) => parseFloat(part.style.width)));
  assert.ok(shares[0] > 0 && shares[1] > 0 && Math.abs(shares[0] + shares[1] - 100) < 0.01, `${shares}`);
});

onPage("the critical path is drawn from the first call to the last step", "pipeline", {}, async (page) => {
  const onPath = await page.evaluate(() => ROWS.filter((row) => row.critical).map((row) => row.name));
  assert.ok(["Pipeline", "clean", "process", "Write Data"].every((name) => onPath.includes(name)), `${onPath}`);
  assert.ok((await page.locator("#body .t-path").count()) > 5);
});

onPage("a running job has a bar, of Spark's tasks or of nothing known", "running", {}, async (page) => {
  const bar = page.getByRole("progressbar", { name: "clean" });
  assert.deepEqual(await bar.evaluate((one) => [one.value, one.max]), [12, 200]);
  assert.match(await page.locator(".going .job").textContent(), /12 of 200 Spark tasks/);
  assert.equal(await page.locator(".badge").textContent(), "… Running");
});

onPage("the map counts rows along its edges", "pipeline", {}, async (page) => {
  const map = await page.textContent(".map svg");
  for (const text of ["4,002 rows read", "3,682 rows", "320 rows rejected", "102 minimum_nights_out_of_r"]) assert.ok(map.includes(text), text);
});

for (const name of ["trace", "otlp", "perfetto"]) {
  onPage(`the ${name} export is what the command line writes`, "pipeline", { acceptDownloads: true }, async (page) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.selectOption("#export", name)]);
    const got = JSON.parse(await fs.readFile(await download.path(), "utf8"));
    assert.deepEqual(got, JSON.parse(await fs.readFile(path.join(process.env.PAGES, `pipeline.${name}.json`), "utf8")));
  });
}

onPage("colours follow the system, and the button", "pipeline", { colorScheme: "dark" }, async (page) => {
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await back();
  await page.click("#theme");
  const light = await back();
  assert.notEqual(light, dark);
  await page.click("#theme");
  assert.equal(await back(), dark);
});

onPage("text of a trace is never markup", "hostile", {}, async (page) => {
  await page.click("#unfold-all");
  await page.fill("#search", "<img");
  await settled(page);
  await page.press("#search", "Enter");
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.locator("img, iframe, script[src], #panel script, .map script").count(), 0);
  assert.match(await page.textContent("body"), /<img src=x onerror=/);
});

onPage("all open rows are printed", "pipeline", {}, async (page) => {
  await page.click("#unfold-all");
  await settled(page);
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  const [printed, open] = await page.evaluate(() => [document.querySelectorAll("#body .line").length, visible.length]);
  assert.equal(printed, open);
  assert.ok((await page.pdf({ preferCSSPageSize: true })).length > 10_000);
});

onPage("without scripts the page shows the map and the tree as text", "failed", { javaScriptEnabled: false }, async (page) => {
  assert.ok(await page.locator(".map svg").isVisible());
  assert.match(await page.locator("noscript pre").textContent(), /Stage 21: window and write/);
});

for (const name of ["pipeline", "failed", "running"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 700]) {
      onPage(`${name}, ${colorScheme}, ${width} pixels: accessible`, name, { colorScheme, width, bypassCSP: true }, async (page) => {
        await page.evaluate(axeSource());
        const result = await page.evaluate(() => axe.run());
        assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).slice(0, 3)}: ${found.nodes[0].failureSummary}`), []);
      });
    }
  }
}

onPage("5,000 spans: painted within a second, few elements, search within 50 ms", "large", {}, async (page) => {
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  assert.ok(paint < 1000, `first paint after ${paint} ms`);
  await page.click("#unfold-all");
  await settled(page);
  assert.equal(await page.evaluate(() => visible.length), 5051);
  assert.ok((await page.locator("#body .line").count()) < 120);
  const took = await page.evaluate(() => {
    search("warm");
    const start = performance.now();
    search("query 17");
    drawRows();
    return performance.now() - start;
  });
  assert.ok(took < 50, `search took ${took} ms`);
});

onPage("a span without an end, a wrong clock, and what led to an exception are told", "odd", {}, async (page) => {
  const row = page.locator(".line", { hasText: "never ended" });
  assert.equal(await row.locator(".c-total").textContent(), "no end");
  assert.equal(await row.getAttribute("class").then((names) => names.includes("critical")), false);
  assert.match(await page.locator("p.problem").allTextContents().then((all) => all.join("\n")), /skewed begins 7,19\d\.\d s after .*: their clocks disagree/);
  await page.locator(".line", { hasText: "skewed" }).locator(".label").click();
  assert.match(await page.locator("#panel").textContent(), /disagrees with its caller's: drawn 1h 59m|drawn 2h 00m earlier/);
  await page.click("#show-failure");
  const boxes = await page.locator("#panel .error b").allTextContents();
  assert.deepEqual(boxes, ["ExceptionGroup", "caused by OSError", "and ValueError"]);
  assert.match(await page.locator(".failure").textContent(), /caused by OSError: no such file/);
});

onPage("values that are nested very deep open in the details", "odd", {}, async (page) => {
  await page.locator(".line", { hasText: "nested" }).locator(".label").click();
  assert.match(await page.locator("#panel").textContent(), /nested deeper/);
  assert.match(await page.locator("#panel").textContent(), /1e999/);
});

onPage("forced colours keep bars, path and legend", "pipeline", { forcedColors: "active" }, async (page) => {
  for (const part of [".t-own", ".t-path", ".legend .key.own"]) {
    const [own, paper] = await page.locator(part).first().evaluate((element) =>
      [element, document.body].map((each) => getComputedStyle(each).backgroundColor));
    assert.notEqual(own, paper, part);
    assert.notEqual(own, "rgba(0, 0, 0, 0)", part);
  }
  const mark = await page.locator(".badge.ok").evaluate((one) => [getComputedStyle(one, "::before").backgroundColor, getComputedStyle(document.body).backgroundColor]);
  assert.notEqual(...mark);
});
