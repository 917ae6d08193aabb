import { describe, expect, it, vi } from "vitest";
import { newLock, open, seal, suggestion, unlock, type Lock } from "../../../static/src/pages/key/cipher";
import { inClear, Refused, Safe } from "../../../static/src/pages/key/safe";

vi.setConfig({ testTimeout: 60_000 }); // each opening is 600,000 rounds, and the machine may be busy

const WORDS = "correct horse battery";
const MARY = { name: "Mary Quillon", contact: "0161 496 0000", note: "mother: Ann" };
const ROSTER = [{ id: "a", pseudonym: "P01" }, { id: "b", pseudonym: "P02" }];

/** A base64 text with one bit turned over in the middle. */
function tampered(text: string): string {
  const all = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const middle = all.length >> 1;
  all[middle] = (all[middle] ?? 0) ^ 1;
  return btoa(String.fromCharCode(...all));
}

/** The server's half: it keeps what it is given and never sees more. */
function aServer() {
  const kept: { version: number; lock: Lock | null; entries: Record<string, string> } = { version: 0, lock: null, entries: {} };
  const sent: string[] = [];
  const post = (path: string, body: unknown): Promise<unknown> => {
    sent.push(JSON.stringify(body));
    const { version, lock, entries, sealed } = body as { version: number; lock: Lock; entries: Record<string, string>; sealed: string | null };
    if (path === "fetch") return Promise.resolve(structuredClone(kept));
    if (version !== kept.version) return Promise.reject(new Refused("moved"));
    if (path === "lay-down") Object.assign(kept, { lock, entries });
    else if (sealed === null) delete kept.entries[path.slice("entries/".length)];
    else kept.entries[path.slice("entries/".length)] = sealed;
    kept.version += 1;
    return Promise.resolve({ version: kept.version });
  };
  return { kept, sent, post };
}

describe("what is sealed", () => {
  it("is opened with the passphrase, whichever way its letters are composed, and with no other", async () => {
    const { lock, key } = await newLock("caf\u00e9 under trees", "1", 1_000);
    const sealed = await seal(key, "1", "a", MARY);
    const again = await unlock(" cafe\u0301 under trees ", lock, "1");

    expect(again && await open(again, "1", "a", sealed)).toEqual(MARY);
    expect(await unlock("cafe under trees", lock, "1")).toBeNull();
    expect(await unlock("caf\u00e9 under trees", lock, "2")).toBeNull();
  });

  it("is of no use once a bit of it is changed, or in the place of another subject or study", async () => {
    const { lock, key } = await newLock(WORDS, "1", 1_000);
    const sealed = await seal(key, "1", "a", MARY);

    expect(await open(key, "1", "a", tampered(sealed))).toBeNull();
    expect(await open(key, "1", "b", sealed)).toBeNull();
    expect(await open(key, "2", "a", sealed)).toBeNull();
    expect(await open(key, "1", "a", "no base64 !")).toBeNull();
    expect(await unlock(WORDS, { ...lock, data_key: tampered(lock.data_key) }, "1")).toBeNull();
  });

  it("is as long for a short name as for a longer one, and never twice the same", async () => {
    const { key } = await newLock(WORDS, "1", 1_000);
    const [one, other, same] = await Promise.all([seal(key, "1", "a", { name: "Jo", contact: "", note: "" }), seal(key, "1", "a", MARY), seal(key, "1", "a", MARY)]);

    expect(atob(one).length).toBe(12 + 256 + 16);
    expect(atob(other).length).toBe(12 + 256 + 16);
    expect(other).not.toBe(same);
  });

  it("that is too long to be kept is refused before it is sent", async () => {
    const { key } = await newLock(WORDS, "1", 1_000);
    expect(() => seal(key, "1", "a", { ...MARY, note: "x".repeat(5_000) })).toThrow(RangeError);
  });
});

it("a suggestion has six groups of letters that cannot be taken for one another, and is another each time", () => {
  const made = Array.from({ length: 200 }, suggestion);

  expect(made.every((one) => /^(?:[2-9A-HJKMNP-Z]{4}-){5}[2-9A-HJKMNP-Z]{4}$/.test(one))).toBe(true);
  expect(new Set(made).size).toBe(200);
});

