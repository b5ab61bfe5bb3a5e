// SPDX-License-Identifier: Apache-2.0
// The comparison: filter and order the table of steps. The table itself stands in the document.

const table = byId("steps");
const inOrder = [...table.tBodies[0].rows];
const byChange = [...inOrder].sort((one, other) => Math.abs(other.dataset.change) - Math.abs(one.dataset.change));

/** Flip a button and return its new state. */
function flip(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", on);
  return on;
}

function filter() {
  const changedOnly = byId("changed-only").getAttribute("aria-pressed") === "true";
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let hits = 0;
  for (const row of inOrder) {
    const name = row.cells[0].textContent.toLowerCase();
    row.hidden = (changedOnly && !row.classList.contains("notable")) || !words.every((word) => name.includes(word));
    hits += row.hidden ? 0 : 1;
  }
  byId("found").textContent = words.length ? `${hits} ${hits === 1 ? "step" : "steps"}` : "";
}

byId("changed-only").addEventListener("click", (event) => {
  flip(event.currentTarget);
  filter();
});
byId("largest-first").addEventListener("click", (event) => {
  const on = flip(event.currentTarget);
  table.classList.toggle("by-change", on);
  table.tBodies[0].append(...(on ? byChange : inOrder));
});
byId("search").addEventListener("input", filter);

byId("changed-only").click(); // what did not change is one click away
