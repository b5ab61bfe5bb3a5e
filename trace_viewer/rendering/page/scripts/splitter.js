// SPDX-License-Identifier: Apache-2.0
// The width of the details: by dragging their edge, or with the arrow keys on it.

const splitter = byId("splitter");
const NARROWEST = 240; // pixels, of the details and of the timeline
const STEP = 24; // pixels, of an arrow key

function setWidth(wanted) {
  const most = Math.max(NARROWEST, splitter.parentElement.clientWidth - NARROWEST);
  const width = clamp(wanted, NARROWEST, most);
  panel.style.flexBasis = `${width}px`;
  splitter.setAttribute("aria-valuenow", Math.round((width / splitter.parentElement.clientWidth) * 100));
  layOut();
}

splitter.addEventListener("pointerdown", (event) => splitter.setPointerCapture(event.pointerId));
splitter.addEventListener("pointermove", (event) => {
  if (splitter.hasPointerCapture(event.pointerId)) setWidth(splitter.parentElement.getBoundingClientRect().right - event.clientX);
});
splitter.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!step) return;
  event.preventDefault();
  setWidth(panel.offsetWidth + step);
});
