/** Which codes stand on which page of the pad, so that nothing scrolls, is cut off, or moves under a finger. */

export interface Section<C> {
  readonly id: string;
  readonly title: string;
  readonly codes: readonly C[];
}

export interface Page<C> {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly Section<C>[];
  readonly columns: number;
  /** size of the labels, one of `Room.fonts` */
  readonly font: number;
}

/** What there is room for, in CSS pixels. `cell` is the smallest button that a finger needs. */
export interface Room<C> {
  readonly width: number;
  readonly height: number;
  readonly cell: number;
  readonly gap: number;
  readonly heading: number;
  /** sizes of the labels, the largest first */
  readonly fonts: readonly number[];
  /** how high a button must be for this code's words, at this width and size; Infinity when a word would be broken */
  readonly needs: (code: C, width: number, font: number) => number;
}

interface Grouped<C> {
  readonly id: string;
  readonly title: string;
  readonly groups: readonly Section<C>[];
}

interface Arrangement {
  readonly columns: number;
  readonly font: number;
  readonly badness: number;
}

const BEST_SHAPE = 1.7;
/** An empty place in a row costs more than a less handsome button. */
const EMPTY_WEIGHT = 1.5;
const FONT_WEIGHT = 1.2;

function codeCount<C>(sections: readonly Section<C>[]): number {
  return sections.reduce((sum, section) => sum + section.codes.length, 0);
}

function rowCount<C>(sections: readonly Section<C>[], columns: number): number {
  return sections.reduce((sum, section) => sum + Math.ceil(section.codes.length / columns), 0);
}

/** One way to lay these sections out; null when something would be cut off. All rows of a page are equally high. */
function arranged<C>(sections: readonly Section<C>[], columns: number, font: number, room: Room<C>): Arrangement | null {
  const width = (room.width - (columns - 1) * room.gap) / columns;
  if (width < room.cell) return null;
  const rows = rowCount(sections, columns);
  const headings = sections.length > 1 ? sections.length * room.heading : 0;
  const height = (room.height - headings - (rows - 1) * room.gap) / rows;
  const needed = Math.max(room.cell, ...sections.flatMap((section) => section.codes.map((code) => room.needs(code, width, font))));
  if (needed > height) return null;
  const empty = (rows * columns - codeCount(sections)) / (rows * columns);
  const small = 1 - font / (room.fonts[0] ?? font);
  const badness = Math.abs(Math.log(width / Math.min(height, 176) / BEST_SHAPE)) + EMPTY_WEIGHT * empty + FONT_WEIGHT * small;
  return { columns, font, badness };
}

function best<C>(sections: readonly Section<C>[], room: Room<C>): Arrangement | null {
  const most = Math.max(1, ...sections.map((section) => section.codes.length));
  let found: Arrangement | null = null;
  for (let columns = 1; columns <= most; columns += 1) {
    for (const font of room.fonts) {
      const next = arranged(sections, columns, font, room);
      if (next && (!found || next.badness < found.badness)) found = next;
    }
  }
  return found;
}

/** Where even one row is too much (text at 200 % on a phone), as much as a finger can still hit. */
function squeezed<C>(room: Room<C>): Arrangement {
  return { columns: Math.max(1, Math.floor(room.width / (room.cell * 2.2))), font: room.fonts.at(-1) ?? 13, badness: Number.POSITIVE_INFINITY };
}

function pageOf<C>(id: string, title: string, sections: readonly Section<C>[], room: Room<C>): Page<C> {
  const { columns, font } = best(sections, room) ?? squeezed(room);
  return { id, title, sections, columns, font };
}

/** The fewest even parts of a section that each fit. */
function chunked<C>(section: Section<C>, room: Room<C>): readonly Section<C>[] {
  for (let parts = 2; parts <= section.codes.length; parts += 1) {
    const each = Math.ceil(section.codes.length / parts);
    const made = Array.from({ length: Math.ceil(section.codes.length / each) }, (_, part) => ({
      id: `${section.id}/${part + 1}`,
      title: `${section.title} ${part + 1}/${parts}`,
      codes: section.codes.slice(part * each, (part + 1) * each),
    }));
    if (made.every((part) => best([part], room) !== null)) return made;
  }
  return section.codes.map((code, place) => ({ id: `${section.id}/${place}`, title: section.title, codes: [code] }));
}

