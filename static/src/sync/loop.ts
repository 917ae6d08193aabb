/** Brings the taps to the server: obeys `core/queue`, one window at a time, for as long as it takes. */

import { signal, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { uuidv7 } from "uuidv7";
import { after, AT_REST, hurry, MOST_BYTES, nextStep, signedIn, type Problem, type QueueState, type Step } from "../core/queue";
import type { Database } from "../store/database";
import { storageFailed } from "../store/failures";
import { allFigures, figuresOf, mark, sendAgain, totals, waiting, type Waiting } from "../store/outbox";
import { noteTotals } from "../store/sentinel";
import { sessionCard } from "../store/sessions";
import { setSetting, setting, type Device } from "../store/settings";
import { sendAttachments } from "./attach";
import { exchangeOf, fill, requestText, syncReply, type Answer, type Part, type SyncReply } from "./protocol";
import { exchangePull, reconcile } from "./pull";
import { NOTHING, type Syncing, type SyncStatus } from "./status";
import { networkTransport, type Transport } from "./transport";

export type { ServerClock, SyncStatus } from "./status";

export interface SyncOptions {
  readonly app?: string;
  readonly transport?: Transport;
  /** null where the browser has no Web Locks: then several windows may send the same taps, which is harmless */
  readonly locks?: LockManager | null;
  readonly wall?: () => number;
  readonly mono?: () => number;
  readonly random?: () => number;
  readonly everyMs?: number;
  readonly pullEveryMs?: number;
  readonly soonMs?: number;
  /** where `online` is heard, and `visibilitychange` */
  readonly window?: EventTarget | null;
  readonly page?: EventTarget | null;
  readonly storage?: Storage | null;
}

const WORDS: Record<Problem, string> = {
  later: "The server cannot take these taps just now. They stay here and are sent again.",
  unreachable: "There is no way through to the server. The taps stay here and are sent later.",
  "not-ours": "Something else than our server answered, as in a network that wants a sign-in. The taps stay here.",
  mangled: "The taps arrived damaged, so the server took none of them. They stay here and are sent again.",
  busy: "The server is busy. The taps stay here and are sent later.",
  "too-large": "The server takes less at a time. The taps are sent in smaller parts.",
  "sign-in": "The server does not know this tablet any more. Recording goes on; enrol it again to sync.",
  refused: "The server could not read what was sent. The taps stay here; tell your supervisor.",
};

const CLOCK_EVERY = 10 * 60_000;
const CLOCK_MOVED = 2_000;
const PULL_SOON = 60_000;

const NOT_ENROLLED = "This tablet is not enrolled. What is recorded stays here until it is.";

export class Sync implements Syncing {
  readonly #database: Database;
  readonly #options: SyncOptions;
  readonly #transport: Transport;
  readonly #status: Signal<SyncStatus> = signal(NOTHING);
  /** how sending goes, by the device in whose name; a former one's trouble holds up nobody else */
  readonly #queues = new Map<string, QueueState>();
  readonly #owners = new Map<string, string>();
  #sender: string | null = null;
  #former: readonly Device[] = [];
  #present: string | null = null;
  #pulls: QueueState = AT_REST;
  #pullAt = 0;
  #due = Infinity;
  #token: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #isStopped = false;
  readonly #onOnline = (): void => this.#trigger(false);
  readonly #onVisibility = (): void => this.#trigger(false);

  constructor(database: Database, options: SyncOptions) {
    this.#database = database;
    this.#options = options;
    this.#transport = options.transport ?? networkTransport();
    this.#window?.addEventListener("online", this.#onOnline);
    this.#page?.addEventListener("visibilitychange", this.#onVisibility);
    void this.run();
  }

  get status(): ReadonlySignal<SyncStatus> {
    return this.#status;
  }

  /** The button: whatever was waited for is tried at once. Only what the server asked for is kept. */
  now(): void {
    this.#pullAt = 0;
    this.#trigger(true);
  }

  /** Something was recorded. Costs the tap nothing: figures are read and taps are sent a moment later. */
  noteChange(): void {
    if (this.#isStopped || this.#running) {
      this.#again = true;
      return;
    }
    const soon = this.#options.soonMs ?? 1_500;
    if (this.#mono() + soon < this.#due) this.#schedule(soon); // somebody who taps all the time never puts it off
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#window?.removeEventListener("online", this.#onOnline);
    this.#page?.removeEventListener("visibilitychange", this.#onVisibility);
  }

  /** One pass: sends what can be sent now, then sets the time of the next. Resolves when it is over. */
  run(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    clearTimeout(this.#timer);
    this.#running = this.#pass().finally(() => {
      this.#running = null;
      if (this.#isStopped) return;
      this.#schedule(this.#again ? (this.#options.soonMs ?? 1_500) : this.#untilNext());
      this.#again = false;
    });
    return this.#running;
  }

  get #window(): EventTarget | null {
    return this.#options.window === undefined ? (globalThis.window ?? null) : this.#options.window;
  }

  get #page(): EventTarget | null {
    return this.#options.page === undefined ? (globalThis.document ?? null) : this.#options.page;
  }

  #wall(): number {
    return (this.#options.wall ?? Date.now)();
  }

  get #sends(): QueueState {
    return this.#queues.get(this.#sender ?? "") ?? AT_REST;
  }

  set #sends(state: QueueState) {
    this.#queues.set(this.#sender ?? "", state);
  }

  #mono(): number {
    return (this.#options.mono ?? (() => performance.now()))();
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }

  #say(changes: Partial<SyncStatus>): void {
    this.#status.value = { ...this.#status.value, ...changes };
  }

  #trigger(byHand: boolean): void {
    if (this.#isStopped) return;
    for (const [sender, state] of this.#queues) this.#queues.set(sender, hurry(state, this.#mono(), this.#random(), byHand));
    this.#pulls = hurry(this.#pulls, this.#mono(), this.#random(), byHand);
    void this.run();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#due = this.#mono() + ms;
    this.#timer = setTimeout(() => void this.run(), Math.max(0, ms));
  }

  /** A minute, give or take a quarter; sooner when the queue waits for less. */
  #untilNext(): number {
    const usual = (this.#options.everyMs ?? 60_000) * (0.75 + this.#random() / 2);
    const wanted = this.#status.value.nextTry;
    return wanted === null ? usual : Math.min(usual, wanted);
  }

  async #pass(): Promise<void> {
    try {
      const device = await setting(this.#database, "device");
      this.#former = (await setting(this.#database, "former")) ?? [];
      this.#present = device?.id ?? null;
      this.#sender = this.#present;
      if (device) await this.#alone(() => this.#exchange(device));
      this.#sender = this.#present;
      await this.#tell(device);
    } catch (problem) {
      this.#say({ sending: false, problem: storageFailed(problem).sentence }); // and the timer tries again
    }
  }

  /** One window at a time; the others only show the figures. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const locks = this.#options.locks === undefined ? globalThis.navigator?.locks : this.#options.locks;
    if (!locks) return work();
    await locks.request("sync", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  }

  async #exchange(device: Device): Promise<void> {
    if (device.token !== this.#token) this.#begin(device);
    this.#say({ sending: true });
    const senders = [device, ...this.#former];
    for (const each of senders) await this.#sendAll(each);
    this.#sender = device.id;
    if (this.#pullAt <= this.#mono() && nextStep(this.#pulls, ["pull"], this.#mono()).kind === "send") await this.#pull(device);
    for (const each of senders) if (!this.#isStopped) await sendAttachments(this.#database, each, this.#transport);
    this.#say({ sending: false });
  }

  /** Sends what was recorded in this device's name. */
  async #sendAll(device: Device): Promise<void> {
    this.#sender = device.id;
    while (!this.#isStopped) {
      const step = nextStep(this.#sends, await this.#waiting(), this.#mono());
      if (step.kind !== "send") break;
      await this.#send(device, step);
      await this.#tell(device);
    }
  }

  #begin(device: Device): void {
    this.#token = device.token;
    this.#sender = device.id;
    this.#sends = signedIn(this.#sends);
    this.#pulls = AT_REST;
    this.#pullAt = 0;
  }

  /** The sessions with something to send in the sender's name, those that have waited longest first. */
  async #waiting(): Promise<readonly string[]> {
    const figures = (await allFigures(this.#database)).filter((each) => each.unsynced > 0);
    const own: typeof figures[number][] = [];
    for (const each of figures) if ((await this.#senderOf(each.session)) === this.#sender) own.push(each);
    return own.sort((one, other) => (one.oldest ?? 0) - (other.oldest ?? 0)).map((each) => each.session);
  }

  /** Whoever recorded it, if this tablet still is or was that device; else the present one, and the server decides. */
  async #senderOf(session: string): Promise<string | null> {
    const owner = this.#owners.get(session) ?? (await sessionCard(this.#database, session))?.header.device;
    if (owner !== undefined) this.#owners.set(session, owner);
    const isFormer = this.#former.some((each) => each.id === owner);
    return isFormer && owner !== undefined ? owner : (this.#present ?? null);
  }

  async #gather(step: Step & { kind: "send" }): Promise<readonly Part[]> {
    const found: Waiting[] = [];
    let events = 0;
    for (const session of await this.#waiting()) {
      if (step.without.has(session)) continue;
      const one = await waiting(this.#database, session, step.limit);
      if (!one) continue;
      found.push(one);
      events += one.rows.length;
      if (step.oneByOne || events >= step.limit) break;
    }
    return fill(found, { events: step.limit, bytes: MOST_BYTES, oneByOne: step.oneByOne });
  }

  async #send(device: Device, step: Step & { kind: "send" }): Promise<void> {
    const parts = await this.#gather(step);
    const sessions = parts.map((part) => part.session);
    if (parts.length === 0) return this.#after({ kind: "later", sessions: await this.#waiting() });
    const request = uuidv7();
    const body = requestText(request, this.#options.app ?? "", this.#wall(), parts);
    const before = { wall: this.#wall(), mono: this.#mono() };
    const received = await this.#transport({ method: "POST", path: "/sync", token: device.token, body, gzip: step.gzip });
    const isGood = received.kind === "reply" && received.status === 200;
    const reply = isGood ? syncReply(received.body, request, parts) : null;
    if (!reply) return this.#after(exchangeOf(received, sessions));
    await this.#clocked(reply.serverTime, before);
    await this.#take(reply, sessions);
  }

  #after(exchange: Parameters<typeof after>[1]): void {
    this.#sends = after(this.#sends, exchange, this.#mono(), this.#random());
  }

  /** Writes down what became of each session. One that got nowhere waits for itself, the others go on. */
  async #take(reply: SyncReply, sessions: readonly string[]): Promise<void> {
    const moved = new Set<string>();
    for (const answer of reply.answers) if (await this.#note(answer)) moved.add(answer.session);
    const stuck = sessions.filter((session) => !moved.has(session));
    if (moved.size > 0) {
      this.#after({ kind: "progress" });
      await setSetting(this.#database, "lastSync", this.#wall());
    }
    if (stuck.length > 0) this.#after({ kind: "later", sessions: stuck });
  }

  /** True when something was marked, or has to be sent again that was not on its way yet. */
  async #note(answer: Answer): Promise<boolean> {
    const { session, marks, storedTo, digest, wentBackTo } = answer;
    await mark(this.#database, session, marks, storedTo);
    if (wentBackTo !== null) {
      const again = await sendAgain(this.#database, session, wentBackTo);
      if (again > 0) this.#lost([session]);
      return again > 0;
    }
    const figures = await figuresOf(this.#database, session);
    const isWhole = figures?.ended === true && figures.unsynced === 0;
    if (isWhole) await reconcile(this.#database, session, { id: session, stored_to: storedTo, digest }, this.#wall());
    return marks.length > 0;
  }

  async #pull(device: Device): Promise<void> {
    const before = { wall: this.#wall(), mono: this.#mono() };
    const result = await exchangePull(this.#database, device, this.#transport, this.#wall());
    this.#pulls = after(this.#pulls, result.exchange, this.#mono(), this.#random());
    if (result.exchange.kind !== "progress") return;
    this.#pullAt = this.#mono() + (result.isWanting ? PULL_SOON : (this.#options.pullEveryMs ?? 15 * 60_000));
    if (result.serverTime !== null) await this.#clocked(result.serverTime, before);
    this.#lost(result.lostByServer);
    this.#say({ unknownHere: result.unknownHere });
    if (result.lostByServer.length > 0) this.#again = true;
  }

  #lost(sessions: readonly string[]): void {
    this.#say({ lostByServer: [...new Set([...this.#status.value.lostByServer, ...sessions])] });
  }

  /** A new reading is told only when it says something new: each is written into the log, and so is sent in its turn. */
  async #clocked(server: number, before: { readonly wall: number; readonly mono: number }): Promise<void> {
    const half = (this.#mono() - before.mono) / 2;
    const clock = { server, wall: Math.round(before.wall + half), mono: before.mono + half };
    const offset = server - clock.wall;
    const last = this.#status.value.clock;
    const moved = last === null ? Infinity : Math.abs(offset - (last.server - last.wall));
    const isNews = last === null || clock.mono - last.mono > CLOCK_EVERY || moved > CLOCK_MOVED;
    this.#say(isNews ? { clock, clockOffset: offset } : { clockOffset: offset });
    if (isNews) await setSetting(this.#database, "clockOffset", offset);
  }

  /** The figures and words for the screen. */
  async #tell(device: Device | null): Promise<void> {
    const { unsynced, aside, oldest } = await totals(this.#database);
    const step = nextStep(this.#sends, await this.#waiting(), this.#mono());
    const nextTry = step.kind === "wait" ? Math.round(step.ms) : step.kind === "send" ? 0 : null;
    const formerProblem = this.#former.map((each) => this.#queues.get(each.id)?.problem ?? null).find((each) => each !== null);
    const problem = unsynced > 0 ? (this.#sends.problem ?? formerProblem ?? null) : null;
    const shown = problem ?? this.#pulls.problem;
    this.#say({
      counted: true,
      unsynced,
      aside,
      oldest,
      nextTry: device ? nextTry : null,
      lastSync: await setting(this.#database, "lastSync"),
      clockOffset: this.#status.value.clockOffset ?? (await setting(this.#database, "clockOffset")),
      needsSignIn: device === null || problem === "sign-in" || this.#pulls.problem === "sign-in",
      problem: device === null ? NOT_ENROLLED : shown === null ? null : WORDS[shown],
    });
    const storage = this.#options.storage === undefined ? globalThis.localStorage : this.#options.storage;
    if (storage) await noteTotals(this.#database, storage);
  }
}

/** Begins at once, and goes on until it is stopped. One for each page. */
export function startSync(database: Database, options: SyncOptions = {}): Sync {
  return new Sync(database, options);
}
