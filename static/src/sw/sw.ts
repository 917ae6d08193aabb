/**
 * Serves the recorder's files without a network, and nothing else: it never sees an observation.
 * The server puts `OBSERVE` in front of this script: the version, and each file with the hash that it must have.
 * Another version is another script, and another cache.
 */

declare const self: ServiceWorkerGlobalScope & {
  readonly OBSERVE: { readonly version: string; readonly files: Readonly<Record<string, string>> };
};

const SHELL = "/recorder";
const PREFIX = "observe-";
const { version, files } = self.OBSERVE;
const CACHE = PREFIX + version;

/** All files or none: one that fails makes the installation fail, and the version before stays in use. */
async function install(): Promise<void> {
  const fetched = await Promise.all(Object.entries(files).map(([file, integrity]) => fetchWhole(file, integrity)));
  const cache = await caches.open(CACHE);
  await Promise.all(Object.keys(files).map((file, place) => cache.put(file, fetched[place] as Response)));
}

/** The hash refuses a portal's page, a file cut short, and one of another release. */
async function fetchWhole(file: string, integrity: string): Promise<Response> {
  const response = await fetch(file, { cache: "no-cache", credentials: "omit", redirect: "error", integrity });
  if (response.status !== 200) throw new Error(`${file} could not be fetched: ${response.status}.`);
  return response;
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** From the cache of this version; a file that is not in it comes from the network. */
async function serve(request: Request, name: string): Promise<Response> {
  const cached = await (await caches.open(CACHE)).match(name, { ignoreVary: true });
  return cached ?? fetch(request);
}

function nameOf(request: Request): string | null {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return null;
  if (request.mode === "navigate") return url.pathname === SHELL || url.pathname.startsWith(`${SHELL}/`) ? SHELL : null;
  const name = url.pathname + url.search;
  return name !== SHELL && name in files ? name : null;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "use-now") event.waitUntil(self.skipWaiting()); // said by a page between two sessions
});
self.addEventListener("fetch", (event) => {
  const name = nameOf(event.request);
  if (name !== null) event.respondWith(serve(event.request, name));
});

export {};
