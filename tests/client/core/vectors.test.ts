import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SessionEvent, SessionHeader } from "../../../static/src/core/events.ts";
import type { FrameworkDocument } from "../../../static/src/core/framework.ts";
import { timeline } from "../../../static/src/core/timeline.ts";

interface Vector {
  readonly name: string;
  readonly rule: string;
  readonly framework: FrameworkDocument;
  readonly header: Pick<SessionHeader, "subjects">;
  readonly events: readonly SessionEvent[];
  readonly expected: unknown;
}

const FOLDER = join(import.meta.dirname, "..", "..", "vectors");

function isNothing(value: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Vectors leave out what is null, false or without content. Numbers are never left out: 0 is not nothing. */
function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => !isNothing(item)));
}

function asInVectors(record: object): object {
  const sections = Object.entries(compact(record)).map(([name, value]) => {
    const isList = Array.isArray(value) && typeof value[0] === "object" && !Array.isArray(value[0]);
    return [name, isList ? value.map((item: object) => compact(item)) : value] as const;
  });
  return Object.fromEntries(sections);
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
  const vectors = JSON.parse(readFileSync(join(FOLDER, file), "utf-8")) as readonly Vector[];
  describe(file, () => {
    test.each(vectors)("$name", (vector) => {
      const record = timeline(vector.framework, vector.header, vector.events);

      expect(asInVectors(record)).toStrictEqual(vector.expected);
    });
  });
}
