/** Sealing and opening the key of pseudonyms, with the browser's own cryptography and nothing else.
 *
 * A random data key seals the entries (AES-256-GCM); the passphrase, through PBKDF2, locks the data key. Each sealed thing
 * is tied to its study and subject, so that one cannot be put in another's place. docs/explanation/protecting-people.md says
 * the same in words, and how to open a sealed copy without this program.
 */

export interface Lock {
  readonly derivation: "PBKDF2-SHA-256";
  readonly rounds: number;
  readonly salt: string;
  readonly data_key: string;
}

/** Who stands behind a pseudonym. */
export interface Identity {
  readonly name: string;
  readonly contact: string;
  readonly note: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

export const ROUNDS = 600_000; // OWASP's figure for PBKDF2 with SHA-256; about half a second on a phone
export const SHORTEST = 12;
const NONCE = 12;
const BLOCK = 256;
const MOST = 16 * BLOCK;
const LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** A key that opens and seals, or null when the passphrase is not right or the lock was tampered with: nobody can tell which. */
export async function unlock(passphrase: string, lock: Lock, study: string): Promise<CryptoKey | null> {
  const outer = await derived(passphrase, lock.salt, lock.rounds);
  const data = await opened(outer, lock.data_key, place(study, "data key"));
  return data && crypto.subtle.importKey("raw", data, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** A fresh lock with a data key that was never used before. The server takes none with fewer rounds than `ROUNDS`. */
export async function newLock(passphrase: string, study: string, rounds = ROUNDS): Promise<{ readonly lock: Lock; readonly key: CryptoKey }> {
  const data = crypto.getRandomValues(new Uint8Array(32));
  const salt = base64(crypto.getRandomValues(new Uint8Array(16)));
  const outer = await derived(passphrase, salt, rounds);
  const data_key = await sealed(outer, data, place(study, "data key"));
  const key = await crypto.subtle.importKey("raw", data, "AES-GCM", false, ["encrypt", "decrypt"]);
  data.fill(0);
  return { lock: { derivation: "PBKDF2-SHA-256", rounds, salt, data_key }, key };
}

/** One identity, filled up so that its length tells nothing. RangeError when it is too long to be kept. */
export function seal(key: CryptoKey, study: string, subject: string, identity: Identity): Promise<string> {
  const words = new TextEncoder().encode(JSON.stringify(identity));
  const filled = new Uint8Array(Math.ceil(words.length / BLOCK) * BLOCK).fill(32); // spaces: JSON does not mind them
  if (filled.length > MOST) throw new RangeError("too long");
  filled.set(words);
  return sealed(key, filled, place(study, subject));
}

/** What was sealed, or null when it was changed, or belongs to another subject, study or key. */
export async function open(key: CryptoKey, study: string, subject: string, one: string): Promise<Identity | null> {
  const words = await opened(key, one, place(study, subject));
  if (!words) return null;
  const found: unknown = JSON.parse(new TextDecoder().decode(words));
  const text = (name: string) => {
    const value: unknown = typeof found === "object" && found !== null && name in found ? found[name as never] : "";
    return typeof value === "string" ? value : "";
  };
  return { name: text("name"), contact: text("contact"), note: text("note") };
}

/** A passphrase that nobody guesses: six groups of four from 31 letters and digits, 118 bits. */
export function suggestion(): string {
  const letters: string[] = [];
  while (letters.length < 24) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0] ?? 255;
    const letter = LETTERS[byte % 32];
    if (letter !== undefined) letters.push(letter); // the 32nd does not exist: drawn again, so that all are as likely
  }
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

async function derived(passphrase: string, salt: string, rounds: number): Promise<CryptoKey> {
  const words = new TextEncoder().encode(passphrase.normalize("NFKC").trim());
  const raw = await crypto.subtle.importKey("raw", words, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: rounds };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function sealed(key: CryptoKey, data: Bytes, where: Bytes): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const inside = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: where }, key, data));
  const all = new Uint8Array(NONCE + inside.length);
  all.set(iv);
  all.set(inside, NONCE);
  return base64(all);
}

async function opened(key: CryptoKey, one: string, where: Bytes): Promise<Bytes | null> {
  try {
    const all = bytes(one);
    const how = { name: "AES-GCM", iv: all.slice(0, NONCE), additionalData: where };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, all.slice(NONCE)));
  } catch {
    return null; // the tag does not fit: that is the answer, and there is no more to it
  }
}

function place(study: string, what: string): Bytes {
  return new TextEncoder().encode(`observe key 1\n${study}\n${what}`);
}

function base64(data: Bytes): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}

function bytes(text: string): Bytes {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
