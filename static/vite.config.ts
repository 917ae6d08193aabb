import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vite";

/** Every file directly in src/pages is a page's entry; the parts of a page stand in a folder beside it. */
function pages(): string[] {
  return readdirSync("src/pages")
    .filter((name) => /^[a-z-]+\.tsx?$/.test(name))
    .map((name) => `src/pages/${name}`);
}

/** Style sheets that templates link by name. */
const STYLES = ["css/site.css", "css/recorder.css"];

export default defineConfig({
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    manifest: "manifest.json",
    target: ["es2022", "safari16.4", "chrome109", "firefox115"],
    assetsDir: "assets",
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: false, // pages link their preloads, and the service worker has the rest
    rollupOptions: { input: [...pages(), ...STYLES.filter((path) => existsSync(path))] },
  },
});
