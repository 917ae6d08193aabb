// How much script runs before the first tap, gzipped: the recorder's entry and all that it imports. Fails above the limit.
// What is loaded later (the sync loop, another language, the summary) is on the tablet as well and is printed beside it.
// It builds in memory, so that nothing has to be built before; tests/client/size.test.ts holds every change to the limit.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

export const LIMIT = 60_000;
const ENTRY = "src/pages/recorder.tsx";
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {{ file: string, bytes: number, isFirst: boolean }} Script */

/** @param {Map<string, import("vite").Rolldown.OutputChunk>} chunks @param {string} file @param {boolean} lazy @param {Set<string>} seen */
function closure(chunks, file, lazy, seen = new Set()) {
  const chunk = chunks.get(file);
  if (!chunk || seen.has(file)) return seen;
  seen.add(file);
  for (const next of [...chunk.imports, ...(lazy ? chunk.dynamicImports : [])]) closure(chunks, next, lazy, seen);
  return seen;
}

/** Every script of the recorder, and whether it is there before the first tap. @returns {Promise<Script[]>} */
export async function recorderScripts() {
  process.env.NODE_ENV = "production"; // a test runner has set another one, and with it another build
  const built = await build({ root: ROOT, configFile: `${ROOT}/vite.config.ts`, logLevel: "error", build: { write: false } });
  const output = Array.isArray(built) ? built.flatMap((each) => each.output) : "output" in built ? built.output : [];
  const chunks = new Map(output.flatMap((each) => (each.type === "chunk" ? [[each.fileName, each]] : [])));
  const entry = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith(ENTRY));
  if (!entry) throw new Error(`There is no ${ENTRY} in the build.`);
  const first = closure(chunks, entry.fileName, false);
  return [...closure(chunks, entry.fileName, true)].map((file) => ({
    file, bytes: gzipSync(chunks.get(file)?.code ?? "", { level: 9 }).length, isFirst: first.has(file),
  }));
}

/** @param {readonly Script[]} scripts @param {boolean} isFirst */
export function sum(scripts, isFirst) {
  return scripts.filter((each) => each.isFirst === isFirst).reduce((total, each) => total + each.bytes, 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const scripts = await recorderScripts();
  for (const { file, bytes, isFirst } of scripts) console.log(`${String(bytes).padStart(7)}  ${isFirst ? "     " : "later"}  ${file}`);
  console.log(`${String(sum(scripts, true)).padStart(7)}  bytes gzipped of ${LIMIT} allowed; ${sum(scripts, false)} more later`);
  if (sum(scripts, true) > LIMIT) {
    console.error("The recorder's script is too large.");
    process.exit(1);
  }
}
