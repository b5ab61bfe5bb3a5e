// SPDX-License-Identifier: Apache-2.0
// Draws the rows. Only those near the window are in the document, so that 5,000 cost as little as 50.

const SPARE_ROWS = 10; // drawn above and below the window
const PRINTED_ROWS = 2000;
const INDENT = 11; // pixels per level

const grid = byId("grid");
const body = byId("body");
const drawn = new Map(); // row index -> element
let active = 0; // index of the row that keys act on
let selected = -1; // index of the row whose details are shown
let printing = false;

function range() {
  if (printing) return [0, Math.min(visible.length, PRINTED_ROWS)];
  const top = -body.getBoundingClientRect().top;
  const first = clamp(Math.floor(top / ROW_HEIGHT) - SPARE_ROWS, 0, visible.length);
  return [first, clamp(first + Math.ceil(window.innerHeight / ROW_HEIGHT) + 2 * SPARE_ROWS, first, visible.length)];
}

/** Bring the document in line with what is visible. */
function drawRows() {
  const [first, last] = range();
  const wanted = new Set(visible.slice(first, last));
  const at = visible.indexOf(active);
  if (at >= 0) wanted.add(active); // the active row stays: assistive technology follows it
  for (const [index, element] of drawn) {
    if (!wanted.has(index)) {
      element.remove();
      drawn.delete(index);
    }
  }
  let above = null; // the document has the rows in their order: who reads it without seeing it goes by that
  const place = (position) => {
    const index = visible[position];
    if (!drawn.has(index)) drawn.set(index, drawRow(index));
    const element = drawn.get(index);
    const next = above ? above.nextSibling : body.firstChild;
    if (next !== element) body.insertBefore(element, next);
    above = element;
    element.style.top = `${position * ROW_HEIGHT}px`;
    element.setAttribute("aria-rowindex", position + 2);
    element.classList.toggle("active", index === active);
    element.setAttribute("aria-selected", index === selected);
  };
  if (at >= 0 && at < first) place(at);
  for (let position = first; position < last; position++) place(position);
  if (at >= last) place(at);
  body.style.height = `${visible.length * ROW_HEIGHT}px`;
  grid.setAttribute("aria-rowcount", visible.length + 1);
  if (drawn.has(active)) grid.setAttribute("aria-activedescendant", `row-${active}`);
  else grid.removeAttribute("aria-activedescendant");
}

/** Draw all rows anew: the time in view, the search or the open rows changed. */
const redrawRows = onNextFrame(() => {
  drawn.forEach((element) => element.remove());
  drawn.clear();
  drawRows();
});
const scrolled = onNextFrame(drawRows);

function drawRow(index) {
  const row = ROWS[index];
  const siblings = parentOf[index] < 0 ? [index] : childrenOf[parentOf[index]];
  const classes = ["line", `h${row.hue}`, row.status, row.segment && "segment", row.critical && "critical", isFailed(row) && "failed", row.lazy && "lazy", row.alike && "alike", !row.rows && "uncounted"];
  const element = make("div", {
    role: "row",
    id: `row-${index}`,
    class: classes.filter(Boolean).join(" "),
    "aria-level": row.depth + 1,
    "aria-posinset": siblings.indexOf(index) + 1,
    "aria-setsize": siblings.length,
    "aria-expanded": hasChildren(index) ? open[index] === 1 : undefined,
    "data-index": index,
  });
  element.append(
    nameCell(row, index),
    make("div", { role: "gridcell", class: "c-rows", title: rowSum(row) || undefined }, ...rowCounts(row)),
    make("div", { role: "gridcell", class: "c-total" }, totalOf(row)),
    make("div", { role: "gridcell", class: "c-self" }, hasChildren(index) && !row.alike && row.status !== "unknown" ? duration(row.self) : ""),
    track(row, index),
  );
  return element;
}

const totalOf = (row) => ({ running: "running", unknown: "no end" })[row.status] ?? duration(row.duration);

