// SPDX-License-Identifier: Apache-2.0
// Exports: packed into the page when it was written, unpacked when asked for.

let packedIn = document; // a live page finds newer ones

async function unpack(name) {
  const packed = packedIn.getElementById(`export-${name}`).textContent.trim();
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).blob();
}

async function download(name) {
  const blob = new Blob([await unpack(name)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(blob), download: byId(`export-${name}`).dataset.file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

byId("export").addEventListener("change", async (event) => {
  const name = event.target.value;
  event.target.value = "";
  if (name) await download(name);
});
