// SPDX-License-Identifier: Apache-2.0
// The stretch of time in view: zoom, axis, grid lines.

const SHORTEST_VIEW = 0.01; // milliseconds
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5, 216e5, 864e5];

let WHOLE = Math.max(DATA.duration, SHORTEST_VIEW);
let viewStart = 0;
let viewEnd = WHOLE;
const lines = byId("lines");

const percent = (ms) => clamp(((ms - viewStart) / (viewEnd - viewStart)) * 100, -1, 101);

/** Put an element where a stretch of time is; return whether any of it is in view. */
function placeInTime(element, start, end) {
  if (end < viewStart || start > viewEnd) return false;
  const left = percent(start);
  element.style.left = `${left}%`;
  element.style.width = `${Math.max(0, percent(end) - left)}%`;
  return true;
}

function setView(start, end) {
  const span = clamp(end - start, SHORTEST_VIEW, WHOLE);
  viewStart = clamp(start, 0, WHOLE - span);
  viewEnd = viewStart + span;
  drawAxis();
  drawWindow();
  redrawRows();
}

/** Zoom by a factor below 1 (closer) or above 1, around a moment. */
function zoom(factor, around = (viewStart + viewEnd) / 2) {
  setView(around - (around - viewStart) * factor, around + (viewEnd - around) * factor);
}

function zoomToRow(row) {
  const margin = Math.max(row.duration, SHORTEST_VIEW) * 0.05;
  setView(row.start - margin, row.start + Math.max(row.duration, SHORTEST_VIEW) + margin);
}

function drawAxis() {
  const axis = byId("axis");
  const width = axis.parentElement.clientWidth || 1;
  const wanted = ((viewEnd - viewStart) / width) * 90; // one tick about every 90 pixels
  let step = STEPS.find((candidate) => candidate >= wanted) ?? STEPS[STEPS.length - 1];
  if (wanted < 1) step = 10 ** Math.ceil(Math.log10(wanted));
  axis.replaceChildren();
  lines.replaceChildren();
  const last = viewEnd - ((viewEnd - viewStart) / width) * 48; // room for the label
  for (let tick = Math.ceil(viewStart / step) * step; tick <= last; tick += step) {
    const label = make("span", {}, tick === 0 ? "0" : duration(Math.max(tick, 0)));
    const line = make("i");
    label.style.left = line.style.left = `${percent(tick)}%`;
    axis.append(label);
    lines.append(line);
  }
}
