// SPDX-License-Identifier: Apache-2.0
// The details of one span: why it failed, its times, the rest of its document.

const panel = byId("panel");

function select(index, { remember = true } = {}) {
  selected = index;
  panel.replaceChildren(...details(ROWS[index], index));
  panel.hidden = false;
  panel.scrollTop = 0;
  layOut();
  byId("said").textContent = `Details of ${ROWS[index].full ?? ROWS[index].name}`;
  if (remember) history.replaceState(null, "", `#/${encodeURIComponent(ROWS[index].id)}`);
}

function closePanel() {
  selected = -1;
  panel.hidden = true;
  layOut();
  grid.focus({ preventScroll: true });
}

/** Open and show the row of an id, such as the one in the address. */
function goTo(id) {
  const index = indexOfId.get(id);
  if (index === undefined) return false;
  reveal(index);
  refreshVisible();
  redrawRows();
  activate(index);
  select(index);
  return true;
}

function details(row, index) {
  const close = make("button", { type: "button", "aria-label": "Close details" }, "×");
  close.addEventListener("click", closePanel);
  const heading = make("h3", { class: isFailed(row) ? "cross" : undefined }, (row.status === "running" ? "… " : "") + (row.full ?? row.name));
  return [
    make("header", {}, heading, close),
    make("p", { class: "where" }, wayTo(index)),
    ...didWhat(row),
    ...(row.exceptions ?? []).map(exceptionBox),
    ...times(row, index),
    ...table("Rows", rowsOf(row)),
    ...table("Rejected by reason", mapValues(row.reasons, grouped)),
    ...table("Annotations", row.annotations),
    ...stageCard(row.metadata?.default ?? {}),
    ...linksOf(row, index),
    ...Object.entries(row.metadata ?? {}).flatMap(([space, entries]) => metadata(space, entries)),
    ...Object.entries(row.details ?? {}).flatMap(([name, value]) => table(name, isObject(value) ? value : { [name]: value })),
    ...table("Document", documentOf(row)),
  ];
}

/** What Spark did: where a lazy step was executed, whose work a step ran, with links. */
function didWhat(row) {
  const link = ({ id, name }) => make("button", { type: "button", "data-go": id, class: "link" }, name);
  if (row.ran?.length && row.lazy) {
    return [make("p", { class: "did" }, `planned ${duration(row.duration)} here`, ...row.ran.flatMap((place) => [" · executed in ", link(place), ` ${duration(place.duration)}`]))];
  }
  const runs = row.guests?.length ? [make("p", { class: "did" }, "runs the work of ", ...row.guests.flatMap((step, place) => [place ? ", " : "", link(step)]))] : [];
  return [...(row.spark ? [make("p", { class: "did" }, ...marked(row.spark))] : []), ...runs];
}

/** Raw values; those of a stage, of which its card has the gist, are folded. */
function metadata(space, entries) {
  const shown = table(space === "default" ? "Metadata" : `Metadata: ${space}`, isObject(entries) ? entries : { value: entries });
  if (space !== "default" || entries[`${STAGE}tasks`] === undefined) return shown;
  return [make("details", {}, make("summary", {}, "all values"), ...shown)];
}

function wayTo(index) {
  const names = [];
  for (let above = parentOf[index]; above >= 0; above = parentOf[above]) names.unshift(ROWS[above].name);
  return names.slice(-4).join(" › ");
}

function exceptionBox(exception) {
  const box = make("div", { class: "error" }, make("b", {}, (exception.as ? `${exception.as} ` : "") + (exception.type || "exception")), make("p", {}, exception.message ?? ""));
  const frames = (exception.stack ?? []).map((frame, number) => [frame, exception.own?.includes(number)]);
  const own = frames.filter(([, isOwn]) => isOwn);
  const list = (shown) => make("ol", {}, ...shown.map(([frame, isOwn]) => make("li", { class: isOwn ? "own" : undefined }, inZip(frame))));
  if (own.length && own.length < frames.length) {
    box.append(list(own), make("details", {}, make("summary", {}, `all ${frames.length} frames`), list(frames)));
  } else if (frames.length) box.append(list(frames));
  return box;
}

