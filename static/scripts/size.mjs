// How much script runs before the first tap, gzipped: the recorder's entry and all that it imports. Fails above the limit.
// What is loaded later (another language, the summary) is on the tablet as well and is printed beside it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 70_000;
const ENTRY = "src/pages/recorder.tsx";

/** @typedef {{ file: string, imports?: string[], dynamicImports?: string[] }} Chunk */

/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(readFileSync("dist/manifest.json", "utf8"));

/** @param {string} key @param {boolean} lazy @param {Set<string>} seen @returns {Set<string>} */
function closure(key, lazy, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const next of [...(chunk.imports ?? []), ...(lazy ? (chunk.dynamicImports ?? []) : [])]) closure(next, lazy, seen);
  return seen;
}

/** @param {string} key */
function packed(key) {
  const file = manifest[key]?.file ?? "";
  return gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
}

const first = closure(ENTRY, false);
let total = 0;
let later = 0;
for (const key of closure(ENTRY, true)) {
  const size = packed(key);
  if (first.has(key)) total += size;
  else later += size;
  console.log(`${String(size).padStart(7)}  ${first.has(key) ? "     " : "later"}  ${manifest[key]?.file}`);
}
console.log(`${String(total).padStart(7)}  bytes gzipped of ${LIMIT} allowed; ${later} more later`);
if (total === 0 || total > LIMIT) {
  console.error(total === 0 ? `There is no ${ENTRY} in the build.` : "The recorder's script is too large.");
  process.exit(1);
}
