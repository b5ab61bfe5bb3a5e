// SPDX-License-Identifier: Apache-2.0
// A finding leads to the row that shows it.

byId("findings")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go]");
  if (!button || !goTo(button.dataset.go)) return;
  drawn.get(active)?.scrollIntoView({ block: "center" });
  grid.focus({ preventScroll: true });
});
