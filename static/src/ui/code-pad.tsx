import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { samplingOf, type Stream } from "../core/framework";
import { BeatBar } from "./beat-bar";
import { CodeKey, shortName } from "./code-key";
import { CountMatrix } from "./count-matrix";
import { Icon } from "./icon";
import { IntervalBar } from "./interval-bar";
import { linesOf, widthOf } from "./label-size";
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
/** A row of tabs, as high as a touch target, with its gaps. */
const TABS_PX = 56;
const TAB_FONT_REM = 0.8125;
const TAB_SIDES_PX = 14;
const GAP_PX = 8;

const LINE = 1.15;
/** The room inside a button's borders and stripe that words leave free: its padding, and the mark in the corner. */
const FREE_PX = 12;
const ENDS_PX = 13;

/** The height that a code's name, its short name and the line below them need. */
function heightNeeded(key: Keyed, width: number, font: number, rem: number): number {
  const label = words(key.code.label);
  const short = shortName(key.code, label) === null ? 0 : font * 1.3 * LINE;
  const isTick = !["continuous", "tally", "beat-or-change"].includes(samplingOf(key.stream));
  const foot = isTick ? 0 : rem * 0.92 * 1.2;
  return linesOf(label, width, font) * font * LINE + short + foot + ENDS_PX + rem * 0.1;
}

interface Space extends Room<Keyed> {
  readonly rem: number;
  /** what one clock of a regime takes */
  readonly bar: number;
  /** what a button's borders and stripe take of its width: more in sunlight */
  readonly sides: number;
}

function isTimed(regime: string): boolean {
  return regime.startsWith("[");
}

/** Wide enough for the longest word of any title, so that none is broken. */
function tabWidth(pages: readonly PadPage[], rem: number): number {
  const words = pages.flatMap((page) => page.title.split(/\s+/));
  return Math.ceil(Math.max(48, ...words.map((word) => widthOf(word, TAB_FONT_REM * rem) + TAB_SIDES_PX)));
}

interface Layout {
  readonly pages: readonly PadPage[];
  /** so many tabs that they would crowd out the codes: leafed through instead */
  readonly isPaged: boolean;
}

const MOST_TAB_ROWS = 2;

/** Pages, with as many rows of tabs as those pages need: each row of tabs takes room from the buttons. */
function pagesIn(streams: readonly Stream[], space: Space): Layout {
  const regimes = new Map(streams.map((stream) => [stream.id, regimeOf(stream)]));
  const clocks = (ids: readonly string[]): number => new Set(ids.map((id) => regimes.get(id) ?? "").filter(isTimed)).size;
  const laidOut = (tabs: number): readonly PadPage[] =>
    padPages(streams, (ids) => ({ ...space, height: space.height - tabs * TABS_PX - clocks(ids) * space.bar }));
  const tabRows = (pages: readonly PadPage[]): number => {
    const inRow = Math.max(1, Math.floor((space.width + 4) / (tabWidth(pages, space.rem) + 4)));
    return pages.length > 1 ? Math.ceil(pages.length / inRow) : 0;
  };
  let rows = 0;
  let pages = laidOut(rows);
  for (let round = 0; round < 4 && tabRows(pages) > rows; round += 1) {
    rows = tabRows(pages);
    pages = laidOut(rows);
  }
  return rows <= MOST_TAB_ROWS ? { pages, isPaged: false } : { pages: laidOut(1), isPaged: true };
}

/** The room for buttons. They grow with the text, and are never smaller than a fingertip (or a glove). */
function roomOf(element: HTMLElement, glove: boolean): Space {
  const style = getComputedStyle(document.documentElement);
  const rem = Number.parseFloat(style.fontSize) || 16;
  const px = (name: string, otherwise: number): number => Number.parseFloat(style.getPropertyValue(name)) || otherwise;
  const sides = 2 * px("--border-strong", 2) + px("--stripe", 6) + FREE_PX;
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    rem,
    bar: rem * (window.innerWidth <= NARROW_REM * 16 ? TALL_BAR_REM : BAR_REM),
    sides,
    cell: glove ? 84 : 64,
    gap: GAP_PX,
    heading: HEADING_REM * rem,
    fonts: [1.125, 1, 0.875, 0.8125, 0.75].map((size) => size * rem),
    needs: (key, width, font) => heightNeeded(key, width - sides, font, rem),
  };
}

