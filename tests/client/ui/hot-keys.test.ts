// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { type FrameworkDocument, indexOf } from "../../../static/src/core/framework.ts";
import { hotKeys } from "../../../static/src/ui/hot-keys.ts";
import { memoryRecording } from "../../../static/src/ui/memory.ts";

const FRAMEWORK = {
  schema: "observe-framework/1", slug: "class", title: "Class",
  streams: [{ id: "talk", label: "Talk", codes: [{ id: "hits", label: "Hits", key: "h" }] }],
} as unknown as FrameworkDocument;

function press(key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  return new KeyboardEvent("keydown", { key, cancelable: true, ...more });
}

function begun() {
  const recording = memoryRecording(indexOf(FRAMEWORK), {}, [], () => undefined);
  return { recording, keys: hotKeys(recording), kinds: () => recording.situation.log.map((event) => event.kind) };
}

test("a key is its code, and Backspace or Ctrl and Z take it back", () => {
  const { keys, kinds } = begun();

  keys(press("H"));
  keys(press("Backspace"));
  keys(press("h"));
  keys(press("z", { ctrlKey: true }));

  expect(kinds()).toEqual(["open", "point", "amend", "point", "amend"]);
});

test("while locked against rain no key does anything, undo included", () => {
  const { recording, keys, kinds } = begun();
  keys(press("h"));
  recording.locked.value = true;

  keys(press("h"));
  keys(press("Backspace"));
  keys(press("z", { ctrlKey: true }));

  expect(kinds()).toEqual(["open", "point"]);
});

test("Escape closes the panel also where the focus has gone back to the pad", () => {
  const { recording, keys } = begun();
  recording.openSheet({ kind: "history" });

  keys(press("Escape"));

  expect(recording.sheet.value).toBeNull();
});
