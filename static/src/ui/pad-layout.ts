/** Which codes stand on which page of the pad, so that nothing scrolls and nothing moves under a finger. */

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
}

/** What there is room for, in CSS pixels. `cell` is the smallest button that a finger and the words need. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly gap: number;
  readonly heading: number;
}

interface Grouped<C> {
  readonly id: string;
  readonly title: string;
  readonly groups: readonly Section<C>[];
}

function columnsIn(room: Room): number {
  return Math.max(1, Math.floor((room.width + room.gap) / (room.cellWidth + room.gap)));
}

/** The height that these sections need at this number of columns. */
function heightOf<C>(sections: readonly Section<C>[], columns: number, room: Room, headings: boolean): number {
  return sections.reduce((height, section) => {
    const rows = Math.ceil(section.codes.length / columns);
    return height + rows * (room.cellHeight + room.gap) + (headings ? room.heading : 0);
  }, 0);
}

function fits<C>(sections: readonly Section<C>[], room: Room): boolean {
  const headings = sections.length > 1;
  return heightOf(sections, columnsIn(room), room, headings) <= room.height + room.gap;
}

/** The fewest columns that still fit: the widest buttons. Never so few that a button would be a long bar. */
function bestColumns<C>(sections: readonly Section<C>[], room: Room): number {
  const most = columnsIn(room);
  const headings = sections.length > 1;
  const few = Math.min(most, Math.max(...sections.map((section) => section.codes.length), 1));
  let best = few;
  let bestBadness = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= few; columns += 1) {
    if (heightOf(sections, columns, room, headings) > room.height + room.gap) continue;
    const rows = sections.reduce((sum, section) => sum + Math.ceil(section.codes.length / columns), 0);
    const spare = room.height - (headings ? sections.length * room.heading : 0) - rows * room.gap;
    const shape = room.width / columns / Math.max(1, spare / rows);
    const empty = rows * columns - sections.reduce((sum, section) => sum + section.codes.length, 0);
    const badness = Math.abs(Math.log(shape / 1.7)) + empty / (rows * columns);
    if (badness < bestBadness) [best, bestBadness] = [columns, badness];
  }
  return best;
}

function pageOf<C>(id: string, title: string, sections: readonly Section<C>[], room: Room): Page<C> {
  return { id, title, sections, columns: bestColumns(sections, room) };
}

function chunked<C>(section: Section<C>, room: Room): readonly Section<C>[] {
  const rows = Math.max(1, Math.floor((room.height + room.gap) / (room.cellHeight + room.gap)));
  const size = rows * columnsIn(room);
  const parts = Math.ceil(section.codes.length / size);
  const each = Math.ceil(section.codes.length / parts);
  return Array.from({ length: parts }, (_, part) => ({
    id: `${section.id}/${part + 1}`,
    title: `${section.title} ${part + 1}/${parts}`,
    codes: section.codes.slice(part * each, (part + 1) * each),
  }));
}

/** The pages of one stream: whole if it fits, else by its groups, as many together as fit, else in even parts. */
function pagesOf<C>(stream: Grouped<C>, room: Room): readonly Page<C>[] {
  const whole: Section<C> = { id: stream.id, title: stream.title, codes: stream.groups.flatMap((group) => group.codes) };
  if (fits(stream.groups, room)) return [pageOf(stream.id, stream.title, stream.groups, room)];
  if (fits([whole], room)) return [pageOf(stream.id, stream.title, [whole], room)];
  const pages: Page<C>[] = [];
  let together: Section<C>[] = [];
  const close = (): void => {
    if (together.length === 0) return;
    const title = together.map((section) => section.title).join(" · ");
    pages.push(pageOf(`${stream.id}/${together[0]?.id ?? ""}`, title, together, room));
    together = [];
  };
  for (const section of stream.groups.flatMap((group) => (fits([group], room) ? [group] : chunked(group, room)))) {
    if (together.length > 0 && !fits([...together, section], room)) close();
    together.push(section);
  }
  close();
  return pages;
}

/** All streams on one page where that fits, else a page for each, else more. The order is always the framework's. */
export function paginate<C>(streams: readonly Grouped<C>[], room: Room): readonly Page<C>[] {
  const filled = streams.filter((stream) => stream.groups.some((group) => group.codes.length > 0));
  if (filled.length === 0) return [];
  if (filled.length > 1) {
    const sections = filled.map((stream) => ({ id: stream.id, title: stream.title, codes: stream.groups.flatMap((group) => group.codes) }));
    if (fits(sections, room)) return [pageOf("all", sections.map((section) => section.title).join(" · "), sections, room)];
  }
  return filled.flatMap((stream) => pagesOf(stream, room));
}

/** A stream's codes by their group, in the order in which groups first appear. */
export function grouped<C extends { readonly group?: string }>(id: string, title: string, codes: readonly C[]): Grouped<C> {
  const groups = new Map<string, C[]>();
  for (const code of codes) groups.set(code.group ?? "", [...(groups.get(code.group ?? "") ?? []), code]);
  const sections = [...groups].map(([group, members]) => ({ id: `${id}:${group}`, title: group || title, codes: members }));
  return { id, title, groups: sections };
}