/** Streams that share a regime share one bar; each regime has one. */
export function regimeOf(stream: Stream): string {
  const { length_ms, observe_ms, record_ms, count, over_ms, every, first } = stream.sampling ?? {};
  const kind = samplingOf(stream);
  const isRatedByInterval = stream.sampling?.rated_at === "interval" && length_ms != null;
  if (kind === "continuous" || ((kind === "rating" || kind === "checklist") && !isRatedByInterval)) return kind;
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
    case "rating":
    case "checklist":
      return stream.sampling?.rated_at === "interval" && stream.sampling.length_ms ? <IntervalBar recording={recording} stream={stream} /> : null;
    case "continuous":
      return null;
  }
}

function streamsOf(page: PadPage): readonly Stream[] {
  return page.kind === "keys" ? page.page.sections.flatMap((section) => section.codes.map((key) => key.stream)) : [page.stream];
}

function barsOf(page: PadPage): readonly Stream[] {
  const streams = streamsOf(page);
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
  const room = useSignal<Space | null>(null);
  const chosen = useSignal("");
  const streams = recording.index.streams;

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const measure = (): void => {
      const next = roomOf(element, preferences.value.glove);
      const last = room.peek();
      const isSame = last !== null && last.width === next.width && last.cell === next.cell && last.sides === next.sides && last.fonts[0] === next.fonts[0] && Math.abs(last.height - next.height) < SAME_PX;
      if (!isSame) room.value = next;
    };
    measure();
    const unfollow = preferences.subscribe(() => queueMicrotask(measure)); // once the page looks as was asked for
    if (typeof ResizeObserver === "undefined") return unfollow;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      unfollow();
      observer.disconnect();
    };
  }, []);

  const layout = useComputed<Layout>(() => (room.value ? pagesIn(streams, room.value) : { pages: [], isPaged: false }));
  const pages = useComputed(() => layout.value.pages);
  const current = useComputed(() => pages.value.find((page) => page.id === chosen.value) ?? pages.value[0]);
  useEffect(() => recording.onPageWanted((stream) => {
    const wanted = pages.value.find((page) => streamsOf(page).some((known) => known.id === stream));
    if (wanted) chosen.value = wanted.id;
  }), [recording]);

  const page = current.value;
  useEffect(() => {
    recording.inSight.value = new Set(page ? streamsOf(page).map((stream) => stream.id) : []);
    recording.isSubjectless.value = page !== undefined && page.kind !== "keys" && !recording.tellsApart(page.stream);
  }, [page]);
  return (
    <div ref={frame} class="recorder__pad" role="group" aria-label={say("pad.label")}>
      {layout.value.isPaged && page ? <Pager pages={pages.value} page={page} onChoose={(id) => { chosen.value = id; }} /> : null}
      {pages.value.length > 1 && !layout.value.isPaged ? (
        <div class="tabs-row" style={{ "--tab": `${tabWidth(pages.value, room.peek()?.rem ?? 16)}px` }} role="tablist" aria-label={say("pad.tabs")} onKeyDown={moveBetweenTabs}>
          {pages.value.map((candidate) => (
            <button
              key={candidate.id}
              type="button"
              role="tab"
              class="tabs-row__tab"
              title={candidate.title}
              aria-selected={candidate === page}
              tabIndex={candidate === page ? 0 : -1}
              onPointerDown={() => { chosen.value = candidate.id; }}
              onClick={() => { chosen.value = candidate.id; }}
            >
              <span class="tabs-row__words">{candidate.title}</span>
            </button>
          ))}
        </div>
      ) : null}
      {page ? barsOf(page).map((stream) => <RegimeBar key={regimeOf(stream)} recording={recording} stream={stream} />) : null}
      {page ? <PageBody key={page.id} recording={recording} page={page} /> : null}
    </div>
  );
}

/** One line for any number of pages. */
function Pager({ pages, page, onChoose }: { readonly pages: readonly PadPage[]; readonly page: PadPage; readonly onChoose: (id: string) => void }) {
  const place = pages.indexOf(page);
  const turn = (by: number): void => onChoose(pages[(place + by + pages.length) % pages.length]?.id ?? page.id);
  return (
    <div class="pager" role="group" aria-label={say("pad.tabs")}>
      <button type="button" class="icon-button" aria-label={say("back")} onClick={() => turn(-1)}><Icon name="back" /></button>
      <strong class="pager__title">{page.title} · {place + 1}/{pages.length}</strong>
      <button type="button" class="icon-button" aria-label={say("next")} onClick={() => turn(1)}><Icon name="next" /></button>
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
