"""How quick the recorder is under the finger: `python -m benchmarks.recorder [taps]`. Needs Chromium and the built client.

For each touch: from the touch to the next frame, and from the touch to its transaction's `complete`, beside a bare strict
transaction of a row of the same size in the same page at the same moment, so that a busy machine weighs on both alike. At
full speed and slowed down six times; at the beginning of a session and after 5,000 events; and the start without network.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.conftest import Server, Tablet
from tests.browser.field import Way, begin, enrol, enrolment_code, go_on

WATCH = """
async () => {
  const bare = await new Promise((resolve, reject) => {
    const opening = indexedDB.open("bare", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("rows", { keyPath: "n" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const row = "x".repeat(300);
  let n = Date.now();
  const once = () => new Promise((resolve) => {
    const begun = performance.now();
    const transaction = bare.transaction("rows", "readwrite", { durability: "strict" });
    transaction.objectStore("rows").put({ n: n++, text: row });
    transaction.commit();
    transaction.oncomplete = () => resolve(performance.now() - begun);
  });
  let touched = 0;
  let tell = null;
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const transaction = begin.call(this, stores, mode, options);
    if (mode === "readwrite" && [...transaction.objectStoreNames].includes("events") && options?.durability === "strict") {
      const since = touched;
      transaction.addEventListener("complete", () => { if (tell && since) tell.durable(performance.now() - since); });
    }
    return transaction;
  };
  window.addEventListener("pointerdown", (event) => {
    touched = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => tell?.frame(performance.now() - event.timeStamp);
      channel.port2.postMessage(null);
    });
  }, { capture: true });
  window.nextTouch = () => {
    const frame = new Promise((resolve) => { window.toldFrame = resolve; });
    const durable = new Promise((resolve) => { window.toldDurable = resolve; });
    tell = { frame: window.toldFrame, durable: window.toldDurable };
    window.touch = Promise.all([frame, durable]).then(async ([frame, durable]) => ({ frame, durable, bare: await once() }));
  };
}
"""

FILL = """
(wanted) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("observe");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction(["events", "counters"], "readwrite");
    const counters = transaction.objectStore("counters");
    const events = transaction.objectStore("events");
    counters.getAll().onsuccess = ({ target }) => {
      const row = target.result[0];
      events.get([row.session, row.count]).onsuccess = ({ target }) => {
        const last = JSON.parse(target.result.text);
        let { count } = row;
        while (count < wanted) {
          count += 1;
          const code = ["LT", "LQ", "SR"][count % 3];
          const event = { ...last, id: crypto.randomUUID(), seq: count, kind: "start", code, subject: null };
          delete event.reason;
          events.add({ session: row.session, seq: count, id: event.id, text: JSON.stringify(event), outbox: 1 });
        }
        counters.put({ ...row, count, unsynced: row.unsynced + count - row.count });
      };
    };
    transaction.oncomplete = () => { database.close(); resolve(); };
    transaction.onabort = () => reject(transaction.error);
  };
})
"""

Touch = Mapping[str, float]


def touches(page: Page, number: int) -> list[Touch]:
    """So many touches of three codes in turn, each to its end before the next."""
    places = []
    for code in ("LT", "LQ", "SR"):
        box = page.locator(f"[data-code={code}]").first.bounding_box()
        assert box
        places.append((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    found: list[Touch] = []
    for n in range(number):
        page.evaluate("() => window.nextTouch()")
        page.touchscreen.tap(*places[n % 3])
        found.append(page.evaluate("() => window.touch"))
    return found[3:]  # the first of each code warms up


def centile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def line(name: str, found: Sequence[Touch]) -> None:
    frame, durable, bare = ([each[what] for each in found] for what in ("frame", "durable", "bare"))
    paired = statistics.median(one["durable"] / one["bare"] for one in found if one["bare"] > 0)
    middle = [statistics.median(values) for values in (frame, durable, bare)]
    high = [centile(values, 0.95) for values in (frame, durable, bare)]
    cells = "".join(f"{m:9.1f}{h:8.1f}" for m, h in zip(middle, high, strict=True))
    print(f"{name:<34}{cells}{middle[1] / middle[2]:9.2f}{paired:9.2f}", flush=True)


def throttled(page: Page, session: CDPSession, name: str, number: int, rates: Sequence[int] = (1, 6)) -> None:
    for rate in rates:
        session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        line(f"{name}, {rate}x slower" if rate > 1 else name, touches(page, number))
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def watched(page: Page, tablet: Tablet) -> CDPSession:
    assert tablet.context
    page.evaluate(WATCH)
    return tablet.context.new_cdp_session(page)


def start(page: Page, url: str) -> dict[str, Any]:
    """From the navigation's beginning to the pad in sight, in the page's own time."""
    page.goto(f"{url}/recorder", wait_until="commit")
    page.locator("[data-code=LT]").first.wait_for()
    taken: dict[str, Any] = page.evaluate("() => ({ pad: performance.now() })")
    return taken


def measure(folder: Path, number: int) -> None:
    (folder / "server").mkdir()
    server = Server(folder / "server", has_worker=False)
    server.command("setup", "--demo")
    server.start()
    way = Way(server)
    with sync_playwright() as playwright:
        tablet = Tablet(playwright, folder / "tablet")
        page = tablet.launch()
        enrol(page, way.url, enrolment_code(server))
        begin(page)
        server.kill()
        way.stop()  # from here on without any network
        print(
            f"{'ms':<34}{'frame':>9}{'p95':>8}{'durable':>9}{'p95':>8}{'bare':>9}{'p95':>8}{'ratio':>9}{'paired':>9}"
        )
        throttled(page, watched(page, tablet), "at the beginning", number)

        page.evaluate(FILL, 5_000)
        page.wait_for_timeout(2_100)  # so that the reload is a gap that has to be gone on from
        page.reload()
        go_on(page)
        throttled(page, watched(page, tablet), "after 5,000 events", number)

        print("\nms from navigation to the pad, without a network, into a session of 5,000 events")
        tablet.close()
        page = tablet.launch()
        print(f"  browser started anew   {start(page, way.url)['pad']:8.0f}")
        warm = [start(page, way.url)["pad"] for _ in range(5)]
        print(f"  browser running        {statistics.median(warm):8.0f}   (median of 5)")
        tablet.close()
    server.kill()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 100)
