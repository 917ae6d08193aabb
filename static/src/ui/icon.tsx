/** Icons drawn as paths, so that they work offline, take the colour of the words and need no font. */

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 010 12h-3",
  note: "M4 20h4L19 9l-4-4L4 16v4zM13 7l4 4",
  pause: "M9 5v14M15 5v14",
  play: "M8 5l11 7-11 7V5z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
  "eye-off": "M3 3l18 18M10 6a9 9 0 0112 6 14 14 0 01-3 4M6 7a14 14 0 00-4 5 10 10 0 0013 6",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 018 0v3",
  stop: "M6 6h12v12H6z",
  clock: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3 2",
  plus: "M12 5v14M5 12h14",
  check: "M5 12l5 5L19 7",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  cloud: "M7 18h10a4 4 0 001-8 6 6 0 00-11.5-1A4.5 4.5 0 007 18z",
  "cloud-off": "M3 3l18 18M9 6a6 6 0 019 4 4 4 0 012 7M16 18H7a4.5 4.5 0 01-1-9",
  save: "M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  alarm: "M12 3l10 18H2zM12 10v5M12 18h.01",
  share: "M12 15V3M8 7l4-4 4 4M5 12v8h14v-8",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  microphone: "M12 3a3 3 0 013 3v5a3 3 0 01-6 0V6a3 3 0 013-3zM6 11a6 6 0 0012 0M12 17v4",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3 3 0 100 6 3 3 0 000-6z",
  place: "M12 21s-6-6-6-11a6 6 0 1112 0c0 5-6 11-6 11zM12 8a2 2 0 100 4 2 2 0 000-4z",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: whoever uses it gives the words. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon icon--${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
