import { defineConfig } from "vite";

/** The service worker: one classic script of a fixed name, which the server completes with the list of files. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["es2022", "safari16.4", "chrome109", "firefox115"],
    modulePreload: false,
    rollupOptions: {
      input: "src/sw/sw.ts",
      output: { format: "iife", entryFileNames: "sw.js" },
    },
  },
});
