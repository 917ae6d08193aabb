// How much script a tablet fetches before the recorder runs: gzipped, everything it can ever load. Fails above the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 60_000;
const ENTRY = "src/pages/recorder.tsx";

/** @typedef {{ file: string, imports?: string[], dynamicImports?: string[] }} Chunk */

/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(readFileSync("dist/manifest.json", "utf8"));

/** @param {string} key @param {Set<string>} seen */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) closure(next, seen);
  return seen;
}

let total = 0;
for (const key of closure(ENTRY)) {
  const file = manifest[key]?.file ?? "";
  const size = gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(7)}  ${file}`);
}
console.log(`${String(total).padStart(7)}  bytes gzipped of ${LIMIT} allowed`);
if (total === 0 || total > LIMIT) {
  console.error(total === 0 ? `There is no ${ENTRY} in the build.` : "The recorder's script is too large.");
  process.exit(1);
}
