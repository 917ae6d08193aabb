import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";
import { say } from "./words";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  /** `side` leaves the pad in sight and in reach; `full` is for what needs all the room. */
  readonly shape?: "side" | "full";
  readonly children: ComponentChildren;
  /** what must not be scrolled for, such as Save */
  readonly foot?: ComponentChildren;
  readonly class?: string;
}

/** A panel beside the pad. Not modal: the observer may tap on behind it, and Escape closes it. */
export function Sheet({ title, onClose, shape = "side", children, foot, class: className = "" }: Props) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
  }, []);
  return (
    <section
      ref={panel}
      class={`sheet sheet--${shape} ${className}`}
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="sheet__head">
        <h2 class="sheet__title">{title}</h2>
        <button type="button" class="icon-button" aria-label={say("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="sheet__body">{children}</div>
      {foot ? <div class="sheet__foot">{foot}</div> : null}
    </section>
  );
}
