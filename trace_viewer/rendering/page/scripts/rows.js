// SPDX-License-Identifier: Apache-2.0
// Which rows are shown: the tree, what is open, what a search keeps.

const ROWS_AT_FIRST = 48; // levels are opened while no more rows than this are shown
const FAILURES_OPENED = 20;

const parentOf = new Int32Array(ROWS.length); // index of the row above in the tree, -1 for the root
const endOf = new Int32Array(ROWS.length); // index after the last row below
const childrenOf = ROWS.map(() => []);
let open = new Uint8Array(ROWS.length);
let visible = []; // indexes of the rows shown, from top to bottom
let kept = null; // rows that a search keeps (hits and what leads to them), or null

(function connect() {
  const stack = [];
  ROWS.forEach((row, index) => {
    while (stack.length > row.depth) endOf[stack.pop()] = index;
    parentOf[index] = stack.length ? stack[stack.length - 1] : -1;
    if (parentOf[index] >= 0) childrenOf[parentOf[index]].push(index);
    stack.push(index);
  });
  while (stack.length) endOf[stack.pop()] = ROWS.length;
})();

const hasChildren = (index) => childrenOf[index].length > 0;
const indexOfId = new Map(ROWS.map((row, index) => [row.id, index]));
for (const [index, row] of ROWS.entries()) {
  for (const folded of row.folded ?? []) indexOfId.set(folded.id, index);
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

/** Open whole levels, as many as fit, then the way to every failure. */
function openAtFirst() {
  const perLevel = [];
  for (const row of ROWS) perLevel[row.depth] = (perLevel[row.depth] ?? 0) + 1;
  let shown = 0;
  let level = 0;
  while (level < perLevel.length && shown + perLevel[level] <= ROWS_AT_FIRST) shown += perLevel[level++];
  const deepest = Math.max(level - 1, 1);
  ROWS.forEach((row, index) => { open[index] = row.depth < deepest ? 1 : 0; });
  ROWS.map((row, index) => index)
    .filter((index) => isFailed(ROWS[index]) && !childrenOf[index].some((child) => isFailed(ROWS[child])))
    .slice(0, FAILURES_OPENED)
    .forEach(reveal);
  if (DATA.failed) reveal(indexOfId.get(DATA.failed));
}
