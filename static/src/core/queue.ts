/** What the uploading of a tablet's taps does next. Pure: `sync/loop` obeys it, tests replay it. It never gives up. */

/** What became of one exchange with the server. */
export type Exchange =
  /** the server answered for at least one event that it has it, or has kept it aside */
  | { readonly kind: "progress" }
  /** the server answered, and could take none of the events of these sessions now */
  | { readonly kind: "later"; readonly sessions: readonly string[] }
  /** no network, no answer in time, or an answer that is not from our server (a captive portal) */
  | { readonly kind: "unreachable" }
  | { readonly kind: "not-ours" }
  /** the body arrived damaged: something on the way changes it */
  | { readonly kind: "mangled" }
  | { readonly kind: "busy"; readonly retryAfterMs: number | null }
  | { readonly kind: "too-large" }
  | { readonly kind: "sign-in" }
  /** the server understood nothing of a request with these sessions */
  | { readonly kind: "refused"; readonly sessions: readonly string[] };

export type Problem = Exclude<Exchange["kind"], "progress">;

export interface QueueState {
  /** exchanges that failed since the last one that did not */
  readonly failures: number;
  /** nothing is sent before this instant */
  readonly notBefore: number;
  /** as above, but asked for by the server: not even a press of the button overrides it */
  readonly byServer: number;
  readonly problem: Problem | null;
  /** at most so many events a request */
  readonly limit: number;
  /** one session a request, to find the one that the server cannot read */
  readonly oneByOne: boolean;
  readonly gzip: boolean;
  /** sessions that wait for themselves, so that they do not keep the others waiting */
  readonly putOff: ReadonlyMap<string, number>;
}

export type Step =
  | { readonly kind: "send"; readonly limit: number; readonly oneByOne: boolean; readonly gzip: boolean; readonly without: ReadonlySet<string> }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "rest" };

export const MOST_EVENTS = 1_000;
/** under the 1 MiB of the contract, with room for the envelope */
export const MOST_BYTES = 900_000;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 5 * 60_000;
const LONGEST_BY_SERVER = 60 * 60_000;
const PUT_OFF = 30_000;
const TOGETHER = 3_000;

export const AT_REST: QueueState = {
  failures: 0,
  notBefore: 0,
  byServer: 0,
  problem: null,
  limit: MOST_EVENTS,
  oneByOne: false,
  gzip: true,
  putOff: new Map(),
};

/** What to do when these sessions have something to send. */
export function nextStep(state: QueueState, waiting: readonly string[], now: number): Step {
  if (waiting.length === 0) return { kind: "rest" };
  const notBefore = Math.max(state.notBefore, state.byServer);
  if (now < notBefore) return { kind: "wait", ms: notBefore - now };
  const without = new Set(waiting.filter((session) => now < (state.putOff.get(session) ?? 0)));
  if (without.size === waiting.length) return { kind: "wait", ms: soonest(state, waiting) - now };
  return { kind: "send", limit: state.limit, oneByOne: state.oneByOne, gzip: state.gzip, without };
}

function soonest(state: QueueState, waiting: readonly string[]): number {
  return Math.min(...waiting.map((session) => state.putOff.get(session) ?? 0));
}

/** Doubling from two seconds to five minutes, each somewhere between half and one and a half of it. `random` is in [0, 1). */
export function backOff(failures: number, random: number): number {
  const plain = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, failures - 1));
  return Math.round(plain * (0.5 + random));
}

/** The state after an exchange. */
export function after(state: QueueState, exchange: Exchange, now: number, random: number): QueueState {
  if (exchange.kind === "progress") {
    const limit = Math.min(MOST_EVENTS, state.limit * 2);
    return { ...state, failures: 0, notBefore: 0, byServer: 0, problem: null, limit, oneByOne: false };
  }
  const failures = state.failures + 1;
  const failed = { ...state, failures, problem: exchange.kind, notBefore: now + backOff(failures, random) };
  switch (exchange.kind) {
    case "later":
      return { ...failed, failures: 0, notBefore: 0, putOff: putOff(state, exchange.sessions, now, random) };
    case "refused":
      if (exchange.sessions.length > 1) return { ...failed, notBefore: now, oneByOne: true };
      return { ...failed, failures: 0, notBefore: now, putOff: putOff(state, exchange.sessions, now, random, 10) };
    case "too-large":
      return { ...failed, notBefore: state.limit > 1 ? now : failed.notBefore, limit: Math.max(1, Math.floor(state.limit / 2)) };
    case "mangled":
      return { ...failed, gzip: !state.gzip }; // a proxy that unpacks: send it plain next time, and packed after that
    case "busy": {
      const asked = Math.min(LONGEST_BY_SERVER, exchange.retryAfterMs ?? 0);
      return { ...failed, byServer: asked > 0 ? now + Math.round(asked * (1 + random / 4)) : 0 };
    }
    case "unreachable":
    case "not-ours":
    case "sign-in":
      return failed;
  }
}

function putOff(
  state: QueueState,
  sessions: readonly string[],
  now: number,
  random: number,
  times = 1,
): ReadonlyMap<string, number> {
  const still = [...state.putOff].filter(([, until]) => until > now);
  const until = now + Math.round(PUT_OFF * times * (0.5 + random));
  return new Map([...still, ...sessions.map((session) => [session, until] as const)]);
}

/**
 * There is a reason to try now: the network came back, the page is looked at, a button was pressed. Only what the
 * server asked for is kept. Without a hand, a moment is left, so that a roomful of tablets does not come at once.
 */
export function hurry(state: QueueState, now: number, random: number, byHand: boolean): QueueState {
  const soon = byHand ? now : now + Math.round(TOGETHER * random);
  return { ...state, notBefore: Math.min(state.notBefore, soon), putOff: byHand ? new Map() : state.putOff };
}

/** The tablet has a token again. */
export function signedIn(state: QueueState): QueueState {
  return { ...AT_REST, limit: state.limit };
}
