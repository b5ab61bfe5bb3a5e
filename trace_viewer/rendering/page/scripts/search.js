// SPDX-License-Identifier: Apache-2.0
// Search: keeps the rows that hold every word, and what leads to them.

const searchBox = byId("search");
const found = byId("found");
let words = [];
let hits = []; // row indexes
let openBefore = null; // which rows were open before the search
let haystacks = null;
let onlyPath = false; // whether rows that are not on the critical path are hidden

/** All text of a row, in lower case; made at the first search. */
function haystack(row) {
  const errors = (row.exceptions ?? []).map((item) => `${item.type} ${item.message}`).join(" ");
  const rest = [row.annotations, row.metadata, row.details, row.reasons, row.rows].map((part) => (part ? JSON.stringify(part) : ""));
  return [row.full ?? row.name, row.spark, row.kind, row.id, row.status, errors, ...rest].join(" ").toLowerCase();
}

function search(text) {
  words = text.toLowerCase().split(/\s+/).filter(Boolean);
  refilter();
  if (hits.length) active = hits[0];
  showRows();
}

/** Keep what holds every word and, where that is asked for, is on the critical path. */
function refilter() {
  hits = [];
  found.textContent = "";
  if (!words.length && !onlyPath) return unfilter();
  if (words.length) haystacks ??= ROWS.map(haystack);
  kept = new Set();
  openBefore ??= open.slice();
  open = openBefore.slice();
  ROWS.forEach((row, index) => {
    if ((onlyPath && !row.critical) || !words.every((word) => haystacks[index].includes(word))) return;
    hits.push(index);
    for (let above = index; above >= 0 && !kept.has(above); above = parentOf[above]) kept.add(above);
  });
  if (words.length) {
    for (const index of hits) reveal(index);
    found.textContent = hits.length === 1 ? "1 hit" : `${grouped(hits.length)} hits`;
    if (!hits.length && DATA.absent) found.textContent += `: ${DATA.absent}`;
  }
  showRows();
}

function unfilter() {
  kept = null;
  if (openBefore) open = openBefore;
  openBefore = null;
  showRows();
}

function clearSearch() {
  words = [];
  searchBox.value = "";
  refilter();
}

function showRows() {
  refreshVisible();
  if (!visible.includes(active)) active = visible[0] ?? 0;
  redrawRows();
}

/** Split text around the words searched for, and mark them. */
function marked(text) {
  if (!words.length) return [text];
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return text.split(pattern).map((part, place) => (place % 2 ? make("mark", {}, part) : part));
}

/** Go to the next row of a sorted list of indexes, and around at its end. */
function goToNext(indexes, step = 1) {
  if (!indexes.length) return;
  const ahead = step > 0 ? indexes.find((index) => index > active) : indexes.findLast((index) => index < active);
  const next = ahead ?? indexes[step > 0 ? 0 : indexes.length - 1];
  reveal(next);
  refreshVisible();
  redrawRows();
  activate(next);
  select(next);
}

searchBox.addEventListener("input", () => search(searchBox.value));
searchBox.addEventListener("keydown", (event) => {
  if (event.key === "Enter") goToNext(hits, event.shiftKey ? -1 : 1);
  else if (event.key === "ArrowDown") grid.focus();
  else if (event.key === "Escape") {
    clearSearch();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
