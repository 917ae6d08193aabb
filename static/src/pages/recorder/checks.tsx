import { say, wallTime } from "../../ui/words";
import { lastExchange, services } from "./app";
import { battery, isInstalled, LOW_STORAGE_BYTES, storage, wakeLock } from "./device";

export type CheckState = "good" | "caution" | "alarm";

export interface Check {
  readonly id: string;
  readonly state: CheckState;
  readonly words: string;
  readonly remedy: string | null;
}

export interface Readings {
  readonly installed: boolean;
  readonly persisted: boolean | null;
  readonly freeBytes: number | null;
  readonly clockOffset: number | null;
  readonly battery: { readonly level: number; readonly charging: boolean } | null;
  readonly wakeLockSupported: boolean;
  readonly framework: { readonly title: string; readonly number: number } | null;
  readonly lastSync: number | null;
  readonly cannotRecord: string | null;
}

const CLOCK_MS = 2_000;
const LOW_BATTERY = 0.2;
const STALE_MS = 3 * 24 * 3_600_000;

function check(id: string, isGood: boolean, words: string, remedy: string, bad: CheckState = "caution"): Check {
  return { id, state: isGood ? "good" : bad, words, remedy: isGood ? null : remedy };
}

function storageChecks({ persisted, freeBytes, cannotRecord }: Readings): readonly Check[] {
  const megabytes = freeBytes === null ? 0 : Math.round(freeBytes / 1_000_000);
  const isEnough = freeBytes === null || freeBytes >= LOW_STORAGE_BYTES;
  const free = freeBytes === null ? say("check.free.unknown") : say(isEnough ? "check.free" : "check.free.low", { n: megabytes });
  return [
    ...(cannotRecord === null ? [] : [{ id: "record", state: "alarm" as const, words: cannotRecord, remedy: say("check.persisted.remedy") }]),
    check("persisted", persisted === true, say(persisted ? "check.persisted" : "check.persisted.not"), say("check.persisted.remedy")),
    check("free", isEnough, free, say("check.free.remedy"), "alarm"),
  ];
}

function clockCheck({ clockOffset }: Readings): Check {
  if (clockOffset === null) return check("clock", false, say("check.clock.unknown"), say("check.clock.remedy"));
  const isRight = Math.abs(clockOffset) <= CLOCK_MS;
  const seconds = Math.round(Math.abs(clockOffset) / 1000);
  return check("clock", isRight, say(isRight ? "check.clock" : "check.clock.off", { s: isRight ? CLOCK_MS / 1000 : seconds }), say("check.clock.remedy"));
}

function batteryCheck({ battery: power }: Readings): Check {
  if (power === null) return check("battery", true, say("check.battery.unknown"), "");
  const percent = Math.round(power.level * 100);
  const isEnough = power.charging || power.level > LOW_BATTERY;
  return check("battery", isEnough, say(isEnough ? "check.battery" : "check.battery.low", { n: percent }), say("check.battery.remedy"));
}

/** Everything that has gone wrong in the field before, asked before anyone is watched. All findings at once. */
export function checksOf(readings: Readings, now: number): readonly Check[] {
  const { installed, framework, lastSync, wakeLockSupported } = readings;
  const sync = lastSync === null ? say("check.sync.never") : say("check.sync", { when: wallTime(lastSync) });
  return [
    check("installed", installed, say(installed ? "check.installed" : "check.installed.not"), say("check.installed.remedy")),
    ...storageChecks(readings),
    clockCheck(readings),
    batteryCheck(readings),
    check("wake", wakeLockSupported, say(wakeLockSupported ? "check.wake" : "check.wake.not"), say("check.wake.remedy")),
    ...(framework ? [check("framework", true, say("check.framework", { title: framework.title, n: framework.number }), "")] : []),
    check("sync", lastSync !== null && now - lastSync < STALE_MS, sync, say("check.sync.remedy")),
  ];
}

export function readings(framework: Readings["framework"], cannotRecord: string | null): Readings {
  const status = services().sync.status.value;
  return {
    installed: isInstalled(),
    persisted: storage.value?.persisted ?? null,
    freeBytes: storage.value?.freeBytes ?? null,
    clockOffset: status.clockOffset,
    battery: battery.value,
    wakeLockSupported: "wakeLock" in navigator && wakeLock.value !== "unsupported",
    framework,
    lastSync: lastExchange.value,
    cannotRecord,
  };
}

const MARKS: Readonly<Record<CheckState, string>> = { good: "✓", caution: "!", alarm: "✗" };

export function CheckList({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ul class="checks">
      {checks.map((each) => (
        <li key={each.id} class={`check check--${each.state}`}>
          <span class="check__mark" role="img" aria-label={say(`check.${each.state}`)}>{MARKS[each.state]}</span>
          <span>{each.words}</span>
          {each.remedy ? <span class="check__remedy">{each.remedy}</span> : null}
        </li>
      ))}
    </ul>
  );
}
