// SPDX-License-Identifier: Apache-2.0
// What every part of the trace's page uses: the data, elements, numbers.

let DATA = JSON.parse(document.getElementById("data").textContent);
let ROWS = DATA.rows;
const ROW_HEIGHT = 26; // pixels, as in page.css
const FAILED = new Set(["fault", "error", "throttle"]);

/** Make an element. Text goes in as text: nothing of a trace is ever read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Print milliseconds with about three digits, as the terminal tree does. */
function duration(ms) {
  if (ms < 9.95) return `${+ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)}s`;
  if (ms < 59950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  const minutes = Math.round(ms / 60000);
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

const grouped = (number) => number.toLocaleString("en-US");
const isFailed = (row) => FAILED.has(row.status);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Run a function once, before the next frame, however often it is asked for. */
function onNextFrame(run) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      run();
    });
  };
}
