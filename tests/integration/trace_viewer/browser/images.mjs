// SPDX-License-Identifier: Apache-2.0
// Makes the images of the docs: PAGES=folder node images.mjs OUT name[:dark][:height][#part of the address] ...

import path from "node:path";
import { launch, openPage } from "./harness.mjs";

const [out, ...images] = process.argv.slice(2);
const browser = await launch();
for (const image of images) {
  const [named, hash = ""] = image.split("#");
  const [name, ...more] = named.split(":");
  const dark = more.includes("dark");
  const height = Number(more.find((part) => /^\d+$/.test(part)) ?? 1000);
  const { page, close } = await openPage(browser, name, { height, colorScheme: dark ? "dark" : "light" }, hash && `#${hash}`);
  await page.screenshot({ path: path.join(out, `${name}${dark ? "-dark" : ""}.png`) });
  await close();
}
await browser.close();
