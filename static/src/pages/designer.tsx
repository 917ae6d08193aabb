/** The designer: a framework's document, section by section, with the recorder beside it to try it on. */

import "../../css/designer.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../ui/icon";
import { wordsOf } from "./designer/document";
import { Draft, type Finding } from "./designer/draft";
import { DraftProvider, useDraft } from "./designer/fields";
import { arrive, goTo, place, target } from "./designer/place";
import { Count } from "./designer/rows";
import { FindingsSection } from "./designer/missing";
import { AboutSection, ActorsSection, ConstructsSection, FormulasSection, LinksSection, ModifiersSection, RightsSection, VariablesSection } from "./designer/sections";
import { addStream, StreamSection } from "./designer/stream";

const trying = signal(false);

/** The sections, with the parts of the document whose findings each of them counts. */
const SECTIONS: readonly (readonly [id: string, words: string, parts: readonly string[]])[] = [
  ["about", "The question", ["title", "purpose", "attend_to", "leave_out", "assumptions", "intended_use", "limits", "planned_ms", "languages", "covert", "position", "slug"]],
  ["actors", "Who can be seen", ["actors"]],
  ["streams", "Streams", []],
  ["modifiers", "Modifiers", ["modifiers"]],
  ["links", "Links", ["links"]],
  ["variables", "Variables", ["variables"]],
  ["formulas", "Figures", ["formulas"]],
  ["constructs", "Evidence for", ["constructs"]],
  ["rights", "Source and rights", ["rights", "source"]],
  ["findings", "What is missing", []],
];

function Designer({ tabletUrl, publishUrl }: { readonly tabletUrl: string; readonly publishUrl: string }) {
  const draft = useDraft();
  useUndoKeys(draft);
  useArrival();
  return (
    <div class={`designer ${trying.value ? "designer--trying" : ""}`}>
      <Bar publishUrl={publishUrl} />
      <Conflict />
      <Outline />
      <section class="designer__form" aria-label="Editor"><Section /></section>
      {trying.value && <VirtualTablet url={tabletUrl} />}
      <p class="visually-hidden" role="status">{draft.said.value}</p>
    </div>
  );
}

function useUndoKeys(draft: Draft) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      if (event.shiftKey || key === "y") draft.redo();
      else draft.undo();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [draft]);
}

/** Rows open one after the other on the way to a place; once they are there, the place is shown. */
function useArrival() {
  const goal = target.value;
  useEffect(() => {
    if (!goal) return;
    const timer = setTimeout(() => arrive(document), 60);
    return () => clearTimeout(timer);
  }, [goal]);
}

const SAVED: Readonly<Record<string, string>> = {
  saved: "Saved",
  unsaved: "Not saved yet",
  saving: "Saving …",
  offline: "No way to the server. Your work stays here and is saved as soon as there is one.",
  conflict: "Changed by somebody else",
};

const LOUD = new Set(["offline", "refused", "conflict"]);

/** Trouble is announced; that each pause in typing is saved is not. */
function SavingState() {
  const saving = useDraft().saving.value;
  const words = saving.kind === "refused" ? saving.sentence : (SAVED[saving.kind] ?? "");
  return (
    <span class={`designer__saving designer__saving--${saving.kind}`}>
      <span aria-hidden={LOUD.has(saving.kind)} data-saving={saving.kind}>{words}</span>
      <span class="visually-hidden" role="status">{LOUD.has(saving.kind) ? words : ""}</span>
    </span>
  );
}

function Others() {
  const others = useDraft().others.value;
  if (others.length === 0) return null;
  const names = others.length === 1 ? others[0] : `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`;
  return <span class="tag tag--accent designer__others" role="status">{names} {others.length === 1 ? "has" : "have"} this open too</span>;
}

function Bar({ publishUrl }: { readonly publishUrl: string }) {
  const draft = useDraft();
  const found = draft.findings.value;
  const errors = found.filter((each) => each.severity === "error").length;
  return (
    <div class="designer__bar" role="toolbar" aria-label="Draft">
      <button type="button" class="button" disabled={draft.past.value.length === 0} onClick={() => draft.undo()}><Icon name="undo" /><span class="designer__long"> Undo</span></button>
      <button type="button" class="button" disabled={draft.future.value.length === 0} onClick={() => draft.redo()}><span class="designer__mirrored"><Icon name="undo" /></span><span class="designer__long"> Redo</span></button>
      <SavingState />
      <Others />
      <span class="designer__end">
        <button type="button" class="button" aria-pressed={trying.value} onClick={() => (trying.value = !trying.value)}>Try it<span class="designer__long"> on a tablet</span></button>
        <button type="button" class="button" onClick={() => (place.value = "findings")}>
          <span class={found.length === 0 ? "" : "designer__long"}>{found.length === 0 ? "Nothing missing" : inWords(errors, found.length - errors)}</span>
          {found.length > 0 && <span class="designer__short" aria-hidden="true">Missing {found.length}</span>}
        </button>
        <a class="button button--primary" href={publishUrl}>Publish …</a>
      </span>
    </div>
  );
}

