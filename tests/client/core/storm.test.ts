import { describe, expect, it } from "vitest";
import { after, AT_REST, hurry, nextStep, type Exchange, type QueueState } from "../../../static/src/core/queue";

const TABLETS = 200;
const EXCHANGES = 3;
const STEP_MS = 50;

/** Chance that is the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Server {
  /** requests worked on at once, and those that may wait for it; whoever comes beyond them is told to try later */
  readonly hands: number;
  readonly room: number;
  readonly takesMs: number;
  readonly goneUntil: number;
}

interface Tablet {
  state: QueueState;
  left: number;
  refused: number;
  doneAt: number;
}

interface Course {
  readonly tablets: readonly Tablet[];
  /** how many requests came in each second */
  readonly arrivals: readonly number[];
}

/** All tablets hear of the network at one moment; each does what the queue says, in virtual time. */
function course(server: Server, seed: number): Course {
  const random = chance(seed);
  const tablets = Array.from({ length: TABLETS }, (): Tablet => ({ state: hurry(AT_REST, 0, 0, true), left: EXCHANGES, refused: 0, doneAt: 0 }));
  const working: { readonly tablet: Tablet; readonly until: number }[] = [];
  const queued: Tablet[] = [];
  const asking = new Set<Tablet>();
  const arrivals: number[] = [];
  const told = (tablet: Tablet, exchange: Exchange, now: number): void => {
    asking.delete(tablet);
    tablet.state = after(tablet.state, exchange, now, random());
  };
  for (let now = 0; now < 3_600_000 && tablets.some((each) => each.left > 0); now += STEP_MS) {
    for (const { tablet } of working.filter((each) => each.until <= now)) {
      tablet.left -= 1;
      tablet.doneAt = now;
      told(tablet, { kind: "progress" }, now);
    }
    working.splice(0, working.length, ...working.filter((each) => each.until > now));
    for (const tablet of tablets) {
      if (tablet.left === 0 || asking.has(tablet) || nextStep(tablet.state, ["session"], now).kind !== "send") continue;
      arrivals[Math.floor(now / 1_000)] = (arrivals[Math.floor(now / 1_000)] ?? 0) + 1;
      asking.add(tablet);
      if (now >= server.goneUntil && queued.length < server.room) queued.push(tablet);
      else {
        tablet.refused += 1;
        told(tablet, now < server.goneUntil ? { kind: "unreachable" } : { kind: "busy", retryAfterMs: 5_000 }, now);
      }
    }
    while (working.length < server.hands && queued[0]) working.push({ tablet: queued.shift() as Tablet, until: now + server.takesMs });
  }
  return { tablets, arrivals };
}

/** When each was done, those that were quick first. */
function ends({ tablets }: Course): readonly number[] {
  return tablets.map((each) => each.doneAt).sort((one, other) => one - other);
}

describe("two hundred tablets that come back at once (F33)", () => {
  it.each([1, 2, 3])("are all served by a server that has room for few of them, none much later than the others (%i)", (seed) => {
    const found = course({ hands: 8, room: 32, takesMs: 150, goneUntil: 0 }, seed);

    const ended = ends(found);
    expect(found.tablets.every((each) => each.left === 0)).toBe(true);
    expect(Math.max(...found.tablets.map((each) => each.refused))).toBeLessThanOrEqual(4);
    expect(ended.at(-1)).toBeLessThan(30_000); // without any waiting for nothing it would be 11,250
    expect(ended.at(-1)).toBeLessThan(2.2 * (ended[TABLETS / 2] ?? 0));
  });

  it.each([1, 2])("do not come at once to a server that was gone for five minutes, and all have come within eight (%i)", (seed) => {
    const gone = 300_000;
    const found = course({ hands: 8, room: 32, takesMs: 150, goneUntil: gone }, seed);

    expect(found.tablets.every((each) => each.left === 0)).toBe(true);
    expect(ends(found).at(-1)).toBeLessThan(gone + 480_000);
    expect(Math.max(...Array.from(found.arrivals.slice(gone / 1_000), (each) => each ?? 0))).toBeLessThan(30);
    expect(Math.max(...found.tablets.map((each) => each.refused))).toBeLessThanOrEqual(10);
  });
});
