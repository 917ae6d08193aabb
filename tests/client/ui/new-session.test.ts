import { expect, test } from "vitest";
import type { FrameworkDocument } from "../../../static/src/core/framework.ts";
import { askedVariables, type Choice, happeningId, headerOf, missing } from "../../../static/src/pages/recorder/new-session.ts";

const framework: FrameworkDocument = {
  schema: "observe-framework/1", slug: "f", title: "F", actors: [{ id: "child", label: "Child" }],
  variables: [
    { id: "room", label: "Room", required: true },
    { id: "size", label: "Size", kind: "number" },
    { id: "wet", label: "Wet", kind: "yes-no", of: "setting" },
    { id: "age", label: "Age", of: "subject" },
  ],
};

const choice: Choice = {
  framework: "hash", purpose: "field", happening: "", setting: null, subjects: [{ id: "p1", pseudonym: "P01", isNew: false, actor: null }],
  variables: { room: "4b", size: "27", wet: "no" }, consent: "stated", plannedMinutes: "50",
};

const where = { study: 7, observer: 3, device: "tablet", app: "build", now: new Date("2026-03-02T10:00:00Z") };

test("the same word on the same day is the same happening on every tablet", async () => {
  const one = await happeningId(7, " Maths  Tuesday", "2026-3-2");

  expect(one).toBe(await happeningId(7, "maths tuesday ", "2026-3-2"));
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(one).not.toBe(await happeningId(7, "maths tuesday", "2026-3-3"));
  expect(one).not.toBe(await happeningId(8, "maths tuesday", "2026-3-2"));
});

test("the header holds typed values, and says nothing of what was not answered", async () => {
  const header = await headerOf(framework, { ...choice, variables: { room: "4b", size: "27", wet: "no" } }, where);

  expect(header).toMatchObject({ study: 7, observer: 3, purpose: "field", happening: null, subjects: ["p1"], planned_ms: 3_000_000 });
  expect(header.variables).toEqual({ room: "4b", size: 27, wet: false });
  expect((await headerOf(framework, { ...choice, variables: { room: "4b" } }, where)).variables).toEqual({ room: "4b" });
});

test("what is still needed is named: a required variable, someone to observe, the word of a reliability session", () => {
  const bare: Choice = { ...choice, purpose: "reliability", subjects: [], variables: {} };

  expect(missing(framework, bare).map((need) => (typeof need === "string" ? need : need.id))).toEqual(["room", "happening", "subjects"]);
  expect(missing(framework, choice)).toEqual([]);
});

test("variables of a subject are not asked of the session", () => {
  expect(askedVariables(framework).map((variable) => variable.id)).toEqual(["room", "size", "wet"]);
});
