/** The designer: a framework's document, section by section, with the recorder beside it to try it on. */

import "../../css/designer.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../ui/icon";
import { insert, wordsOf } from "./designer/document";
import { Draft, findingsBelow } from "./designer/draft";
import { DraftProvider, useDraft } from "./designer/fields";
import { AboutSection, ActorsSection, ConstructsSection, FindingsSection, FormulasSection, LinksSection, ModifiersSection, RightsSection, VariablesSection } from "./designer/sections";
import { newStream, StreamSection } from "./designer/stream";

const place = signal("about");
const trying = signal(false);

const SECTIONS = [
  ["about", "The question", ""],
  ["actors", "Who can be seen", "actors"],
  ["streams", "Streams", "streams"],
  ["modifiers", "Modifiers", "modifiers"],
  ["links", "Links", "links"],
  ["variables", "Variables", "variables"],
  ["formulas", "Figures", "formulas"],
  ["constructs", "Evidence for", "constructs"],
  ["rights", "Source and rights", "rights"],
  ["findings", "Findings", ""],
] as const;

function Designer({ tabletUrl, publishUrl }: { readonly tabletUrl: string; readonly publishUrl: string }) {
  const draft = useDraft();
  useUndoKeys(draft);
  return (
    <div class={`designer ${trying.value ? "designer--trying" : ""}`}>
      <Bar publishUrl={publishUrl} />
      <Conflict />
      <Outline />
      <section class="designer__form" aria-label="Editor"><Section /></section>
      {trying.value && <VirtualTablet url={tabletUrl} />}
    </div>
  );
}

function useUndoKeys(draft: Draft) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) draft.redo();
      else draft.undo();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [draft]);
}

const SAVED: Readonly<Record<string, string>> = {
  saved: "Saved",
  unsaved: "Not saved yet",
  saving: "Saving …",
  offline: "No way to the server. Your work stays here and is saved as soon as there is one.",
  conflict: "Changed by somebody else",
};

function Bar({ publishUrl }: { readonly publishUrl: string }) {
  const draft = useDraft();
  const saving = draft.saving.value;
  const errors = draft.findings.value.filter((each) => each.severity === "error").length;
  return (
    <div class="designer__bar" role="toolbar" aria-label="Draft">
      <button type="button" class="button" disabled={draft.past.value.length === 0} onClick={() => draft.undo()}><Icon name="undo" /> Undo</button>
      <button type="button" class="button" disabled={draft.future.value.length === 0} onClick={() => draft.redo()}>Redo</button>
      <span role="status" class={`designer__saving designer__saving--${saving.kind}`}>{saving.kind === "refused" ? saving.sentence : SAVED[saving.kind]}</span>
      <span class="designer__end">
        <button type="button" class="button" aria-pressed={trying.value} onClick={() => (trying.value = !trying.value)}>Try it on a tablet</button>
        <button type="button" class="button" onClick={() => (place.value = "findings")}>
          {draft.findings.value.length === 0 ? "Nothing found" : `${errors} errors, ${draft.findings.value.length - errors} remarks`}
        </button>
        <a class="button button--primary" href={publishUrl}>Publish …</a>
      </span>
    </div>
  );
}

function Conflict() {
  const draft = useDraft();
  const conflict = draft.saving.value;
  if (conflict.kind !== "conflict") return null;
  return (
    <div class="flash flash--caution designer__conflict" role="alert">
      <p><strong>{conflict.by} has changed this draft meanwhile.</strong> Nothing was overwritten: yours is here, theirs is on the server.</p>
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
  const addStream = () => {
    draft.change((document) => insert(document, ["streams"], newStream(document)));
    place.value = `streams/${streams.length}`;
  };
  return (
    <nav class="designer__outline" aria-label="Parts of the framework">
      <ul>
        {SECTIONS.map(([id, words, part]) => (
          <li key={id}>
            {id === "streams" ? (
              <>
                <span class="designer__heading">{words}</span>
                <ul>
                  {streams.map((stream, index) => (
                    <li key={stream.id}><Entry id={`streams/${index}`} words={wordsOf(stream.label) || stream.id} count={findingsBelow(draft.findings.value, ["streams", index]).length} onGo={go(`streams/${index}`)} /></li>
                  ))}
                  <li><button type="button" class="button button--quiet" onClick={addStream}><Icon name="plus" /> Add a stream</button></li>
                </ul>
              </>
            ) : (
              <Entry id={id} words={words} count={part ? findingsBelow(draft.findings.value, [part]).length : id === "findings" ? draft.findings.value.length : 0} onGo={go(id)} />
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Entry({ id, words, count, onGo }: { readonly id: string; readonly words: string; readonly count: number; readonly onGo: () => void }) {
  return (
    <button type="button" class="designer__entry" aria-current={place.value === id ? "true" : undefined} onClick={onGo}>
      {words} {count > 0 && <span class="tag tag--caution">{count}<span class="visually-hidden"> findings</span></span>}
    </button>
  );
}

function Section() {
  const [part = "about", index] = place.value.split("/");
  switch (part) {
    case "actors": return <ActorsSection />;
    case "streams": return <StreamSection index={Number(index ?? 0)} />;
    case "modifiers": return <ModifiersSection />;
    case "links": return <LinksSection />;
    case "variables": return <VariablesSection />;
    case "formulas": return <FormulasSection />;
    case "constructs": return <ConstructsSection />;
    case "rights": return <RightsSection />;
    case "findings": return <FindingsSection onGo={goTo} />;
    default: return <AboutSection />;
  }
}

/** The section in which the place of a finding stands. */
function goTo(path: string): void {
  const [, part = "", index] = path.split("/");
  if (part === "streams") place.value = `streams/${index ?? 0}`;
  else place.value = part === "source" ? "rights" : SECTIONS.some(([id]) => id === part) ? part : "about";
}

/** The real recorder with this draft; what is tapped there stays in the page and is data of nobody. */
function VirtualTablet({ url }: { readonly url: string }) {
  const draft = useDraft();
  const frame = useRef<HTMLIFrameElement>(null);
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
    <aside class="designer__tablet" aria-label="Virtual tablet">
      <p class="quiet">The recorder as observers will have it. What you tap here is kept nowhere.</p>
      <iframe ref={frame} src={url} title="The recorder with this draft" onLoad={show} />
    </aside>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById("designer");
  if (!root) return;
  const { draftUrl = "", pasteUrl = "", tabletUrl = "", publishUrl = "", token = "" } = root.dataset;
  const draft = new Draft(draftUrl, pasteUrl, token);
  try {
    await draft.open();
  } catch {
    root.textContent = "The draft could not be fetched. Check the connection and load the page again.";
    return;
  }
  root.textContent = "";
  render(<DraftProvider value={draft}><Designer tabletUrl={tabletUrl} publishUrl={publishUrl} /></DraftProvider>, root);
}

void start();
