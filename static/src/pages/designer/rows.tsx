/** A list of things that can be put into order, by dragging, by keyboard and by buttons; one is open at a time. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../../ui/icon";
import { insert, listAt, move, type Path, remove } from "./document";
import { type Finding, pointerOf } from "./draft";
import { Unplaced, useDraft } from "./fields";
import { leadsBelow, target } from "./place";

interface Props<Item> {
  readonly path: Path;
  readonly name: (item: Item, index: number) => string;
  /** A short id that stands before the name. */
  readonly id?: (item: Item) => string;
  /** What the closed row says beside its name. */
  readonly summary?: (item: Item) => ComponentChildren;
  readonly add: string;
  readonly make: () => Item;
  /** Rows that can be doubled say how. */
  readonly copy?: (item: Item) => Item;
  readonly empty: string;
  readonly children: (item: Item, path: Path, index: number) => ComponentChildren;
}

const FIELDS = "input, select, textarea";

export function Rows<Item extends object>(props: Props<Item>) {
  const { path, name, add, make, copy, empty } = props;
  const draft = useDraft();
  const [open, setOpen] = useOpen(listAt(useDraft().document.value, path));
  const box = useRef<HTMLDivElement>(null);
  const focus = useRef<Focus | null>(null);
  const list = listAt(draft.document.value, path) as readonly Item[];
  const drag = useDrag(box, (from, to) => shift(from, to));
  useGoal(path, list.length, setOpen);
  const drawn = useDrawn(list.length);
  useLayoutEffect(() => {
    const wanted = focus.current;
    focus.current = null;
    if (wanted && box.current) take(box.current, wanted);
  });
  const shift = (from: number, to: number) => {
    const item = list[from];
    if (item === undefined || to < 0 || to >= list.length || from === to) return;
    draft.change((document) => move(document, path, from, to));
    setOpen(open === from ? to : open === null ? null : open - (from < open ? 1 : 0) + (to <= open - (from < open ? 1 : 0) ? 1 : 0));
    focus.current = { what: "handle", index: to };
    draft.said.value = `${name(item, to)} is now at place ${to + 1} of ${list.length}.`;
  };
  const put = (item: Item, before: number) => {
    draft.change((document) => insert(document, path, item, before));
    setOpen(before);
    focus.current = { what: "field", index: before };
  };
  const removeOne = (index: number) => {
    const item = list[index];
    draft.change((document) => remove(document, path, index));
    setOpen(null);
    focus.current = list.length > 1 ? { what: "open", index: Math.min(index, list.length - 2) } : { what: "add", index: 0 };
    draft.said.value = `${item ? name(item, index) : "It"} is removed. Undo brings it back.`;
  };
  return (
    <div class="rows" ref={box}>
      {list.length === 0 && <p class="quiet rows__empty">{empty}</p>}
      <ol class="rows__list">
        {list.slice(0, drawn).map((item, index) => (
          <Row
            key={index}
            {...{ item, index, path, open: open === index, count: list.length, drag }}
            title={name(item, index)}
            id={props.id?.(item) ?? ""}
            summary={props.summary}
            onToggle={() => setOpen(open === index ? null : index)}
            onMove={(to) => shift(index, to)}
            onRemove={() => removeOne(index)}
            onCopy={copy ? () => put(copy(item), index + 1) : null}
          >
            {open === index ? () => props.children(item, [...path, index], index) : null}
          </Row>
        ))}
      </ol>
      <button type="button" class="button rows__add" onClick={() => put(make(), list.length)}><Icon name="plus" /> {add}</button>
    </div>
  );
}

const AT_ONCE = 30;

/** How many rows are drawn: those of a long list that nobody can see yet come after what can be seen, unless somebody is on the way to one. */
export function useDrawn(count: number): number {
  const [all, setAll] = useState(count <= AT_ONCE || target.peek() !== "");
  useEffect(() => {
    if (all) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => (timer = setTimeout(() => setAll(true))));
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [all]);
  return all ? count : AT_ONCE;
}

/** Which row is open: it stays open when undo, or somebody else, puts it at another place. */
function useOpen(list: readonly unknown[]): readonly [number | null, (index: number | null) => void] {
  const [open, setOpen] = useState<number | null>(null);
  const id = useRef<unknown>(undefined);
  const idAt = (index: number) => (list[index] as { readonly id?: unknown } | undefined)?.id;
  let now = open;
  if (open !== null && id.current !== undefined && idAt(open) !== id.current) {
    const found = list.findIndex((_, index) => idAt(index) === id.current);
    if (found !== -1) now = found;
  }
  useLayoutEffect(() => {
    id.current = now === null ? undefined : idAt(now);
    if (now !== open) setOpen(now);
  });
  const choose = (index: number | null) => {
    id.current = undefined;
    setOpen(index);
  };
  return [now, choose];
}

interface Focus {
  readonly what: "handle" | "field" | "open" | "add";
  readonly index: number;
}

/** The focus goes where the work goes on, so that nobody who works by keyboard has to begin again at the top. */
function take(box: HTMLElement, { what, index }: Focus): void {
  const row = box.querySelectorAll(":scope > .rows__list > .row")[index];
  const at = { handle: ".row__handle", field: `.row__body :is(${FIELDS})`, open: ".row__open", add: ".rows__add" }[what];
  const found = (what === "add" ? box : row)?.querySelector<HTMLElement>(at);
  found?.focus();
  if (what === "field" && found instanceof HTMLInputElement) found.select();
}