function nameCell(row, index) {
  const cell = make("div", { role: "gridcell", class: "c-name", title: row.full ?? row.name });
  cell.style.paddingLeft = `${8 + Math.min(row.depth, 24) * INDENT}px`;
  const twisty = hasChildren(index) ? (open[index] ? "twisty open" : "twisty closed") : "twisty";
  cell.append(make("span", { class: twisty, "aria-hidden": "true" }));
  if (isFailed(row)) cell.append(make("span", { class: "mark cross", role: "img", "aria-label": row.status }));
  else if (row.status === "running") cell.append(make("span", { class: "mark", role: "img", "aria-label": "running" }, "…"));
  cell.append(make("span", { class: "label" }, ...marked(row.name)));
  cell.append(make("span", { class: "note counts", "aria-hidden": "true" }, ...rowCounts(row)));
  const hidden = !open[index] && hasChildren(index) ? endOf[index] - index - 1 : 0;
  const why = row.explains ? headline(row) : "";
  if (why) cell.append(make("span", { class: "note why" }, ...marked(why)));
  else cell.append(make("span", { class: "note" }, ...marked([kindOf(row), row.spark].filter(Boolean).join(" · "))));
  if (hidden) cell.append(make("span", { class: "note", "aria-label": `${hidden} rows below` }, `+${grouped(hidden)}`));
  return cell;
}

const operation = (row) => (row.segment ? undefined : row.details?.aws?.operation);

/** What a row is: the AWS operation of a call, else its kind; nothing where that is its name. */
function kindOf(row) {
  const kind = operation(row) ?? row.kind;
  return kind === row.name ? undefined : kind;
}

function headline(row) {
  const [exception] = row.exceptions ?? [];
  return exception ? [exception.type?.split(".").pop(), exception.message?.slice(0, 200)].filter(Boolean).join(": ") : "";
}

/** Rows read → the main outcome, and the rejected ones, where the span has them. */
function rowCounts(row) {
  const { rows_read: read, rows_rejected: rejected, ...outcomes } = row.rows ?? {};
  const flow = [read, Object.values(outcomes)[0]].filter((count) => count !== undefined).map(grouped);
  if (flow.length > 1) flow.splice(1, 0, make("i", { class: "arrow", role: "img", "aria-label": "to" }));
  const left = Object.entries(outcomes).slice(1).map(([name, count]) => ` −${grouped(count)} ${name.replace(/^rows_/, "")}`);
  return [...flow, ...(flow.length > 1 ? left : []), rejected ? make("b", { title: `${grouped(rejected)} rejected` }, ` −${grouped(rejected)}`) : null];
}

/** All counts of a row in words: they add up. */
const rowSum = (row) => Object.entries(row.rows ?? {}).map(([name, count]) => `${grouped(count)} ${name.replace(/^rows_/, "")}`).join(", ");

function track(row, index) {
  const cell = make("div", { role: "gridcell", class: "c-track" });
  cell.setAttribute("aria-label", `starts at ${duration(row.start)}${row.critical ? ", on the critical path" : ""}`);
  const add = (name, start, end) => {
    const part = make("div", { class: name });
    if (placeInTime(part, start, end)) cell.append(part);
  };
  add("t-bar", row.start, row.start + row.duration);
  for (const [start, end] of row.own ?? []) add("t-own", start, end);
  for (const [start, end] of pathOf(index)) add("t-path", start, end);
  return cell;
}

function toggle(index, on = !open[index]) {
  if (!hasChildren(index)) return;
  open[index] = on ? 1 : 0;
  refreshVisible();
  if (!visible.includes(active)) active = index;
  redrawRows();
}

/** Make a row the active one and bring it into the window. */
function activate(index, { scroll = true } = {}) {
  active = index;
  drawRows();
  if (scroll) drawn.get(index)?.scrollIntoView({ block: "nearest" });
}

body.addEventListener("click", (event) => {
  const line = event.target.closest(".line");
  if (!line) return;
  const index = Number(line.dataset.index);
  activate(index, { scroll: false });
  if (event.target.classList.contains("twisty")) toggle(index);
  else select(index);
});
body.addEventListener("dblclick", (event) => {
  const line = event.target.closest(".line");
  if (line && event.target.closest(".c-track")) zoomToRow(ROWS[Number(line.dataset.index)]);
});
window.addEventListener("scroll", scrolled, { passive: true });
window.addEventListener("beforeprint", () => { printing = true; drawRows(); });
window.addEventListener("afterprint", () => { printing = false; drawRows(); });

/** What leads to a row, wherever it stands: in a finding, on the map, in the failure, in the details. */
function follow(event) {
  const link = event.target.closest("[data-go]");
  if (!link || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  if (!goTo(link.dataset.go)) return;
  drawn.get(active)?.scrollIntoView({ block: "center" });
  grid.focus({ preventScroll: true });
}
document.addEventListener("click", follow);
document.addEventListener("keydown", (event) => event.target.closest("[data-go]:not(button, a)") && follow(event));
