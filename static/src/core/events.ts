/** What a session records: the header and the events of docs/reference/log.md, exactly as they are stored and sent. */

/** A value of a modifier, a variable or a detail. */
export type Value = string | number | boolean | null | readonly (string | number | boolean)[];

/** Values by id. */
export type Values = Readonly<Record<string, Value>>;

export type Purpose = "field" | "practice" | "reliability";

export type Consent = "stated" | "not-needed" | "refused";

/** Made on the tablet when recording starts; sent before the events; never changed. */
export interface SessionHeader {
  readonly id: string;
  readonly study: number;
  /** content hash of the published framework version; pinned for ever */
  readonly framework: string;
  readonly observer: number;
  readonly device: string;
  readonly purpose: Purpose;
  readonly happening: string | null;
  readonly setting: string | null;
  /** those on the roster of this session, in the order of the tiles */
  readonly subjects: readonly string[];
  readonly variables: Values;
  readonly consent: Consent | null;
  /** wall clock at the start, ms since 1970 UTC */
  readonly started: number;
  /** minutes east of UTC */
  readonly offset: number;
  readonly zone: string;
  readonly app: string;
  readonly planned_ms: number | null;
}

/** Both clocks, read at the same moment on the device. */
export interface Stamp {
  /** the monotonic reading of its boot, ms */
  readonly mono: number;
  /** ms since 1970 UTC by the device's clock */
  readonly wall: number;
  readonly offset: number;
  readonly zone: string;
  /** one page load; monotonic readings compare only within a boot */
  readonly boot: string;
}

interface Base extends Partial<Stamp> {
  readonly id: string;
  /** gap-free from 1 per session and device */
  readonly seq: number;
  /** session time in ms; a back-dated tap has its claimed time here and `tapped` beside it */
  readonly at: number;
  readonly tapped?: number | null;
}

interface Occurrence extends Base {
  readonly code: string;
  readonly subject?: string | null;
  readonly target?: string | null;
  readonly modifiers?: Values | null;
}

export interface OpenEvent extends Base { readonly kind: "open" }
export interface PointEvent extends Occurrence { readonly kind: "point" }
export interface StartEvent extends Occurrence { readonly kind: "start" }

export interface StopEvent extends Base {
  readonly kind: "stop";
  readonly code: string;
  readonly subject?: string | null;
  /** the start event that it ends; else the latest running bout of that code and subject */
  readonly ref?: string | null;
  /** those asked at the stop */
  readonly modifiers?: Values | null;
}

export interface ChangeEvent extends Base {
  readonly kind: "change";
  readonly code: string;
  readonly subject?: string | null;
}

export interface TickEvent extends Base {
  readonly kind: "tick";
  readonly stream: string;
  /** from 0 */
  readonly interval: number;
  readonly code: string;
  readonly subject?: string | null;
  readonly modifiers?: Values | null;
}

export interface IntervalEvent extends Base {
  readonly kind: "interval";
  readonly stream: string;
  readonly interval: number;
  readonly state: "empty" | "missed";
  readonly subject?: string | null;
}

/** How many of one cell were counted; a cell names one option of each dimension, and perhaps a `code`. */
export interface CellCount {
  readonly cell: Readonly<Record<string, string>>;
  readonly n: number;
}

export interface ScanEvent extends Base {
  readonly kind: "scan";
  readonly stream: string;
  /** from 0 */
  readonly sample: number;
  readonly subject?: string | null;
  readonly code?: string | null;
  readonly modifiers?: Values | null;
  readonly counts?: readonly CellCount[] | null;
  readonly state?: "taken" | "empty" | "missed" | null;
}

export type RateAnswer = "cannot-judge" | "not-observable" | "not-applicable";

export interface RateEvent extends Base {
  readonly kind: "rate";
  readonly rating: string;
  readonly value?: number | boolean | null;
  readonly answer?: RateAnswer | null;
  readonly subject?: string | null;
  readonly interval?: number | null;
  readonly details?: Values | null;
}

export interface LinkEvent extends Base {
  readonly kind: "link";
  readonly link: string;
  readonly from: string;
  /** null: nothing answered */
  readonly to: string | null;
}

/** A photo or voice note, as its note names it: the bytes are kept and sent by themselves. */
export interface Named {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  /** SHA-256 of the bytes, as hex */
  readonly digest: string;
}

