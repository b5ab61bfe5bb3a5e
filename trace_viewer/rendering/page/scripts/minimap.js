// SPDX-License-Identifier: Apache-2.0
// The overview above the rows: every span of the trace in 40 pixels; drag to zoom, wheel to zoom, shift-wheel to move.

const canvas = byId("minimap");
const colorOf = (key) => getComputedStyle(document.querySelector(`.key.${key}`)).backgroundColor;

function drawMinimap() {
  const ratio = window.devicePixelRatio || 1;
  const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio)));
  const height = (canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio)));
  const brush = canvas.getContext("2d");
  const line = Math.max(ratio, Math.min(3 * ratio, height / ROWS.length));
  const [plain, bad] = [colorOf("own"), colorOf("bad")];
  const draw = (row, index) => {
    brush.fillStyle = isFailed(row) ? bad : plain;
    const y = (index / ROWS.length) * (height - line);
    brush.fillRect((row.start / WHOLE) * width, y, Math.max(ratio, (row.duration / WHOLE) * width), line);
  };
  ROWS.forEach((row, index) => isFailed(row) || draw(row, index));
  ROWS.forEach((row, index) => isFailed(row) && draw(row, index));
}

function drawWindow() {
  const frame = byId("window");
  frame.hidden = viewStart <= 0 && viewEnd >= WHOLE;
  frame.style.left = `${(viewStart / WHOLE) * 100}%`;
  frame.style.width = `${((viewEnd - viewStart) / WHOLE) * 100}%`;
}

const overview = canvas.parentElement;
const momentAt = (event, element, start, end) => {
  const box = element.getBoundingClientRect();
  return start + clamp((event.clientX - box.left) / box.width, 0, 1) * (end - start);
};

let dragFrom = null;
overview.addEventListener("pointerdown", (event) => {
  dragFrom = momentAt(event, overview, 0, WHOLE);
  overview.setPointerCapture(event.pointerId);
});
overview.addEventListener("pointermove", (event) => {
  if (dragFrom === null) return;
  const to = momentAt(event, overview, 0, WHOLE);
  if (Math.abs(to - dragFrom) > WHOLE / 200) setView(Math.min(dragFrom, to), Math.max(dragFrom, to));
});
overview.addEventListener("pointerup", () => { dragFrom = null; });
overview.addEventListener("pointercancel", () => { dragFrom = null; });
overview.addEventListener("dblclick", () => setView(0, WHOLE));

grid.addEventListener("wheel", (event) => {
  const track = event.target.closest(".c-track");
  if (!track || !(event.ctrlKey || event.shiftKey)) return;
  event.preventDefault();
  const turn = event.deltaY || event.deltaX;
  if (event.ctrlKey) zoom(turn > 0 ? 1.25 : 0.8, momentAt(event, track, viewStart, viewEnd));
  else setView(viewStart + (viewEnd - viewStart) * Math.sign(turn) * 0.1, viewEnd + (viewEnd - viewStart) * Math.sign(turn) * 0.1);
}, { passive: false });
