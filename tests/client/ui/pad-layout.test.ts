import { expect, test } from "vitest";
import { grouped, paginate, type Room } from "../../../static/src/ui/pad-layout.ts";

interface Named {
  readonly id: string;
  readonly group?: string;
}

function codes(count: number, group = ""): readonly Named[] {
  return Array.from({ length: count }, (_, place) => ({ id: `${group}${place}`, group }));
}

function room(width: number, height: number): Room<Named> {
  return { width, height, cell: 64, gap: 8, heading: 24, fonts: [16, 13], needs: (_code, cell) => (cell >= 90 ? 64 : Number.POSITIVE_INFINITY) };
}

const phone = () => room(344, 450);
const tablet = () => room(804, 720);

function shown(pages: ReturnType<typeof paginate<Named>>): readonly (readonly string[])[] {
  return pages.map((page) => page.sections.flatMap((section) => section.codes.map((code) => code.id)));
}

test("ten codes stand on one page of a phone", () => {
  const pages = paginate([grouped("s", "Stream", codes(10))], phone);

  expect(pages).toHaveLength(1);
  expect(pages[0]?.columns).toBeLessThanOrEqual(3);
});

test("two streams share a page where there is room, and have one each where there is not", () => {
  const streams = [grouped("a", "A", codes(13, "x")), grouped("b", "B", codes(12, "y"))];

  expect(paginate(streams, tablet)).toHaveLength(1);
  expect(paginate(streams, phone).length).toBeGreaterThan(1);
});

test("every code of sixty-six is on exactly one page, in the framework's order", () => {
  const stream = grouped("s", "Stream", ["a", "b", "c", "d", "e", "f"].flatMap((group) => codes(11, group)));

  const all = shown(paginate([stream], phone)).flat();

  expect(all).toEqual(stream.groups.flatMap((group) => group.codes.map((code) => code.id)));
});

test("no page is higher than the screen, so that nothing scrolls", () => {
  for (const page of paginate([grouped("s", "Stream", codes(40))], phone)) {
    const rows = page.sections.reduce((sum, section) => sum + Math.ceil(section.codes.length / page.columns), 0);
    expect(rows * 64 + (rows - 1) * 8).toBeLessThanOrEqual(450);
  }
});

test("a stream with a clock of its own goes to another page when the clock takes the room", () => {
  const streams = [grouped("a", "A", codes(6, "x")), grouped("b", "B", codes(6, "y"))];
  const withClock = (ids: readonly string[]): Room<Named> => room(344, ids.includes("b") ? 250 : 450);

  expect(shown(paginate(streams, withClock))).toEqual([["x0", "x1", "x2", "x3", "x4", "x5"], ["y0", "y1", "y2", "y3", "y4", "y5"]]);
});

test("a word that would be broken asks for wider buttons", () => {
  const long: Room<Named> = { ...phone(), needs: (_code, cell) => (cell >= 160 ? 64 : Number.POSITIVE_INFINITY) };

  expect(paginate([grouped("s", "Stream", codes(6))], () => long)[0]?.columns).toBe(2);
});
