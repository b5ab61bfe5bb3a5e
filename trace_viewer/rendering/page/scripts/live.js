// SPDX-License-Identifier: Apache-2.0
// A page of a running trace, served on this machine: asks for itself again, and takes over what is new.

const LIVE_PARTS = ["heading", "facts", "told", "news", "longest", "map-drawing"];
const EVERY = 3000; // milliseconds

/** Fetch this page as a document; null where it cannot be had. Nothing of it runs. */
const fetchPage = () => new Promise((done) => {
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.open("GET", location.pathname);
  request.onload = () => done(request.response?.getElementById("data") ? request.response : null);
  request.onerror = () => done(null);
  request.send();
});

/** Replace a part where it differs; what had the focus in it has it again. */
function replacePart(id, fresh) {
  const [old, next] = [byId(id), fresh.getElementById(id)];
  if (!old || !next || old.innerHTML === next.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.go : undefined;
  old.replaceWith(document.importNode(next, true));
  if (focused) document.querySelector(`#${id} [data-go="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Take over rows; what is open, selected, searched for and in view stays. */
function adopt(data) {
  const idOf = (index) => ROWS[index]?.id;
  const states = new Map(ROWS.map((row, index) => [row.id, (openBefore ?? open)[index]]));
  const [activeId, selectedId] = [idOf(active), idOf(selected)];
  const before = selected >= 0 ? JSON.stringify(ROWS[selected]) : "";
  const isWhole = viewStart <= 0 && viewEnd >= WHOLE;
  DATA = data;
  ROWS = data.rows;
  connect();
  haystacks = null;
  openBefore = null;
  open = Uint8Array.from(ROWS, (row) => states.get(row.id) ?? (row.alike ? 0 : 1));
  WHOLE = Math.max(DATA.duration, SHORTEST_VIEW);
  if (isWhole) [viewStart, viewEnd] = [0, WHOLE];
  active = indexOfId.get(activeId) ?? 0;
  selected = indexOfId.get(selectedId) ?? -1;
  if (selected < 0) panel.hidden = true;
  else if (!panel.hidden && before !== JSON.stringify(ROWS[selected])) panel.replaceChildren(...details(ROWS[selected], selected));
  refilter();
  layOut();
}

async function update() {
  const pause = byId("pause");
  if (pause.getAttribute("aria-pressed") !== "true") {
    const fresh = await fetchPage();
    if (fresh) {
      document.title = fresh.title;
      packedIn = fresh;
      LIVE_PARTS.forEach((id) => replacePart(id, fresh));
      adopt(JSON.parse(fresh.getElementById("data").textContent));
      fitMap();
      tellAge();
      if (!("live" in fresh.body.dataset)) return pause.remove(); // the run is over
    }
  }
  setTimeout(update, EVERY);
}

byId("pause").addEventListener("click", ({ currentTarget }) => {
  currentTarget.setAttribute("aria-pressed", currentTarget.getAttribute("aria-pressed") !== "true");
});
setTimeout(update, EVERY);