describe("the safe", () => {
  it("sends nothing in clear, and gives back what was entered to whoever has the passphrase", async () => {
    const server = aServer();
    const safe = new Safe("1", ROSTER, false, server.post);
    await safe.begin(WORDS);
    await safe.enter("a", MARY);
    safe.lock();
    expect(safe.stand.value).toEqual({ kind: "locked" });

    expect(await safe.open("wrong horse battery")).toBe(false);
    expect(safe.stand.value).toEqual({ kind: "locked" });
    expect(await safe.open(WORDS)).toBe(true);
    expect(safe.stand.value).toMatchObject({ kind: "open", identities: new Map([["a", MARY]]) });
    for (const canary of ["Quillon", "496", "Ann", WORDS]) expect(server.sent.join()).not.toContain(canary);
  });

  it("keeps everything under another passphrase, and under a data key of which the old one knows nothing", async () => {
    const server = aServer();
    const safe = new Safe("1", ROSTER, false, server.post);
    await safe.begin(WORDS);
    await safe.enter("a", MARY);
    const before = structuredClone(server.kept);
    await safe.change("another horse battery");

    const old = before.lock && await unlock(WORDS, before.lock, "1");
    expect(old && await open(old, "1", "a", server.kept.entries["a"] ?? "")).toBeNull();
    expect(await safe.open(WORDS)).toBe(false);
    expect(await safe.open("another horse battery")).toBe(true);
    expect(safe.stand.value).toMatchObject({ identities: new Map([["a", MARY]]) });
  });

  it("names an entry that was tampered with, shows the others, and does not lose it by a change of passphrase", async () => {
    const server = aServer();
    const safe = new Safe("1", ROSTER, false, server.post);
    await safe.begin(WORDS);
    await safe.enter("a", MARY);
    await safe.enter("b", { ...MARY, name: "Ben" });
    server.kept.entries["a"] = tampered(server.kept.entries["a"] ?? "");
    await safe.open(WORDS);

    expect(safe.stand.value).toMatchObject({ broken: new Set(["a"]), identities: new Map([["b", { ...MARY, name: "Ben" }]]) });
    await expect(safe.change("another horse battery")).rejects.toThrow(Refused);
  });

  it("writes over nobody's work: what another supervisor entered meanwhile stays, and this one is told", async () => {
    const server = aServer();
    const [one, other] = [new Safe("1", ROSTER, false, server.post), new Safe("1", ROSTER, true, server.post)];
    await one.begin(WORDS);
    await other.open(WORDS);
    await other.enter("b", MARY);

    await expect(one.enter("a", MARY)).rejects.toThrow("moved");
    expect(Object.keys(server.kept.entries)).toEqual(["b"]);
  });

  it("takes a sealed copy back after the key was deleted, without those who are not on the roster any more", async () => {
    const server = aServer();
    const safe = new Safe("1", ROSTER, false, server.post);
    await safe.begin(WORDS);
    await safe.enter("a", MARY);
    await safe.enter("b", MARY);
    const copy: unknown = JSON.parse(JSON.stringify(safe.copy()));
    const empty = aServer();
    const later = new Safe("1", [{ id: "a", pseudonym: "P01" }], false, empty.post);

    expect(await later.putBack(copy, "wrong horse battery")).toBe(false);
    expect(await later.putBack(copy, WORDS)).toBe(true);
    expect(later.stand.value).toMatchObject({ identities: new Map([["a", MARY]]) });
    expect(Object.keys(empty.kept.entries)).toEqual(["a"]);
    await expect(later.putBack({ schema: "other" }, WORDS)).rejects.toThrow("not a sealed copy");
    await expect(new Safe("2", ROSTER, false, empty.post).putBack(copy, WORDS)).rejects.toThrow("another study");
  });
});

it("the copy in clear is a table without formulas", () => {
  const identities = new Map([["a", { name: '=HYPERLINK("x")', contact: 'say "hello"', note: "" }]]);

  expect(inClear(ROSTER, identities)).toBe('"pseudonym","name","contact","note"\r\n"P01","\'=HYPERLINK(""x"")","say ""hello""",""\r\n');
});
