import type { ComponentChildren } from "preact";
import { Icon } from "../../ui/icon";
import { say } from "../../ui/words";

interface Props {
  readonly title: string;
  readonly onBack?: (() => void) | undefined;
  readonly head?: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page around a recording: a head that stays, a body that scrolls, a foot for the one thing to do next. */
export function Place({ title, onBack, head, foot, children }: Props) {
  return (
    <div class="place">
      <header class="place__head">
        {onBack ? <button type="button" class="icon-button" aria-label={say("back")} onClick={onBack}><Icon name="back" /></button> : null}
        <h1 class="place__title">{title}</h1>
        {head}
      </header>
      <div class="place__body">{children}</div>
      {foot ? <footer class="place__foot">{foot}</footer> : null}
    </div>
  );
}
