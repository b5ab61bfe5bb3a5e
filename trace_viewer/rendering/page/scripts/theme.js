// SPDX-License-Identifier: Apache-2.0
// Colours: those of the system, light, dark, in turn.

const THEMES = ["auto", "light", "dark"];

byId("theme").addEventListener("click", (event) => {
  const current = document.documentElement.dataset.theme ?? "auto";
  const theme = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length];
  document.documentElement.dataset.theme = theme;
  event.currentTarget.textContent = `Theme: ${theme}`;
});
