import { useComputed } from "@preact/signals";
import type { Safety } from "./recorder";
import { say } from "./words";

/** Whether all is safe, in two short lines: what is on the tablet, and what is on the server. Always in sight. */
export function SafeLight({ safety }: { readonly safety: Safety | undefined }) {
  const unsaved = useComputed(() => safety?.unsaved.value ?? 0);
  const unsynced = useComputed(() => safety?.unsynced.value ?? null);
  if (!safety) return <span class="safe safe--pending"><span class="safe__light" />{say("safe.memory")}</span>;
  const failed = safety.failure.value !== null;
  const saved = failed ? say("safe.failed") : unsaved.value > 0 ? say("safe.unsaved", { n: unsaved.value }) : say("safe.all");
  const waiting = unsynced.value;
  const sent = waiting === null ? say("safe.counting") : waiting > 0 ? say("safe.unsynced", { n: waiting }) : say("safe.sent");
  const look = failed ? "safe--failed" : unsaved.value > 0 ? "safe--pending" : "";
  return (
    <span class={`safe ${look}`} role="img" aria-label={say("safe.label", { saved, sent })}>
      <span class="safe__light" />
      <span class="safe__words" aria-hidden="true">
        <strong>{saved}</strong>
        <span>{sent}</span>
      </span>
    </span>
  );
}
