"""How quick the recorder is under the finger: `python -m benchmarks.recorder [rounds]`. Needs Chromium and the built client.

For each touch: from the touch to the next frame, and from the touch to its transaction's `complete`, which is the time
until the page is handed the touch (nothing of ours), until the transaction begins, and until it is complete; beside a bare
strict transaction of a row of the same size in the same page at the same moment, while the page has nothing else to do. One tablet is at the beginning of a session,
another after 5,000 events; both in turn, at full speed and slowed down six times, in rounds, so that a busy machine weighs
on all alike. Then the start without a network, the browser started anew; and what the client weighs.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.conftest import ROOT, Server, Tablet
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
  let handed = 0;
  let tell = null;
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const transaction = begin.call(this, stores, mode, options);
    if (mode === "readwrite" && [...transaction.objectStoreNames].includes("events") && options?.durability === "strict") {
      const since = touched;
      const begun = performance.now();
      const before = { delivery: handed - since, script: begun - handed };
      transaction.addEventListener("complete", () => {
        const now = performance.now();
        if (tell && since) tell.durable({ ...before, write: now - begun, durable: now - since });
      });
    }
    return transaction;
  };
  window.addEventListener("pointerdown", (event) => {
    touched = event.timeStamp;
    handed = performance.now();
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
    window.touch = Promise.all([frame, durable]).then(async ([frame, parts]) => ({ frame, ...parts, bare: await once() }));
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
        counters.put({ ...row, count });
      };
    };
    transaction.oncomplete = () => { database.close(); resolve(); };
    transaction.onabort = () => reject(transaction.error);
  };
})
"""

Touch = Mapping[str, float]
Round = list[Touch]
RATES = (1, 6)
PARTS = ("frame", "durable", "delivery", "script", "write", "bare")
LONG = 5_000
EACH = 9
"""touches of one tablet at one speed in one round"""


def touches(page: Page, number: int) -> Round:
    """So many touches of three codes in turn, each to its end before the next; the first of each code warms up."""
    places = []
    for code in ("LT", "LQ", "SR"):
        box = page.locator(f"[data-code={code}]").first.bounding_box()
        assert box
        places.append((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    found: Round = []
    for n in range(number + 3):
        page.evaluate("() => window.nextTouch()")
        page.touchscreen.tap(*places[n % 3])
        found.append(page.evaluate("() => window.touch"))
    return found[3:]


def centile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def middle(found: Sequence[Touch], what: str) -> float:
    return statistics.median(each[what] for each in found)


def line(name: str, rounds: Sequence[Round]) -> None:
    found = [each for one in rounds for each in one]
    cells = "".join(
        f"{middle(found, what):9.1f}{centile([each[what] for each in found], 0.95):7.0f}" for what in PARTS
    )
    print(f"{name:<34}{cells}{middle(found, 'write') / middle(found, 'bare'):12.2f}", flush=True)


def compared(name: str, late: Sequence[Round], early: Sequence[Round]) -> None:
    """How much slower the long session is, round by round."""
    cells = "".join(
        f"{statistics.median(middle(a, what) / middle(b, what) for a, b in zip(late, early, strict=True)):9.2f}{'':7}"
        for what in PARTS
    )
    print(f"{name:<34}{cells}", flush=True)


class Hand:
    """A tablet in the middle of a session, with its watch."""

    def __init__(self, tablet: Tablet, page: Page) -> None:
        assert tablet.context
        self.page = page
        page.evaluate(WATCH)
        self.session: CDPSession = tablet.context.new_cdp_session(page)

    def round(self, rate: int) -> Round:
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        found = touches(self.page, EACH)
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        return found


def start(page: Page, url: str) -> float:
    """From the navigation's beginning to the pad in sight, in the page's own time."""
    page.goto(f"{url}/recorder", wait_until="commit")
    page.locator("[data-code=LT]").first.wait_for()
    return float(page.evaluate("() => performance.now()"))


def weight() -> str:
    """What the recorder loads before the first tap, by the client's own rule."""
    done = subprocess.run(
        ["node", "scripts/size.mjs"], cwd=ROOT / "static", capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr.strip()


def measure(folder: Path, rounds: int) -> None:
    (folder / "server").mkdir()
    server = Server(folder / "server", has_worker=False)
    server.command("setup", "--demo")
    server.start()
    way = Way(server)
    with sync_playwright() as playwright:
        fresh, full = Tablet(playwright, folder / "fresh"), Tablet(playwright, folder / "full")
        pages = [fresh.launch(), full.launch()]
        for page in pages:
            enrol(page, way.url, enrolment_code(server))
            begin(page)
        server.kill()
        way.stop()  # from here on without any network
        pages[1].evaluate(FILL, LONG)
        pages[1].wait_for_timeout(2_100)  # so that the reload is a gap that has to be gone on from
        pages[1].reload()
        go_on(pages[1])
        hands = {"at the beginning": Hand(fresh, pages[0]), f"after {LONG:,} events": Hand(full, pages[1])}
        found: dict[tuple[str, int], list[Round]] = {(name, rate): [] for name in hands for rate in RATES}
        turns, chance = list(found), random.Random(5)
        for _ in range(rounds):
            chance.shuffle(turns)
            for name, rate in turns:
                found[name, rate].append(hands[name].round(rate))
        heads = "".join(f"{what:>9}{'p95':>7}" for what in PARTS)
        print(f"{'ms, median':<34}{heads}{'write/bare':>12}")
        for (name, rate), each in found.items():
            line(f"{name}, {rate}x slower" if rate > 1 else name, each)
        early, late = hands
        for rate in RATES:
            compared(f"late / early, {rate}x slower", found[late, rate], found[early, rate])

        fresh.close()
        print(f"\nms from navigation to the pad, without a network, into a session of {LONG:,} events")
        full.close()
        page = full.launch()
        print(f"  browser started anew   {start(page, way.url):8.0f}")
        print(
            f"  browser running        {statistics.median(start(page, way.url) for _ in range(5)):8.0f}   (median of 5)"
        )
        full.close()
    server.kill()
    print(f"\n{weight()}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 10)
