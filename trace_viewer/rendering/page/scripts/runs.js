// SPDX-License-Identifier: Apache-2.0
// The list of runs: search, keys, two ticks compare. The table itself stands in the document.

const DATA = JSON.parse(byId("data").textContent);
const lines = [...byId("runs").tBodies[0].rows];
const boxOf = (line) => line.querySelector("input");
const shown = () => lines.filter((line) => !line.hidden);

/** Make an element. Text goes in as text: nothing of a run is ever read as HTML. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function seconds(value) {
  if (value < 0.9995) return `${Math.round(value * 1000)}ms`;
  if (value < 59.95) return `${value.toFixed(value < 9.995 ? 2 : 1)}s`;
  return `${Math.floor(Math.round(value) / 60)}m ${String(Math.round(value) % 60).padStart(2, "0")}s`;
}

/** Say how much slower or faster the second is, with its share of the first. */
function difference(first, second) {
  const by = second - first;
  if (Math.abs(by) < 0.0005) return "as long";
  const share = first ? ` (${by > 0 ? "+" : "−"}${Math.round((Math.abs(by) / first) * 100)} %)` : "";
  return `${seconds(Math.abs(by))} ${by > 0 ? "slower" : "faster"}${share}`;
}

function perRow(run) {
  return run.rows ? `${((run.seconds / run.rows) * 1e6).toPrecision(3)} s per million rows` : "";
}

function compare(first, second) {
  const [a, b] = [first, second].map((line) => DATA.runs[line.dataset.id]);
  const times = [a, b].map((run) => new Map(run.steps));
  const names = [...new Set([...a.steps, ...b.steps].map(([name]) => name))];
  const changed = names
    .map((name) => [name, times[0].get(name) ?? 0, times[1].get(name) ?? 0])
    .sort((one, other) => Math.abs(other[2] - other[1]) - Math.abs(one[2] - one[1]));
  const table = make("table", "");
  const head = table.createTHead().insertRow();
  for (const title of ["Step", "A", "B", "Change"]) head.append(make("th", title === "Step" ? "" : "number", title));
  const body = table.createTBody();
  for (const [name, before, after] of changed.slice(0, 20)) {
    const row = body.insertRow();
    row.append(make("th", "", DATA.names[name]));
    for (const text of [seconds(before), seconds(after), difference(before, after)]) row.append(make("td", "number", text));
  }
  const ids = [first, second].map((line) => line.dataset.id);
  const rates = [perRow(a), perRow(b)].filter(Boolean).join(" → ");
  byId("compared").replaceChildren(
    make("h2", "", `B is ${difference(a.seconds, b.seconds)}`),
    make("p", "", [`A ${seconds(a.seconds)}, B ${seconds(b.seconds)}`, rates].filter(Boolean).join("; ")),
    make("p", "", make("code", "", `glue-xray view --trace-id ${ids[0]} --compare ${ids[1]}`)),
    table,
  );
}

/** Compare the two ticked runs, the older one first; a third tick takes the place of the oldest tick. */
let ticked = [];
function tick(line) {
  ticked = boxOf(line).checked ? [...ticked, line] : ticked.filter((other) => other !== line);
  if (ticked.length > 2) boxOf(ticked.shift()).checked = false;
  byId("compared").hidden = ticked.length < 2;
  if (ticked.length === 2) compare(...[...ticked].sort((one, other) => other.rowIndex - one.rowIndex));
}

for (const line of lines) boxOf(line).addEventListener("change", () => tick(line));

byId("search").addEventListener("input", () => {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const line of lines) {
    const text = `${line.textContent} ${line.dataset.id}`.toLowerCase();
    line.hidden = !words.every((word) => text.includes(word));
  }
  byId("found").textContent = words.length ? `${shown().length} of ${lines.length}` : "";
});

const MOVES = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

byId("runs").addEventListener("keydown", (event) => {
  const line = event.target.closest("tbody tr");
  if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") line.querySelector("a")?.click();
  const move = MOVES[event.key];
  if (!move) return;
  event.preventDefault();
  const rows = shown();
  boxOf(rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(line) + move))]).focus();
});
