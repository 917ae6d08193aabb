/** The page's side of the service worker: a new version is offered, and never taken in the middle of a session. */

import { signal, type ReadonlySignal } from "@preact/signals-core";

export interface Updates {
  /** a new version is complete on the tablet and waits to be used */
  readonly ready: ReadonlySignal<boolean>;
  /** whether the recorder would start without a network; null while that is not known */
  readonly offline: ReadonlySignal<boolean | null>;
  /** Uses the new version, and reloads. False, and nothing done, while a session is being recorded in any window. */
  readonly apply: () => Promise<boolean>;
}

export interface UpdateOptions {
  readonly isRecording: () => boolean;
  readonly container?: ServiceWorkerContainer | undefined;
  readonly locks?: LockManager | undefined;
  readonly reload?: () => void;
}

const HOUR = 60 * 60_000;

/** A worker that is installed beside an active one waits for us; the very first one does not. */
function whenWaiting(registration: ServiceWorkerRegistration, container: ServiceWorkerContainer, say: () => void): void {
  const look = (): void => {
    if (registration.waiting && container.controller) say();
  };
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
}

/** Whether any window of the recorder holds a session's lock. */
async function isRecordedElsewhere(locks: LockManager | undefined): Promise<boolean> {
  const { held } = (await locks?.query()) ?? {};
  return held?.some((lock) => lock.name?.startsWith("rec:")) ?? false;
}

/** Registers the worker; without one (an old browser, a private window) the recorder works as long as there is a network. */
export function registerWorker(options: UpdateOptions): Updates {
  const container = options.container ?? globalThis.navigator?.serviceWorker;
  const ready = signal(false);
  const offline = signal<boolean | null>(null);
  let registered: ServiceWorkerRegistration | null = null;
  const hadController = Boolean(container?.controller);
  const start = async (): Promise<void> => {
    if (!container) {
      offline.value = false;
      return;
    }
    try {
      const registration = await container.register("/sw.js", { scope: "/", updateViaCache: "none" });
      registered = registration;
      whenWaiting(registration, container, () => (ready.value = true));
      await container.ready;
      offline.value = true;
      setInterval(() => void registration.update().catch(() => undefined), HOUR); // offline: the next hour will do
    } catch (problem) {
      console.warn("The recorder cannot be kept for offline use.", problem);
      offline.value = container.controller !== null;
    }
  };

  // The files of the version before are gone now. The first worker of all takes over without a reload.
  container?.addEventListener("controllerchange", () => {
    if (hadController && !options.isRecording()) (options.reload ?? (() => location.reload()))();
  });
  void start();

  return {
    ready,
    offline,
    apply: async () => {
      const locks = options.locks ?? globalThis.navigator?.locks;
      if (options.isRecording() || !registered?.waiting || (await isRecordedElsewhere(locks))) return false;
      registered.waiting.postMessage("use-now");
      return true;
    },
  };
}
