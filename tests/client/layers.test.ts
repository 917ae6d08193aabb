/** The direction of imports in the client: core ← store ← sync ← pages; core ← ui ← pages; the worker stands alone. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const SOURCE = resolve(import.meta.dirname, "../../static/src");
const PACKAGES = ["preact", "preact/hooks", "@preact/signals", "@preact/signals-core", "idb", "uuidv7"];

const MAY_IMPORT: Record<string, readonly string[]> = {
  core: ["core"],
  store: ["store", "core"],
  sync: ["sync", "store", "core"],
  ui: ["ui", "core"],
  pages: ["pages", "ui", "sync", "store", "core"],
  sw: ["sw"],
};

const IMPORT = /^(?:import|export|\}).* from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

function wrongWay(path: string): string[] {
  const floor = relative(SOURCE, path).split("/")[0] ?? "";
  const allowed = MAY_IMPORT[floor];
  if (!allowed) return [`${relative(SOURCE, path)}: stands on no floor`];
  return readFileSync(path, "utf8").split("\n").flatMap((line, place) => {
    const named = IMPORT.exec(line)?.slice(1).find(Boolean);
    if (named === undefined || named.endsWith(".css")) return [];
    const where = `${relative(SOURCE, path)}:${place + 1}`;
    if (!named.startsWith(".")) return PACKAGES.includes(named) && floor !== "sw" ? [] : [`${where}: ${named} is not one of our packages`];
    const target = relative(SOURCE, join(dirname(path), named)).split("/")[0] ?? "";
    return allowed.includes(target) ? [] : [`${where}: ${floor} may not import ${named}`];
  });
}

it("imports run in the direction of the architecture", () => {
  const all = sources(SOURCE);

  expect(all.length).toBeGreaterThan(20);
  expect(all.flatMap(wrongWay)).toEqual([]);
});
