/** SHA-256 over events and bodies, as docs/reference/sync.md defines it. */

const encoder = new TextEncoder();

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The digest of a log: over each event's own SHA-256, in the order of seq. */
export async function digestOf(texts: readonly string[]): Promise<string> {
  const joined = new Uint8Array(texts.length * 32);
  const hashes = await Promise.all(texts.map((text) => sha256(encoder.encode(text))));
  hashes.forEach((hash, place) => joined.set(hash, place * 32));
  return hex(await sha256(joined));
}
