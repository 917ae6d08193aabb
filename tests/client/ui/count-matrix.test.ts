import { describe, expect, it } from "vitest";
import type { Dimension } from "../../../static/src/core/framework";
import { arranged } from "../../../static/src/ui/count-matrix";

function dimension(id: string, count: number): Dimension {
  return { id, label: id, options: Array.from({ length: count }, (_, n) => ({ id: `${id}${n}`, label: `${id} ${n}` })) };
}

function ids(side: readonly Dimension[]): string {
  return side.map((each) => each.id).join(" ");
}

const PARK = [dimension("activity", 3), dimension("age", 4), dimension("sex", 2)];

describe("the table of crossed counts", () => {
  it.each([
    [3, "age sex", "activity"],
    [4, "activity sex", "age"],
    [6, "age", "activity sex"],
    [8, "activity", "age sex"],
    [12, "activity", "age sex"],
  ])("with room for %i columns keeps the framework's order where it can, and else has the fewest rows", (most, rows, columns) => {
    const found = arranged(PARK, most);

    expect([ids(found.rows), ids(found.columns)]).toEqual([rows, columns]);
  });

  it("of one dimension is a list, and never leaves a side empty that has something", () => {
    expect(arranged([dimension("age", 4)], 9)).toEqual({ rows: [dimension("age", 4)], columns: [] });
    expect(ids(arranged(PARK, 1000).rows)).not.toBe("");
  });

  it("too wide for the screen however it is turned puts the last dimension across, and scrolls", () => {
    const found = arranged([dimension("code", 30), dimension("place", 20)], 4);

    expect([ids(found.rows), ids(found.columns)]).toEqual(["code", "place"]);
  });
});
