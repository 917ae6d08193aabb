// @vitest-environment happy-dom
import { options, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { preferences } from "../../../static/src/ui/preferences.ts";
import { RecordingScreen } from "../../../static/src/ui/recorder.tsx";
import { deeds, LECTURE, stage, type Stage } from "./stage.ts";

let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function show(framework = LECTURE): Stage {
  const made = stage(framework);
  act(() => render(<RecordingScreen recording={made.recording} />, root));
  return made;
}

function button(code: string): HTMLButtonElement {
  const found = root.querySelector<HTMLButtonElement>(`[data-code="${code}"]`);
  if (!found) throw new Error(`There is no button for ${code}.`);
  return found;
}

function touch(element: Element, type: string, at: number, pointerId = 1): void {
  const event = new PointerEvent(type, { bubbles: true, pointerId, pointerType: "touch", width: 20, height: 20 });
  Object.defineProperty(event, "timeStamp", { value: at });
  act(() => { element.dispatchEvent(event); });
}

function click(element: Element, detail: number, at = 0): void {
  const event = new MouseEvent("click", { bubbles: true, detail });
  Object.defineProperty(event, "timeStamp", { value: at });
  act(() => { element.dispatchEvent(event); });
}

test("a touch on a state records one start, at the time of the touch and not of its handler", () => {
  const { log } = show();

  touch(button("LT"), "pointerdown", 4321.4);
  touch(button("LT"), "pointerup", 4400);
  click(button("LT"), 1, 4401);

  expect(deeds(log)).toEqual([{ id: "e2", kind: "start", at: 4321, code: "LT" }]);
});

test("a click from keyboard or screen reader counts, since its detail is 0", () => {
  const { log } = show();

  click(button("SD"), 0, 900);

  expect(deeds(log)).toEqual([{ id: "e2", kind: "start", at: 900, code: "SD" }]);
});

test("two fingers at once both count", () => {
  const { log } = show();

  touch(button("LT"), "pointerdown", 100, 1);
  touch(button("SD"), "pointerdown", 130, 2);

  expect(deeds(log).map(({ code, at }) => [code, at])).toEqual([["LT", 100], ["SD", 130]]);
});

test("switching shows the new state as pressed and the other one as not, with one event", () => {
  const { log } = show();
  touch(button("LT"), "pointerdown", 100);
  touch(button("LT"), "pointerup", 120);

  touch(button("SD"), "pointerdown", 2000);

  expect([button("LT"), button("SD")].map((each) => each.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
  expect(deeds(log)).toHaveLength(2);
});

test("where something is always going on, a second touch on the running code does not stop it", () => {
  const { log } = show();
  touch(button("LT"), "pointerdown", 100);

  touch(button("LT"), "pointerdown", 900);

  expect(deeds(log)).toHaveLength(1);
  expect(button("LT").getAttribute("aria-pressed")).toBe("true");
});

test("a long touch is a question: the tap is taken back, the definition shown, and it can be put back", () => {
  const { log, recording } = show();

  touch(button("LT"), "pointerdown", 500);
  act(() => { vi.advanceTimersByTime(600); });

  expect(deeds(log)[1]).toMatchObject({ kind: "amend", ref: "e2", void: true, reason: "long-press" });
  expect(root.querySelector(".sheet")?.textContent).toContain("A question");
  expect(recording.situation.running.size).toBe(0);

  const putBack = [...root.querySelectorAll<HTMLButtonElement>(".sheet button")].find((each) => each.textContent?.startsWith("Record it"));
  click(putBack as Element, 1);

  expect([...recording.situation.running.values()].map(({ code, since }) => [code, since])).toEqual([["LT", 500]]);
});

test("a hot key records its code at the time of the key", () => {
  const { log } = show();
  const key = new KeyboardEvent("keydown", { key: "d", bubbles: true });
  Object.defineProperty(key, "timeStamp", { value: 777 });

  act(() => { window.dispatchEvent(key); });

  expect(deeds(log)).toEqual([{ id: "e2", kind: "start", at: 777, code: "SD" }]);
});

test("a tap draws only the buttons whose state changed", () => {
  show();
  touch(button("LT"), "pointerdown", 100);
  const drawn: string[] = [];
  const before = options.diffed;
  options.diffed = (vnode) => {
    const { type, props } = vnode as { type: unknown; props: { code?: { id: string } } };
    if (typeof type === "function" && type.name === "CodeKey" && props.code) drawn.push(props.code.id);
    before?.(vnode);
  };

  touch(button("SD"), "pointerdown", 200);

  options.diffed = before as NonNullable<typeof before>;
  expect(new Set(drawn)).toEqual(new Set(["LT", "SD"]));
});

test("undo takes back the last tap and leaves the log whole", () => {
  const { log, recording } = show();
  touch(button("LT"), "pointerdown", 100);
  touch(button("SD"), "pointerdown", 200);

  click(root.querySelector(".action--undo") as Element, 1);

  expect(deeds(log).at(-1)).toMatchObject({ kind: "amend", ref: "e3", void: true, reason: "undo" });
  expect([...recording.situation.running.values()].map(({ code }) => code)).toEqual(["LT"]);
  expect(root.querySelector(".history__row--void")?.textContent).toContain("Discussion");
});

test("a lock keeps every code out of reach until it is held open", () => {
  const { log, recording } = show();
  act(() => { recording.locked.value = true; });

  touch(button("LT"), "pointerdown", 100);
  expect(deeds(log)).toHaveLength(0);

  const open = root.querySelector(".screen--locked .hold") as Element;
  touch(open, "pointerdown", 200);
  act(() => { vi.advanceTimersByTime(1499); });
  expect(recording.locked.peek()).toBe(true);
  act(() => { vi.advanceTimersByTime(1); });
  expect(recording.locked.peek()).toBe(false);
});

test("ending needs a touch held for 1.5 s; a shorter one ends nothing", () => {
  const { log, recording } = show();
  act(() => recording.openSheet({ kind: "finish" }));
  const hold = root.querySelector(".sheet .hold") as Element;

  touch(hold, "pointerdown", 100);
  act(() => { vi.advanceTimersByTime(1400); });
  touch(hold, "pointerup", 1500);
  act(() => { vi.advanceTimersByTime(1000); });
  expect(log.some((event) => event.kind === "end")).toBe(false);

  touch(hold, "pointerdown", 3000);
  act(() => { vi.advanceTimersByTime(1500); });
  expect(log.at(-1)).toMatchObject({ kind: "end", count: log.length, seq: log.length });
});

test("words stay whole where a theme has thicker borders, as in sunlight", async () => {
  show();
  const label = (): number => Number.parseFloat(root.querySelector<HTMLElement>(".pad")?.style.getPropertyValue("--label") ?? "");
  const keys = (): number => root.querySelectorAll("[data-code]").length;
  const [before, shown] = [label(), keys()];

  document.documentElement.style.setProperty("--border-strong", "350px");
  await act(async () => { preferences.value = { ...preferences.value, theme: "sun" }; });
  document.documentElement.style.removeProperty("--border-strong");

  expect(before).toBeGreaterThan(0);
  expect([label() < before, keys()]).toEqual([true, shown]);
});
