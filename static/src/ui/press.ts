/** How a finger becomes an event: at touch-down, with both hands, and once. */

export const HOLD_FOR_DEFINITION_MS = 550;

/** Wider than a fingertip: a palm or a sleeve, which is flagged and not refused. */
export const PALM_PX = 60;

export interface Press {
  /** `touchedAt` is the event's own timestamp on the monotonic clock: the handler may run much later. */
  readonly onPress: (touchedAt: number, palm: boolean) => void;
  /** Called when the finger stays: the definition is shown, and the tap taken back by whoever listens. */
  readonly onHold?: (touchedAt: number) => void;
}

interface Handlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: (event: PointerEvent) => void;
  readonly onClick: (event: MouseEvent) => void;
  readonly onContextMenu: (event: Event) => void;
}

/** One hold timer for each finger; module-wide, because a re-render must not forget a finger that is down. */
const holds = new Map<number, ReturnType<typeof setTimeout>>();

function release(pointer: number): void {
  const timer = holds.get(pointer);
  if (timer !== undefined) clearTimeout(timer);
  holds.delete(pointer);
}

function isPalm(event: PointerEvent): boolean {
  return event.pointerType === "touch" && (event.width > PALM_PX || event.height > PALM_PX);
}

/** Handlers for a button of the pad. A click counts only from keyboard or screen reader, whose `detail` is 0. */
export function press({ onPress, onHold }: Press): Handlers {
  return {
    onPointerDown(event) {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      const target = event.currentTarget as Element;
      if (target.hasPointerCapture?.(event.pointerId) === false) capture(target, event.pointerId);
      release(event.pointerId);
      const touchedAt = event.timeStamp;
      if (onHold) holds.set(event.pointerId, setTimeout(() => onHold(touchedAt), HOLD_FOR_DEFINITION_MS));
      onPress(touchedAt, isPalm(event));
    },
    onPointerUp: (event) => release(event.pointerId),
    onPointerCancel: (event) => release(event.pointerId),
    onClick(event) {
      if (event.detail === 0) onPress(event.timeStamp, false);
    },
    onContextMenu: (event) => event.preventDefault(),
  };
}

function capture(target: Element, pointer: number): void {
  try {
    target.setPointerCapture(pointer);
  } catch (error) {
    // The finger is up again already, or the pointer is synthetic: there is nothing left to capture.
    if (!(error instanceof DOMException)) throw error;
  }
}