function inWords(errors: number, remarks: number): string {
  const said = [[errors, "error"], [remarks, "remark"]] as const;
  return said.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}${count > 1 ? "s" : ""}`).join(", ");
}

function Conflict() {
  const draft = useDraft();
  const conflict = draft.saving.value;
  if (conflict.kind !== "conflict") return null;
  return (
    <div class="flash flash--caution designer__conflict" role="alert">
      <p><strong>{conflict.by || "Somebody"} has changed this draft meanwhile.</strong> Nothing was overwritten: yours is here, theirs is on the server.</p>
      <div class="cluster">
        <button type="button" class="button" onClick={() => draft.takeTheirs()}>Go on from theirs (undo brings yours back)</button>
        <button type="button" class="button" onClick={() => draft.keepOurs()}>Save mine as the newest</button>
      </div>
    </div>
  );
}

function Outline() {
  const draft = useDraft();
  const go = (to: string) => () => (place.value = to);
  const streams = draft.document.value.streams ?? [];
  return (
    <nav class="designer__outline" aria-label="Parts of the framework">
      <ul>
        {SECTIONS.map(([id, words, parts]) => (
          <li key={id}>
            {id === "streams" ? (
              <>
                <span class="designer__heading">{words}</span>
                <ul>
                  {streams.map((stream, index) => (
                    <li key={index}><Entry id={`streams/${index}`} words={wordsOf(stream.label) || stream.id} found={draft.foundBelow.value.at(["streams", index])} onGo={go(`streams/${index}`)} /></li>
                  ))}
                  <li><button type="button" class="button button--quiet" onClick={() => addStream(draft)}><Icon name="plus" /> Add a stream</button></li>
                </ul>
              </>
            ) : (
              <Entry id={id} words={words} found={id === "findings" ? draft.findings.value : parts.flatMap((part) => draft.foundBelow.value.at([part]))} onGo={go(id)} />
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Entry({ id, words, found, onGo }: { readonly id: string; readonly words: string; readonly found: readonly Finding[]; readonly onGo: () => void }) {
  const here = place.value === id;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (here) button.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [here]);
  return (
    <button type="button" ref={button} class="designer__entry" aria-current={here ? "true" : undefined} onClick={onGo}>
      {words} <Count found={found} />
    </button>
  );
}

function Section() {
  const [part = "about", index] = place.value.split("/");
  useHeadFocus();
  switch (part) {
    case "actors": return <ActorsSection />;
    case "streams": return <StreamSection key={index} index={Number(index ?? 0)} />;
    case "modifiers": return <ModifiersSection />;
    case "links": return <LinksSection />;
    case "variables": return <VariablesSection />;
    case "formulas": return <FormulasSection />;
    case "constructs": return <ConstructsSection />;
    case "rights": return <RightsSection />;
    case "findings": return <FindingsSection />;
    default: return <AboutSection />;
  }
}

/** Whoever opens another section goes on at its head; somebody on the way to a finding goes there instead. */
function useHeadFocus() {
  const here = place.value;
  const before = useRef(here);
  useEffect(() => {
    if (before.current === here) return;
    before.current = here;
    if (target.peek()) return;
    const head = document.querySelector<HTMLElement>(".designer__form h2");
    head?.setAttribute("tabindex", "-1");
    head?.focus({ preventScroll: true });
    const bar = document.querySelector(".designer__bar")?.getBoundingClientRect().bottom ?? 0;
    const top = head?.getBoundingClientRect().top ?? bar;
    if (top < bar) scrollBy(0, top - bar - 16);
  }, [here]);
}

/** The real recorder with this draft; what is tapped there stays in the page and is data of nobody. */
function VirtualTablet({ url }: { readonly url: string }) {
  const draft = useDraft();
  const frame = useRef<HTMLIFrameElement>(null);
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "start", behavior: "instant" }), []);
  const document = draft.document.value;
  const show = () => frame.current?.contentWindow?.postMessage({ observe: "try", framework: document }, location.origin);
  useEffect(() => {
    const timer = setTimeout(show, 400);
    return () => clearTimeout(timer);
  }, [document]);
  useEffect(() => {
    const ready = (event: MessageEvent) => event.origin === location.origin && (event.data as { observe?: string }).observe === "ready" && show();
    addEventListener("message", ready);
    return () => removeEventListener("message", ready);
  });
  return (
    <aside class="designer__tablet" aria-label="Virtual tablet" ref={box}>
      <div class="designer__tablet-head">
        <p class="quiet">The recorder as observers will have it, with the draft as it stands. What you tap here is kept nowhere.</p>
        <button type="button" class="button button--quiet" onClick={() => (trying.value = false)}><Icon name="close" /> Put it away</button>
      </div>
      <iframe ref={frame} src={url} title="The recorder with this draft" onLoad={show} />
    </aside>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById("designer");
  if (!root) return;
  const { draftUrl = "", pasteUrl = "", hereUrl = "", tabletUrl = "", publishUrl = "", token = "", person = "" } = root.dataset;
  const draft = new Draft({ draft: draftUrl, paste: pasteUrl, here: hereUrl, token, person });
  try {
    await draft.open();
  } catch {
    root.textContent = "The draft could not be fetched. Check the connection and load the page again.";
    return;
  }
  if (location.hash.startsWith("#/")) goTo(decodeURIComponent(location.hash.slice(1)));
  root.textContent = "";
  render(<DraftProvider value={draft}><Designer tabletUrl={tabletUrl} publishUrl={publishUrl} /></DraftProvider>, root);
}

void start();
