import { join } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";

/** Lets the tests, which stand outside this folder, import the packages that are installed in it. */
function packagesFromHere(): Plugin {
  const here = join(import.meta.dirname, "src", "index.ts");
  return {
    name: "packages-from-here",
    enforce: "pre",
    resolveId(source, importer) {
      const isBare = /^[@a-z]/i.test(source) && !source.includes(":");
      if (!isBare || !importer?.includes("/tests/client/")) return null;
      return this.resolve(source, here, { skipSelf: true });
    },
  };
}

export default defineConfig({
  plugins: [packagesFromHere()],
  server: { fs: { strict: false } }, // tests with a DOM are served, and they stand outside this folder
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    dir: "../tests/client",
    include: ["**/*.test.{ts,tsx}"],
    passWithNoTests: true,
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