export interface NoteEvent extends Base {
  readonly kind: "note";
  readonly text: string;
  readonly ref?: string | null;
  /** not in the framework */
  readonly outside?: boolean | null;
  readonly attachments?: readonly Named[] | null;
}

export interface PauseEvent extends Base { readonly kind: "pause"; readonly reason?: string | null }
export interface ResumeEvent extends Base { readonly kind: "resume"; readonly reason?: string | null }

export interface OutOfViewEvent extends Base {
  readonly kind: "out_of_view";
  /** without a subject: everyone */
  readonly subject?: string | null;
  readonly reason?: string | null;
}

export interface InViewEvent extends Base {
  readonly kind: "in_view";
  readonly subject?: string | null;
  readonly reason?: string | null;
}

export interface ArriveEvent extends Base {
  readonly kind: "arrive";
  readonly subject: string;
  readonly pseudonym?: string | null;
  readonly attributes?: Values | null;
  readonly actor?: string | null;
}

export interface LeaveEvent extends Base { readonly kind: "leave"; readonly subject: string }
export interface FocalEvent extends Base { readonly kind: "focal"; readonly subject: string }

export interface AmendEvent extends Base {
  readonly kind: "amend";
  readonly ref: string;
  readonly void?: boolean | null;
  /** new values of the earlier event's own fields (not id, seq, kind or clocks); null takes a value away */
  readonly set?: Readonly<Record<string, unknown>> | null;
  readonly reason?: string | null;
}

export type ClockReason =
  | "start" | "visible" | "hidden" | "minute" | "boot" | "jump" | "slept" | "sync";

export interface ClockEvent extends Base {
  readonly kind: "clock";
  readonly reason: ClockReason;
  /** the server's wall clock then */
  readonly server?: number | null;
}

/** Why there is no position: no fix or one too old, not allowed, no receiver, or left out by the observer. */
export type PositionMissing = "lost" | "refused" | "unavailable" | "off";

/** Where the tablet was, beside the event that it belongs to. Older readers pass over it. */
export interface PositionEvent extends Base {
  readonly kind: "position";
  readonly of: "start" | "scan" | "note";
  readonly ref?: string | null;
  readonly stream?: string | null;
  readonly sample?: number | null;
  readonly state?: PositionMissing | null;
  /** degrees (WGS 84), rounded to the middle of a square of `rounded` metres */
  readonly latitude?: number | null;
  readonly longitude?: number | null;
  /** metres */
  readonly accuracy?: number | null;
  /** how old the fix was, ms */
  readonly age?: number | null;
  readonly rounded?: number | null;
}

export interface EndEvent extends Base {
  readonly kind: "end";
  /** how many events there are, this one included */
  readonly count: number;
}

/** One event of the log. */
export type SessionEvent =
  | OpenEvent | PointEvent | StartEvent | StopEvent | ChangeEvent | TickEvent | IntervalEvent | ScanEvent
  | RateEvent | LinkEvent | NoteEvent | PauseEvent | ResumeEvent | OutOfViewEvent | InViewEvent | ArriveEvent
  | LeaveEvent | FocalEvent | AmendEvent | ClockEvent | PositionEvent | EndEvent;

export type EventKind = SessionEvent["kind"];

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What happened, before it has been given its id, number and time. */
export type NewEvent = Without<SessionEvent, keyof Base>;

/** When it happened: session time, and the tapped time beside it where it was back-dated. */
export interface Moment {
  readonly at: number;
  readonly tapped?: number;
}

/** The event as it is written, never to be changed: fields that are undefined or null are left out. */
export function eventOf(what: NewEvent, id: string, seq: number, when: Moment, stamp: Stamp): SessionEvent {
  const { at, tapped } = when;
  const base = tapped === undefined || tapped === at ? { id, seq, at } : { id, seq, at, tapped };
  const own = Object.fromEntries(
    Object.entries(what).filter(([name, value]) => value !== undefined && (value !== null || name === "to")),
  );
  return { ...base, ...stamp, ...own } as SessionEvent;
}

/** By `at`, then `seq`, then id: the order in which events count. */
export function inOrder(one: SessionEvent, other: SessionEvent): number {
  return one.at - other.at || one.seq - other.seq || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}
