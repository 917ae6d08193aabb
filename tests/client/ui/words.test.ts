// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { ar } from "../../../static/src/ui/words/ar.ts";
import { en } from "../../../static/src/ui/words/en.ts";
import { enLater } from "../../../static/src/ui/words/en-later.ts";
import { allWords, clockTime, type Entry, type Key, say, speak } from "../../../static/src/ui/words/index.ts";

afterEach(() => speak("en"));

function places(entry: Entry): ReadonlySet<string> {
  const all = typeof entry === "string" ? [entry] : Object.values(entry);
  return new Set(all.flatMap((text) => text.match(/\{\w+\}/g) ?? []));
}

test("each translation has a place for every value of the English words", () => {
  const english: Readonly<Record<Key, Entry>> = { ...en, ...enLater };
  for (const key of Object.keys(english) as Key[]) expect([key, places(ar[key])]).toEqual([key, places(english[key])]);
  expect(Object.keys(ar).sort()).toEqual(Object.keys(english).sort());
});

test("the words of other pages come when they are asked for, in the language that is spoken then", async () => {
  await speak("ar");
  await allWords();
  expect(say("home.look")).toBe(ar["home.look"]);

  await speak("en");

  expect(say("home.look")).toBe("Look at it");
});

test("one and several are told apart, in Arabic two and few as well", async () => {
  expect([1, 2].map((n) => say("home.events", { n }))).toEqual(["1 event", "2 events"]);

  await speak("ar");

  expect([1, 2, 3, 11].map((n) => say("home.events", { n }))).toEqual(["حدث واحد", "حدثان", "3 أحداث", "11 حدثًا"]);
});

test("a language turns the direction of the page", async () => {
  await speak("ar");

  expect([document.documentElement.lang, document.documentElement.dir]).toEqual(["ar", "rtl"]);
});

test("a stopwatch shows hours only when there are some", () => {
  expect([0, 999, 61_000, 3_601_000, -5].map(clockTime)).toEqual(["0:00", "0:00", "1:01", "1:00:01", "0:00"]);
});
