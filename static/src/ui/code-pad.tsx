import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { samplingOf, type Stream } from "../core/framework";
import { BeatBar } from "./beat-bar";
import { CodeKey, shortName } from "./code-key";
import { CountMatrix } from "./count-matrix";
import { IntervalBar } from "./interval-bar";
import { linesOf } from "./label-size";
import type { Room } from "./pad-layout";
import { type Keyed, type PadPage, padPages } from "./pad-pages";
import { preferences } from "./preferences";
import { RatingList } from "./rating-list";
import type { Recording } from "./recording";
import { ScanBar } from "./scan-bar";
import { say, words } from "./words";

const HEADING_REM = 1.6;
const BAR_REM = 4;
/** Two lines on a narrow screen. */
const TALL_BAR_REM = 5.75;
const NARROW_REM = 44;
/** A change of height below this is not another screen: the layout stays. */
const SAME_PX = 24;
const TABS_REM = 3.25;
const GAP_PX = 8;

const LINE = 1.15;
/** Borders, the stripe and the mark in the corner. */
const SIDES_PX = 30;
const ENDS_PX = 14;

/** The height that a code's name, its short name and the line below them need. */
function heightNeeded(key: Keyed, width: number, font: number, rem: number): number {
  const label = words(key.code.label);
  const short = shortName(key.code, label) === null ? 0 : font * 1.3 * LINE;
  const isTick = !["continuous", "tally", "beat-or-change"].includes(samplingOf(key.stream));
  const foot = isTick ? 0 : rem * 0.875 * 1.2;
  return linesOf(label, width - SIDES_PX, font) * font * LINE + short + foot + ENDS_PX;
}

/** The room for buttons. They grow with the text, and are never smaller than a fingertip (or a glove). */
function roomOf(element: HTMLElement, bars: number, glove: boolean): Room<Keyed> {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const bar = window.innerWidth <= NARROW_REM * 16 ? TALL_BAR_REM : BAR_REM;
  return {
    width: element.clientWidth,
    height: element.clientHeight - bars * bar * rem - TABS_REM * rem,
    cell: glove ? 84 : 64,
    gap: GAP_PX,
    heading: HEADING_REM * rem,
    fonts: [1.125, 1, 0.875, 0.8125].map((size) => size * rem),
    needs: (key, width, font) => heightNeeded(key, width, font, rem),
  };
}

/** Streams that share a regime share one bar; each regime has one. */
export function regimeOf(stream: Stream): string {
  const { length_ms, observe_ms, record_ms, count, over_ms, every, first } = stream.sampling ?? {};
  const kind = samplingOf(stream);
  if (kind === "continuous" || kind === "rating" || kind === "checklist") return kind;
  if (kind === "tally" && !length_ms) return "continuous";
  return JSON.stringify([kind, length_ms, observe_ms, record_ms, count, over_ms, every, first]);
}

function RegimeBar({ recording, stream }: { readonly recording: Recording; readonly stream: Stream }) {
  switch (samplingOf(stream)) {
    case "partial-interval":
    case "whole-interval":
    case "predominant-interval":
    case "observe-record":
      return <IntervalBar recording={recording} stream={stream} />;
    case "momentary-scan":
    case "snapshots":
    case "area-count":
      return <ScanBar recording={recording} stream={stream} />;
    case "beat-or-change":
      return <BeatBar recording={recording} stream={stream} />;
    case "tally":
      return stream.sampling?.length_ms ? <IntervalBar recording={recording} stream={stream} /> : null;
    case "continuous":
    case "rating":
    case "checklist":
      return null;
  }
}

function barsOf(page: PadPage): readonly Stream[] {
  const streams = page.kind === "keys" ? page.page.sections.flatMap((section) => section.codes.map((key) => key.stream)) : [page.stream];
  const first = new Map<string, Stream>();
  for (const stream of streams) if (!first.has(regimeOf(stream))) first.set(regimeOf(stream), stream);
  return [...first.values()];
}

function KeysPage({ recording, page }: { readonly recording: Recording; readonly page: PadPage & { kind: "keys" } }) {
  const { sections, columns, font } = page.page;
  return (
    <div class="pad" style={{ "--columns": String(columns), "--label": `${font}px` }}>
      {sections.map((section) => (
        <section key={section.id} class="pad__section" data-rows={Math.min(8, Math.ceil(section.codes.length / columns))}>
          {sections.length > 1 ? <h2 class="pad__title">{section.title}</h2> : null}
          <div class="pad__keys" role="group" aria-label={section.title}>
            {section.codes.map((key) => (
              <CodeKey key={key.id} recording={recording} stream={key.stream} code={key.code} hue={key.hue} />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

function PageBody({ recording, page }: { readonly recording: Recording; readonly page: PadPage }) {
  if (page.kind === "keys") return <KeysPage recording={recording} page={page} />;
  if (page.kind === "matrix") return <CountMatrix recording={recording} stream={page.stream} />;
  return <RatingList recording={recording} stream={page.stream} />;
}

/** All codes of the framework. Pages are laid out for the size of the screen, and then stay as they are. */
export function CodePad({ recording }: { readonly recording: Recording }) {
  const frame = useRef<HTMLDivElement>(null);
  const room = useSignal<Room<Keyed> | null>(null);
  const chosen = useSignal("");
  const streams = recording.index.streams;
  const regimes = useMemo(() => new Set(streams.map(regimeOf)), [streams]);
  const timed = [...regimes].filter((regime) => regime.startsWith("[")).length;

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const measure = (): void => {
      const next = roomOf(element, timed, preferences.value.glove);
      const last = room.peek();
      const isSame = last !== null && last.width === next.width && last.cell === next.cell && last.fonts[0] === next.fonts[0] && Math.abs(last.height - next.height) < SAME_PX;
      if (!isSame) room.value = next;
    };
    measure();
    if (typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [timed]);

  const pages = useComputed(() => (room.value ? padPages(streams, room.value) : []));
  const current = useComputed(() => pages.value.find((page) => page.id === chosen.value) ?? pages.value[0]);
  useEffect(() => recording.onPageWanted((stream) => {
    const wanted = pages.value.find((page) => barsOf(page).some((known) => known.id === stream));
    if (wanted) chosen.value = wanted.id;
  }), [recording]);

  const page = current.value;
  return (
    <div ref={frame} class="recorder__pad" role="group" aria-label={say("pad.label")}>
      {pages.value.length > 1 ? (
        <div class="tabs-row" role="tablist" aria-label={say("pad.tabs")} onKeyDown={moveBetweenTabs}>
          {pages.value.map((candidate) => (
            <button
              key={candidate.id}
              type="button"
              role="tab"
              class="tabs-row__tab"
              aria-selected={candidate === page}
              tabIndex={candidate === page ? 0 : -1}
              onPointerDown={() => { chosen.value = candidate.id; }}
              onClick={() => { chosen.value = candidate.id; }}
            >
              {candidate.title}
            </button>
          ))}
        </div>
      ) : null}
      {page ? barsOf(page).map((stream) => <RegimeBar key={regimeOf(stream)} recording={recording} stream={stream} />) : null}
      {page ? <PageBody key={page.id} recording={recording} page={page} /> : null}
    </div>
  );
}

function moveBetweenTabs(event: KeyboardEvent): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const tabs = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>("[role=tab]")];
  const turned = document.documentElement.dir === "rtl" ? -step : step;
  const next = tabs[(tabs.indexOf(document.activeElement as HTMLElement) + turned + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
}