/** Groups side by side as long as they fit, each under its own heading or, which takes less room, without. */
function packed<C>(stream: Grouped<C>, room: Room<C>, hasHeadings: boolean): readonly Page<C>[] {
  const pages: Page<C>[] = [];
  let together: readonly Section<C>[] = [];
  const asShown = (sections: readonly Section<C>[]): readonly Section<C>[] => {
    const title = sections.map((section) => section.title).join(" · ");
    return hasHeadings ? sections : [{ id: sections[0]?.id ?? "", title, codes: sections.flatMap((section) => section.codes) }];
  };
  const close = (): void => {
    const shown = asShown(together);
    const title = together.map((section) => section.title).join(" · ");
    if (together.length > 0) pages.push(pageOf(`${stream.id}/${together[0]?.id ?? ""}`, title, shown, room));
    together = [];
  };
  for (const section of stream.groups.flatMap((group) => (best([group], room) ? [group] : chunked(group, room)))) {
    if (together.length > 0 && !best(asShown([...together, section]), room)) close();
    together = [...together, section];
  }
  close();
  return pages;
}

/** The pages of one stream: whole if it fits, else by its groups, else in even parts; the fewest pages win. */
function pagesOf<C>(stream: Grouped<C>, room: Room<C>): readonly Page<C>[] {
  const whole: Section<C> = { id: stream.id, title: stream.title, codes: stream.groups.flatMap((group) => group.codes) };
  if (best(stream.groups, room)) return [pageOf(stream.id, stream.title, stream.groups, room)];
  if (best([whole], room)) return [pageOf(stream.id, stream.title, [whole], room)];
  const even = chunked(whole, room).map((part) => pageOf(part.id, part.title, [part], room));
  const ways = [packed(stream, room, true), packed(stream, room, false), even];
  return ways.reduce((fewest, way) => (way.length < fewest.length ? way : fewest));
}

/**
 * As many streams together on a page as fit, the others on pages of their own; the order is always the framework's.
 * `roomFor` knows what a page loses to the clocks of the streams that stand on it.
 */
export function paginate<C>(streams: readonly Grouped<C>[], roomFor: (streams: readonly string[]) => Room<C>): readonly Page<C>[] {
  const pages: Page<C>[] = [];
  let together: readonly Grouped<C>[] = [];
  const close = (): void => {
    const room = roomFor(together.map((stream) => stream.id));
    const [first] = together;
    if (together.length === 1 && first) pages.push(...pagesOf(first, room));
    else if (first) pages.push(pageOf(first.id, together.map((stream) => stream.title).join(" · "), together.map(asSection), room));
    together = [];
  };
  for (const stream of streams.filter((each) => each.groups.some((group) => group.codes.length > 0))) {
    const more = [...together, stream];
    const doFit = best(more.map(asSection), roomFor(more.map((each) => each.id))) !== null;
    if (together.length > 0 && !doFit) close();
    together = [...together, stream];
  }
  close();
  return pages;
}

function asSection<C>(stream: Grouped<C>): Section<C> {
  return { id: stream.id, title: stream.title, codes: stream.groups.flatMap((group) => group.codes) };
}

/** A stream's codes by their group, in the order in which groups first appear. */
export function grouped<C extends { readonly group?: string }>(id: string, title: string, codes: readonly C[]): Grouped<C> {
  const groups = new Map<string, C[]>();
  for (const code of codes) groups.set(code.group ?? "", [...(groups.get(code.group ?? "") ?? []), code]);
  const sections = [...groups].map(([group, members]) => ({ id: `${id}:${group}`, title: group || title, codes: members }));
  return { id, title, groups: sections };
}
