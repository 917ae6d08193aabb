/** A list of things that can be put into order, by dragging, by keyboard and by buttons; one is open at a time. */

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Icon } from "../../ui/icon";
import { insert, listAt, move, type Path, remove } from "./document";
import { findingsBelow } from "./draft";
import { useDraft } from "./fields";

interface Props<Item> {
  readonly path: Path;
  readonly name: (item: Item, index: number) => string;
  /** What the closed row says beside its name. */
  readonly summary?: (item: Item) => ComponentChildren;
  readonly add: string;
  readonly make: () => Item;
  readonly empty: string;
  readonly children: (item: Item, path: Path, index: number) => ComponentChildren;
}

export function Rows<Item extends object>({ path, name, summary, add, make, empty, children }: Props<Item>) {
  const draft = useDraft();
  const [open, setOpen] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const list = listAt(draft.document.value, path) as readonly Item[];
  const shift = (from: number, to: number) => {
    if (to < 0 || to >= list.length || from === to) return;
    draft.change((document) => move(document, path, from, to));
    if (open === from) setOpen(to);
    setTimeout(() => document.getElementById(handleId(path, to))?.focus());
  };
  const addOne = () => {
    draft.change((document) => insert(document, path, make()));
    setOpen(list.length);
  };
  return (
    <div class="rows">
      {list.length === 0 && <p class="quiet">{empty}</p>}
      <ol class="rows__list">
        {list.map((item, index) => (
          <Row
            key={(item as { id?: string }).id ?? index}
            {...{ item, index, path, open: open === index, dragged: dragged === index, count: list.length }}
            title={name(item, index)}
            summary={summary?.(item)}
            onToggle={() => setOpen(open === index ? null : index)}
            onMove={(to) => shift(index, to)}
            onRemove={() => {
              draft.change((document) => remove(document, path, index));
              setOpen(null);
            }}
            onDrag={() => setDragged(index)}
            onDrop={() => {
              if (dragged !== null) shift(dragged, index);
              setDragged(null);
            }}
          >
            {open === index ? () => children(item, [...path, index], index) : null}
          </Row>
        ))}
      </ol>
      <button type="button" class="button" onClick={addOne}><Icon name="plus" /> {add}</button>
    </div>
  );
}

const handleId = (path: Path, index: number): string => `move-${path.join("-")}-${index}`;

interface RowProps {
  readonly item: object;
  readonly index: number;
  readonly count: number;
  readonly path: Path;
  readonly title: string;
  readonly summary: ComponentChildren;
  readonly open: boolean;
  readonly dragged: boolean;
  readonly onToggle: () => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
  readonly onDrag: () => void;
  readonly onDrop: () => void;
  readonly children: (() => ComponentChildren) | null;
}

/** A closed row is drawn again only when its own item, place or findings change: 300 codes stay quick to edit. */
function Row(props: RowProps) {
  const draft = useDraft();
  const found = findingsBelow(draft.findings.value, [...props.path, props.index]);
  const worst = found.find((each) => each.severity === "error") ?? found.find((each) => each.severity === "warning") ?? found[0];
  const closed = useMemo(
    () => <RowHead {...props} found={found.length} {...(worst ? { worst: worst.severity } : {})} />,
    [props.item, props.index, props.count, props.open, props.dragged, found.length, worst?.severity, props.path.join("/")],
  );
  return (
    <li class={`row ${props.open ? "row--open" : ""} ${props.dragged ? "row--dragged" : ""}`} onDragOver={(event) => event.preventDefault()} onDrop={props.onDrop}>
      {closed}
      {props.children && (
        <div class="row__body">
          {props.children()}
          <div class="actions">
            <button type="button" class="button" disabled={props.index === 0} onClick={() => props.onMove(props.index - 1)}><Icon name="up" /> Up</button>
            <button type="button" class="button" disabled={props.index === props.count - 1} onClick={() => props.onMove(props.index + 1)}><Icon name="down" /> Down</button>
            <button type="button" class="button button--quiet" onClick={props.onRemove}><Icon name="close" /> Remove</button>
          </div>
        </div>
      )}
    </li>
  );
}

function RowHead(props: RowProps & { readonly found: number; readonly worst?: string }) {
  const { path, index, title, worst, found } = props;
  return (
    <div class="row__head">
      <button
        type="button"
        id={handleId(path, index)}
        class="row__handle"
        draggable
        aria-label={`Move ${title}: place ${index + 1} of ${props.count}. Use the arrow keys.`}
        onDragStart={props.onDrag}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          props.onMove(index + (event.key === "ArrowUp" ? -1 : 1));
        }}
      >
        <span aria-hidden="true">⋮⋮</span>
      </button>
      <button type="button" class="row__open" aria-expanded={props.open} onClick={props.onToggle}>
        <span class="row__title">{title}</span>
        <span class="row__summary">{props.summary}</span>
      </button>
      {worst && <span class={`tag tag--${worst === "error" ? "alarm" : "caution"}`}>{found} {worst === "hint" ? "hint" : worst}{found > 1 ? "s" : ""}</span>}
    </div>
  );
}
