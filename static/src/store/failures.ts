/** What can go wrong with the tablet's storage, in words for the person who holds it. */

export type FailureKind =
  | "quota"
  | "closed"
  | "slow"
  | "newer"
  | "blocked"
  | "second-writer"
  | "unavailable"
  | "unknown";

const WORDS: Record<FailureKind, readonly [sentence: string, remedy: string]> = {
  quota: [
    "The tablet is full: the last taps are held in memory and are not on disk yet.",
    "Free some room on the tablet, or save this session as a file now.",
  ],
  closed: [
    "The tablet closed its storage: the last taps are held in memory and are not on disk yet.",
    "Keep this page open; it tries again every second. Save this session as a file if it goes on.",
  ],
  slow: [
    "The tablet's storage does not answer: the last taps are held in memory and are not on disk yet.",
    "Keep this page open; it tries again. Save this session as a file if it goes on.",
  ],
  newer: [
    "The data on this tablet were written by a newer version of the recorder than this one. Nothing is lost.",
    "Connect to the network and reload to get the newer version, or save everything as a file.",
  ],
  blocked: [
    "Another window of the recorder is in the way of an update of the storage.",
    "End the session in the other window, or close that window.",
  ],
  "second-writer": [
    "Another window has written to this session. The taps of this window are held in memory.",
    "Save them as a file here, then go on in the other window.",
  ],
  unavailable: [
    "This browser does not let the recorder keep data, as in a private window.",
    "Open the recorder in an ordinary window, or install it on the home screen.",
  ],
  unknown: [
    "The tablet's storage reported an error: the last taps are held in memory and are not on disk yet.",
    "Keep this page open; it tries again every second. Save this session as a file if it goes on.",
  ],
};

/** Something was not written, or could not be read. Nothing that was confirmed before is touched by it. */
export class StorageFailed extends Error {
  readonly kind: FailureKind;
  readonly sentence: string;
  readonly remedy: string;

  constructor(kind: FailureKind, cause?: unknown) {
    const [sentence, remedy] = WORDS[kind];
    super(sentence, { cause });
    this.name = "StorageFailed";
    this.kind = kind;
    this.sentence = sentence;
    this.remedy = remedy;
  }
}

const KIND_BY_NAME: Record<string, FailureKind> = {
  QuotaExceededError: "quota",
  VersionError: "newer",
  InvalidStateError: "closed",
  AbortError: "closed",
  TransactionInactiveError: "closed",
  SecurityError: "unavailable",
  ConstraintError: "second-writer",
};

/** The same failure in our words, whichever way the browser reported it. */
export function storageFailed(cause: unknown): StorageFailed {
  if (cause instanceof StorageFailed) return cause;
  const name = typeof cause === "object" && cause !== null && "name" in cause ? String(cause.name) : "";
  return new StorageFailed(KIND_BY_NAME[name] ?? "unknown", cause);
}
