// SPDX-License-Identifier: Apache-2.0
// Puts the page together.

/** Call after anything that changes widths. */
function layOut() {
  document.querySelector(".split").classList.toggle("with-panel", !panel.hidden);
  alignTracks();
  drawAxis();
  drawMinimap();
  drawWindow();
  redrawRows();
}

function setAll(value) {
  open.fill(value);
  if (!value) open[0] = 1;
  showRows();
}

byId("theme").addEventListener("click", drawMinimap);
byId("help-open").addEventListener("click", () => byId("help").showModal());
byId("fold-all").addEventListener("click", () => setAll(0));
byId("unfold-all").addEventListener("click", () => setAll(1));
byId("critical").addEventListener("click", toggleCriticalPath);
byId("zoom-in").addEventListener("click", () => zoom(0.5));
byId("zoom-out").addEventListener("click", () => zoom(2));
byId("zoom-reset").addEventListener("click", () => setView(0, WHOLE));
byId("show-failure")?.addEventListener("click", () => {
  goTo(DATA.failed);
  drawn.get(active)?.scrollIntoView({ block: "center" });
  grid.focus({ preventScroll: true });
});
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

for (const service of document.querySelectorAll(".map .service")) {
  service.addEventListener("click", () => goTo(service.dataset.id));
  service.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    goTo(service.dataset.id);
  });
}

/** Name the spans that held the trace up longest by their own time. */
function nameLongest() {
  const byName = new Map();
  for (const row of ROWS) {
    const own = (row.path ?? []).reduce((sum, [start, end]) => sum + end - start, 0);
    const held = byName.get(row.name) ?? { total: 0, most: 0, times: 0, id: row.id };
    byName.set(row.name, { total: held.total + own, most: Math.max(held.most, own), times: held.times + (own > 0), id: own > held.most ? row.id : held.id });
  }
  const longest = [...byName].sort(([, one], [, other]) => other.total - one.total).slice(0, 3).filter(([, held]) => held.total >= WHOLE / 50);
  if (!longest.length) return;
  byId("longest").append("held up longest by", ...longest.map(([name, held]) => {
    const button = make("button", { type: "button" }, `${name}${held.times > 1 ? ` ×${held.times}` : ""} ${duration(held.total)}`);
    button.addEventListener("click", () => goTo(held.id));
    return button;
  }));
}

/** Return the id in an address such as trace.html#/4f0780c29482489f. */
function idInAddress() {
  try {
    return decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  } catch {
    return "";
  }
}

openAtFirst();
nameLongest();
refreshVisible();
if (!goTo(idInAddress()) && DATA.failed) {
  active = indexOfId.get(DATA.failed);
  if (innerWidth > 760) select(active, { remember: false });
  else selected = active; // the details would cover a small screen, where the failure stands anyway
}
layOut();
fitMap();
