import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Long enough that rain, a pocket or a sleeve does not do it. */
export const HOLD_TO_END_MS = 1500;

interface Props {
  readonly onHeld: (heldAt: number) => void;
  readonly holdMs?: number;
  readonly class?: string;
  readonly hint: string;
  readonly children: ComponentChildren;
}

/** A button that must be held. The keyboard holds Enter or Space in the same way. */
export function HoldButton({ onHeld, holdMs = HOLD_TO_END_MS, class: className = "", hint, children }: Props) {
  const [holding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const begin = (heldAt: number): void => {
    if (timer.current !== null) return;
    setHolding(true);
    timer.current = setTimeout(() => {
      timer.current = null;
      setHolding(false);
      onHeld(heldAt);
    }, holdMs);
  };
  const letGo = (): void => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    setHolding(false);
  };
  useEffect(() => letGo, []);

  const isHoldKey = (event: KeyboardEvent): boolean => event.key === "Enter" || event.key === " ";
  return (
    <button
      type="button"
      class={`hold ${className} ${holding ? "hold--holding" : ""}`}
      title={hint}
      onPointerDown={(event) => begin(event.timeStamp)}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onPointerLeave={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        if (!event.repeat) begin(event.timeStamp);
      }}
      onKeyUp={(event) => isHoldKey(event) && letGo()}
      onBlur={letGo}
    >
      <span class="hold__fill" aria-hidden="true" />
      <span class="hold__words">{children}</span>
      <span class="visually-hidden">{hint}</span>
    </button>
  );
}
