// SPDX-License-Identifier: Apache-2.0
// Puts the page together.

/** Call after anything that changes widths. */
function layOut() {
  document.querySelector(".split").classList.toggle("with-panel", !panel.hidden);
  splitter.hidden = panel.hidden;
  drawAxis();
  drawMinimap();
  drawWindow();
  redrawRows();
}

/** Change which rows are open, and keep that when a search is over. */
function refold(change) {
  change();
  if (openBefore && !words.length) openBefore = open.slice();
  refreshVisible();
  showRows();
}

byId("theme").addEventListener("click", drawMinimap);
byId("help-open").addEventListener("click", () => byId("help").showModal());
byId("fold-all").addEventListener("click", () => refold(foldAll));
byId("unfold-all").addEventListener("click", () => refold(() => open.fill(1)));
byId("fold-one").addEventListener("click", () => refold(() => foldOneLevel(-1)));
byId("unfold-one").addEventListener("click", () => refold(() => foldOneLevel(1)));
byId("critical").addEventListener("click", toggleCriticalPath);
byId("zoom-in").addEventListener("click", () => zoom(0.5));
byId("zoom-out").addEventListener("click", () => zoom(2));
byId("zoom-reset").addEventListener("click", () => setView(0, WHOLE));
window.addEventListener("resize", onNextFrame(layOut));
window.addEventListener("hashchange", () => goTo(idInAddress()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMinimap);

/** Let a wide map shrink a little, then scroll; show the failed service first. */
function fitMap() {
  const drawing = document.querySelector(".map svg");
  drawing.style.maxWidth = "100%";
  drawing.style.minWidth = `${Math.round(drawing.width.baseVal.value * 0.82)}px`;
  const scroller = drawing.parentElement;
  const failedService = drawing.querySelector(".service.fault:last-of-type, .service.error:last-of-type");
  if (failedService) scroller.scrollLeft = failedService.getBoundingClientRect().left - scroller.getBoundingClientRect().left - 40;
}

/** Return the id in an address such as trace.html#/4f0780c29482489f. */
function idInAddress() {
  try {
    return decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  } catch {
    return "";
  }
}

/** Fold what is well, then the map, until the failed row is in the window. */
function showFailureAtOnce() {
  const fits = () => visible.indexOf(active) < Math.floor((innerHeight - body.getBoundingClientRect().top - scrollY) / ROW_HEIGHT) - 1;
  const steps = [
    () => ROWS.forEach((row, index) => { if (!isFailed(row)) open[index] = 0; }),
    () => { byId("map").open = false; },
  ];
  for (const step of steps) {
    if (fits()) return;
    step();
    reveal(active);
    refreshVisible();
  }
}

/** Say how old a page of a running trace is. */
function tellAge() {
  const age = byId("age");
  if (age) age.textContent = `, ${duration(Math.max(0, Math.round(Date.now() / 1000 - age.dataset.at)) * 1000)} ago`;
}

openAtFirst();
refreshVisible();
tellAge();
setInterval(tellAge, 1000);
if (!goTo(idInAddress()) && DATA.failed) {
  active = indexOfId.get(DATA.failed);
  showFailureAtOnce();
  if (innerWidth > 760) select(active, { remember: false });
  else selected = active; // the details would cover a small screen, where the failure stands anyway
}
layOut();
fitMap();
