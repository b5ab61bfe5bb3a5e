// SPDX-License-Identifier: Apache-2.0
// Which rows are shown: the tree, what is open, what a search keeps.

const ROWS_AT_FIRST = 48; // levels are opened while no more rows than this are shown
const FAILURES_OPENED = 20;

let parentOf; // index of the row above in the tree, -1 for the root
let endOf; // index after the last row below
let childrenOf;
let indexOfId;
let open = new Uint8Array(ROWS.length);
let visible = []; // indexes of the rows shown, from top to bottom
let kept = null; // rows that a search or the critical path keeps (hits and what leads to them), or null
let pathBelow = new Map(); // row index -> the critical path in it and below it

function connect() {
  parentOf = new Int32Array(ROWS.length);
  endOf = new Int32Array(ROWS.length);
  childrenOf = ROWS.map(() => []);
  indexOfId = new Map(ROWS.map((row, index) => [row.id, index]));
  pathBelow = new Map();
  const stack = [];
  ROWS.forEach((row, index) => {
    while (stack.length > row.depth) endOf[stack.pop()] = index;
    parentOf[index] = stack.length ? stack[stack.length - 1] : -1;
    if (parentOf[index] >= 0) childrenOf[parentOf[index]].push(index);
    stack.push(index);
    for (const folded of row.folded ?? []) indexOfId.set(folded.id, index);
  });
  while (stack.length) endOf[stack.pop()] = ROWS.length;
}
connect();

const hasChildren = (index) => childrenOf[index].length > 0;

/** The critical path as a row shows it: what is folded into a closed one is drawn on it. */
function pathOf(index) {
  if (open[index] || !hasChildren(index)) return ROWS[index].path ?? [];
  if (!pathBelow.has(index)) {
    const parts = ROWS.slice(index, endOf[index]).flatMap((row) => row.path ?? []).sort(([one], [other]) => one - other);
    const joined = [];
    for (const [start, end] of parts) {
      const last = joined[joined.length - 1];
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else joined.push([start, end]);
    }
    pathBelow.set(index, joined);
  }
  return pathBelow.get(index);
}

function refreshVisible() {
  visible = [];
  for (let index = 0; index < ROWS.length; ) {
    if (kept && !kept.has(index)) {
      index = endOf[index];
      continue;
    }
    visible.push(index);
    index = open[index] ? index + 1 : endOf[index];
  }
}

/** Open every row above this one. */
function reveal(index) {
  for (let above = parentOf[index]; above >= 0; above = parentOf[above]) open[above] = 1;
}

/** Open whole levels, as many as fit, then the way to every failure; what is alike stays folded. */
function openAtFirst() {
  const perLevel = [];
  const inGroup = new Uint8Array(ROWS.length);
  ROWS.forEach((row, index) => {
    const above = parentOf[index];
    inGroup[index] = above >= 0 && (inGroup[above] || ROWS[above].alike) ? 1 : 0;
    if (!inGroup[index]) perLevel[row.depth] = (perLevel[row.depth] ?? 0) + 1;
  });
  let shown = 0;
  let level = 0;
  while (level < perLevel.length && shown + perLevel[level] <= ROWS_AT_FIRST) shown += perLevel[level++];
  const deepest = Math.max(level - 1, 1);
  ROWS.forEach((row, index) => { open[index] = row.depth < deepest && !row.alike ? 1 : 0; });
  failures().slice(0, FAILURES_OPENED).forEach(reveal);
  if (DATA.failed) reveal(indexOfId.get(DATA.failed));
}

const hasFailingChild = (index) => childrenOf[index].some((child) => isFailed(ROWS[child]));
const failures = () => ROWS.flatMap((row, index) => (isFailed(row) && !hasFailingChild(index) ? [index] : []));

/** Fold all but the services: what has another service below it stays open. */
function foldAll() {
  open.fill(0);
  open[0] = 1;
  ROWS.forEach((row, index) => { if (row.segment) reveal(index); });
}

/** Open (1) or fold (-1) the deepest level that is shown. */
function foldOneLevel(step) {
  const closed = visible.filter((index) => hasChildren(index) && !open[index]);
  const opened = visible.filter((index) => open[index] && hasChildren(index));
  const depths = (step > 0 ? closed : opened).map((index) => ROWS[index].depth);
  const level = step > 0 ? Math.min(...depths) : Math.max(...depths);
  for (const index of step > 0 ? closed : opened) if (ROWS[index].depth === level) open[index] = step > 0 ? 1 : 0;
}