/** A frame without the way to the zip that its module is in: Glue unpacks to a folder that nobody looks for. */
const inZip = (frame) => frame.replace(/\((?:[^()]*\/)?[^()/]+\.(?:zip|whl)\//, "(");

function times(row, index) {
  const own = row.duration ? (row.self / row.duration) * 100 : 100;
  const meter = make("div", { class: `meter h${row.hue}`, "aria-hidden": "true" }, make("i"), make("i"));
  meter.firstChild.style.width = `${own}%`;
  meter.lastChild.style.width = `${100 - own}%`;
  const onPath = (row.path ?? []).reduce((sum, [start, end]) => sum + end - start, 0);
  const facts = {
    starts: `${duration(row.start)} after the first span`,
    at: moment(DATA.start * 1000 + row.start),
    duration: row.status === "running" ? `${duration(row.duration)} so far` : row.status === "unknown" ? "unknown: nobody recorded its end" : duration(row.duration),
    clock: row.shift ? `disagrees with its caller's: drawn ${duration(Math.abs(row.shift))} ${row.shift > 0 ? "later" : "earlier"} than it says` : undefined,
    "self time": hasChildren(index) && !row.alike && row.status !== "unknown" ? `${duration(row.self)} (${Math.round(own)} %)` : undefined,
    "in child spans": hasChildren(index) ? duration(row.children ?? 0) : undefined,
    "critical path": row.critical ? `${duration(onPath)} of its own` : "no",
  };
  return [...table("Time", facts), ...(hasChildren(index) ? [meter] : [])];
}

/** Print an epoch time in milliseconds as UTC; nothing for a number that is no time. */
function moment(ms) {
  return Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().replace("T", " ").replace("Z", " UTC") : undefined;
}

function rowsOf(row) {
  return mapValues(row.rows, grouped, (name) => name.replace(/^rows_/, ""));
}

function documentOf(row) {
  const folded = (row.folded ?? []).map((item) => `${item.name} ${item.kind ?? ""} ${item.id}`).join("\n");
  return { id: row.id, parent: row.parent, kind: row.kind, status: row.status, "inferred by X-Ray": folded || undefined, "parent missing": row.orphan ? "yes: shown below the root" : undefined };
}

function table(title, entries) {
  const known = Object.entries(entries ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (!known.length) return [];
  const list = make("dl", {}, ...known.flatMap(([name, value]) => [make("dt", {}, ...breakable(name)), make("dd", {}, ...marked(shown(value)))]));
  return [make("h4", {}, title), list];
}

/** A long name breaks after its dots and underscores, not within a word. */
const breakable = (name) => name.split(/(?<=[._])/).flatMap((part) => [part, make("wbr")]);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const mapValues = (object, change, rename = (name) => name) =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, value]) => [rename(name), change(value)]));

/** Print a value; JSON inside text (OpenTelemetry has no nested attributes) is laid out too. */
function shown(value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return laidOut(value);
  try {
    return laidOut(JSON.parse(value));
  } catch {
    return value;
  }
}

const isNested = (value) => typeof value === "object" && value !== null;

const LONG_LIST = 48; // characters; a longer list has a line for each of its values

/** Short lists of plain values in one line, each entry of an object in a line of its own. */
function laidOut(value, indent = "") {
  if (!isNested(value)) return String(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => laidOut(item, indent));
    const inLines = value.some(isNested) || items.join(", ").length > LONG_LIST;
    return items.join(inLines ? `\n${indent}` : ", ");
  }
  const deeper = `${indent}  `;
  const entry = ([name, item]) => {
    const isBlock = isNested(item) && (!Array.isArray(item) || item.some(isNested));
    return `${name}:${isBlock ? `\n${deeper}` : " "}${laidOut(item, deeper)}`;
  };
  return Object.entries(value).map(entry).join(`\n${indent}`);
}
