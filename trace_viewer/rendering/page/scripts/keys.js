// SPDX-License-Identifier: Apache-2.0
// Keys. Arrows act on the timeline when it has the focus, letters act anywhere outside a field.

function move(step) {
  const at = visible.indexOf(active);
  activate(visible[clamp(at + step, 0, visible.length - 1)]);
  if (!panel.hidden) select(active);
}

const GRID_KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  PageDown: () => move(20),
  PageUp: () => move(-20),
  Home: () => move(-visible.length),
  End: () => move(visible.length),
  ArrowRight: () => (hasChildren(active) && !open[active] ? toggle(active, true) : hasChildren(active) && move(1)),
  ArrowLeft: () => (open[active] && hasChildren(active) ? toggle(active, false) : parentOf[active] >= 0 && activate(parentOf[active])),
  Enter: () => select(active),
  " ": () => select(active),
};

const PAGE_KEYS = {
  "/": () => searchBox.focus(),
  "?": () => byId("help").showModal(),
  f: () => goToNext(failures()),
  c: () => toggleCriticalPath(),
  z: () => zoomToRow(ROWS[active]),
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  0: () => setView(0, WHOLE),
  Escape: () => (panel.hidden ? clearSearch() : closePanel()),
};

function toggleCriticalPath() {
  onlyPath = !onlyPath;
  byId("critical").setAttribute("aria-pressed", onlyPath);
  refilter();
}

grid.addEventListener("keydown", (event) => {
  const act = GRID_KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});
document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input, select, textarea, dialog");
  const act = event.key === "Escape" || byId("letters").checked ? PAGE_KEYS[event.key] : undefined;
  if (!act || inField || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});