/** A row on the way to the place that a finding leads to is opened. */
function useGoal(path: Path, count: number, open: (index: number) => void): void {
  const goal = target.value;
  useEffect(() => {
    if (!goal || !leadsBelow(goal, path)) return;
    const index = Number(goal.slice(pointerOf(path).length + 1).split("/")[0]);
    if (Number.isInteger(index) && index < count && goal !== pointerOf(path)) open(index);
  }, [goal]);
}

export interface Drag {
  readonly from: number | null;
  readonly to: number | null;
  readonly begin: (index: number, event: PointerEvent) => void;
}

const EDGE_PX = 72;

/** Dragging by pointer: mouse, pen and finger alike. The row under the pointer is where it will go; Escape leaves all as it was. */
function useDrag(box: { readonly current: HTMLElement | null }, drop: (from: number, to: number) => void): Drag {
  const [places, setPlaces] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const begin = (from: number, event: PointerEvent) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    let to = from;
    const rows = () => [...(box.current?.querySelectorAll<HTMLElement>(":scope > .rows__list > .row") ?? [])];
    const moved = (each: PointerEvent) => {
      const found = rows().findIndex((row) => each.clientY < row.getBoundingClientRect().bottom);
      to = found === -1 ? rows().length - 1 : found;
      setPlaces({ from, to });
      if (each.clientY < EDGE_PX * 2) scrollBy(0, -EDGE_PX / 4);
      else if (each.clientY > innerHeight - EDGE_PX) scrollBy(0, EDGE_PX / 4);
    };
    const end = (kept: boolean) => () => {
      handle.removeEventListener("pointermove", moved);
      handle.removeEventListener("pointerup", up);
      handle.removeEventListener("pointercancel", away);
      removeEventListener("keydown", escape);
      setPlaces(null);
      if (kept && to !== from) drop(from, to);
    };
    const up = end(true);
    const away = end(false);
    const escape = (each: KeyboardEvent) => each.key === "Escape" && away();
    handle.addEventListener("pointermove", moved);
    handle.addEventListener("pointerup", up);
    handle.addEventListener("pointercancel", away);
    addEventListener("keydown", escape);
  };
  return { from: places?.from ?? null, to: places?.to ?? null, begin };
}

interface RowProps<Item> {
  readonly item: Item;
  readonly index: number;
  readonly count: number;
  readonly path: Path;
  readonly title: string;
  readonly id: string;
  readonly summary: ((item: Item) => ComponentChildren) | undefined;
  readonly open: boolean;
  readonly drag: Drag;
  readonly onToggle: () => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
  readonly onCopy: (() => void) | null;
  readonly children: (() => ComponentChildren) | null;
}

/** A closed row is drawn again only when its own item, place or findings change: 300 codes stay quick to edit. */
function Row<Item extends object>(props: RowProps<Item>) {
  const draft = useDraft();
  const { index, drag, open } = props;
  const here = [...props.path, index];
  const found = draft.foundBelow.value.at(here);
  const dragged = drag.from === index;
  const over = drag.from !== null && drag.to === index && !dragged ? (index > drag.from ? "after" : "before") : "";
  const latest = useRef(props);
  latest.current = props;
  const closed = useMemo(() => <RowHead {...props} found={found} latest={latest} />, [props.item, index, props.count, open, found, props.path.join("/")]);
  return (
    <li class={`row ${open ? "row--open" : ""} ${dragged ? "row--dragged" : ""} ${over && `row--${over}`}`} data-at={pointerOf(here)}>
      {closed}
      {props.children && (
        <div class="row__body">
          <Unplaced path={here} />
          {props.children()}
          <div class="actions">
            <button type="button" class="button" disabled={index === 0} onClick={() => props.onMove(index - 1)}><Icon name="up" /> Up</button>
            <button type="button" class="button" disabled={index === props.count - 1} onClick={() => props.onMove(index + 1)}><Icon name="down" /> Down</button>
            {props.onCopy && <button type="button" class="button" onClick={props.onCopy}><Icon name="plus" /> Copy</button>}
            <button type="button" class="button button--quiet" onClick={props.onRemove}><Icon name="close" /> Remove</button>
          </div>
        </div>
      )}
    </li>
  );
}

interface HeadProps<Item> extends RowProps<Item> {
  readonly found: readonly Finding[];
  readonly latest: { readonly current: RowProps<Item> };
}

function RowHead<Item extends object>({ index, title, id, item, summary, found, latest, ...props }: HeadProps<Item>) {
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: props.count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    latest.current.onMove(to);
  };
  return (
    <div class="row__head">
      <button
        type="button"
        class="row__handle"
        aria-label={`Move ${title || id}: place ${index + 1} of ${props.count}. Use the arrow keys.`}
        onPointerDown={(event) => latest.current.drag.begin(index, event)}
        onKeyDown={onKey}
      >
        <span aria-hidden="true">⋮⋮</span>
      </button>
      <button type="button" class="row__open" aria-expanded={props.open} onClick={() => latest.current.onToggle()}>
        {id && <span class="row__id">{id}</span>}
        <span class="row__title">{title || (id ? "" : "without a name")}</span>
        <span class="row__summary">{summary?.(item)}</span>
      </button>
      <Count found={found} />
    </div>
  );
}

/** How many findings there are, by the worst of them. */
export function Count({ found }: { readonly found: readonly Finding[] }) {
  if (found.length === 0) return null;
  const worst = found.some((each) => each.severity === "error") ? "error" : found.some((each) => each.severity === "warning") ? "warning" : "hint";
  const words = `${worst}${found.length > 1 ? "s" : ""}`;
  return <span class={`tag row__found tag--${worst === "error" ? "alarm" : "caution"}`}>{found.length}<span class="row__found-words"> {found.length > 1 && worst !== "hint" ? "findings" : words}</span></span>;
}
