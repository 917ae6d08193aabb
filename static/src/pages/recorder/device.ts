/** What the tablet can tell of itself: battery, storage, the screen's wake lock. All of it may be missing. */

import { signal } from "@preact/signals";

interface BatteryManager extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

export interface Battery {
  readonly level: number;
  readonly charging: boolean;
}

export interface Storage {
  readonly persisted: boolean;
  /** null: the browser does not tell. */
  readonly freeBytes: number | null;
  readonly usedShare: number | null;
}

export type WakeLock = "held" | "none" | "unsupported";

/** null: not told. iPads never tell. */
export const battery = signal<Battery | null>(null);
export const storage = signal<Storage | null>(null);
export const wakeLock = signal<WakeLock>("none");
export const online = signal(typeof navigator === "undefined" ? true : navigator.onLine);

export const LOW_STORAGE_BYTES = 200 * 1024 * 1024;
export const STORAGE_WARNING_SHARE = 0.8;

export async function watchBattery(): Promise<void> {
  const ask = (navigator as Navigator & { getBattery?: () => Promise<BatteryManager> }).getBattery;
  if (!ask) return;
  const manager = await ask.call(navigator);
  const read = (): void => {
    battery.value = { level: manager.level, charging: manager.charging };
  };
  read();
  manager.addEventListener("levelchange", read);
  manager.addEventListener("chargingchange", read);
}

export async function measureStorage(): Promise<void> {
  if (!("storage" in navigator)) return;
  const persisted = (await navigator.storage.persisted?.()) ?? false;
  const estimate = await navigator.storage.estimate?.();
  const quota = estimate?.quota ?? null;
  const usage = estimate?.usage ?? null;
  storage.value = {
    persisted,
    freeBytes: quota !== null && usage !== null ? quota - usage : null,
    usedShare: quota && usage !== null ? usage / quota : null,
  };
}

/** Asks the browser never to clear this away. It may say no; the answer is shown, not hidden. */
export async function askToPersist(): Promise<void> {
  if (navigator.storage?.persist) await navigator.storage.persist();
  await measureStorage();
}

let lock: WakeLockSentinel | null = null;
let wanted = false;

async function takeWakeLock(): Promise<void> {
  if (!("wakeLock" in navigator)) {
    wakeLock.value = "unsupported";
    return;
  }
  try {
    lock = await navigator.wakeLock.request("screen");
    wakeLock.value = "held";
    lock.addEventListener("release", () => {
      lock = null;
      wakeLock.value = "none";
    });
  } catch (error) {
    // Low battery, or the page is hidden: the banner says that the screen may go dark.
    if (!(error instanceof DOMException)) throw error;
    wakeLock.value = "none";
  }
}

/** Keeps the screen on until `letScreenSleep`. The lock is lost whenever the page is hidden, and taken anew. */
export async function keepScreenOn(): Promise<void> {
  wanted = true;
  await takeWakeLock();
}

export async function letScreenSleep(): Promise<void> {
  wanted = false;
  await lock?.release();
}

export function watchDevice(report: (error: unknown) => void): void {
  watchBattery().catch(report);
  measureStorage().catch(report);
  const setOnline = (): void => {
    online.value = navigator.onLine;
  };
  window.addEventListener("online", setOnline);
  window.addEventListener("offline", setOnline);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    measureStorage().catch(report);
    if (wanted && !lock) takeWakeLock().catch(report);
  });
}

/** Added to the home screen, so that it has storage of its own and starts without an address bar. */
export function isInstalled(): boolean {
  const iosInstalled = (navigator as Navigator & { standalone?: boolean }).standalone === true;
  return iosInstalled || window.matchMedia("(display-mode: standalone), (display-mode: fullscreen)").matches;
}
