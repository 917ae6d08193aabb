/** What a supervisor sees of the key: nothing yet, locked, or open with each name covered until it is asked for. */

import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { SHORTEST, suggestion, type Identity } from "./cipher";
import { inClear, Refused, type Safe, type Stand, type Subject } from "./safe";

type Open = Extract<Stand, { kind: "open" }>;

const WRONG = "This passphrase does not open the key. Check capital letters and hyphens; there is no other way in.";
const NOBODY: Identity = { name: "", contact: "", note: "" };

export function KeyPage({ safe }: { readonly safe: Safe }) {
  const said = useSignal("");
  const stand = safe.stand.value;
  if (!globalThis.crypto?.subtle) {
    return <div class="flash flash--alarm" role="alert"><p>A browser seals and opens things only on a site with HTTPS. Nothing can be entered here until this server has it.</p></div>;
  }
  return (
    <>
      <p role="status" class={said.value ? "flash flash--good" : "visually-hidden"}>{said.value}</p>
      {stand.kind === "none" && <Begin safe={safe} said={said} />}
      {stand.kind === "locked" && <Locked safe={safe} said={said} />}
      {stand.kind === "open" && <Opened safe={safe} stand={stand} said={said} />}
      {stand.kind !== "open" && <PutBack safe={safe} said={said} />}
    </>
  );
}

/** A form that waits for what it does, shows what was refused, and cannot be sent twice. */
function Doing({ act, words, label, danger = false, children }: {
  readonly act: (form: HTMLFormElement) => Promise<string | null>;
  readonly words: string;
  readonly label: string;
  readonly danger?: boolean;
  readonly children?: ComponentChildren;
}) {
  const fault = useSignal("");
  const busy = useSignal(false);
  async function go(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy.peek()) return;
    const form = event.currentTarget;
    busy.value = true;
    fault.value = "";
    try {
      fault.value = await act(form) ?? "";
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      fault.value = problem.message;
    } finally {
      busy.value = false;
    }
  }
  return (
    <form aria-label={label} onSubmit={go} autocomplete="off">
      {children}
      {fault.value && <p class="field__error" role="alert">{fault.value}</p>}
      <div class="actions"><button class={`button button--${danger ? "danger" : "primary"}`} aria-disabled={busy.value}>{busy.value ? "One moment …" : words}</button></div>
    </form>
  );
}

function field(form: HTMLFormElement, name: string): string {
  const control = form.elements.namedItem(name);
  return control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement ? control.value.trim() : "";
}

function Passphrase({ name, words, hint = "" }: { readonly name: string; readonly words: string; readonly hint?: string }) {
  const shown = useSignal(false);
  return (
    <div class="field">
      <label for={name}>{words}</label>
      {hint && <p class="field__hint" id={`${name}-hint`}>{hint}</p>}
      <input id={name} name={name} {...(shown.value ? { type: "text" } : { type: "password" })} autocomplete="off" autocapitalize="none" spellcheck={false} required {...(hint ? { "aria-describedby": `${name}-hint` } : {})} />
      <div class="choice"><input type="checkbox" id={`${name}-shown`} checked={shown.value} onChange={() => { shown.value = !shown.value; }} /><label for={`${name}-shown`}>Show it</label></div>
    </div>
  );
}

/** A new passphrase, twice, or one that is made up here. */
function NewPassphrase() {
  const proposal = useSignal("");
  return (
    <>
      <Passphrase name="new" words="Passphrase" hint={`At least ${SHORTEST} characters that stand nowhere else. Write it down where you keep paper that matters.`} />
      <Passphrase name="again" words="The same again" />
      <p class="cluster"><button type="button" class="button" onClick={() => { proposal.value = suggestion(); }}>Suggest one</button> {proposal.value && <output><code>{proposal.value}</code></output>}</p>
    </>
  );
}

/** The new passphrase, or null with what is wrong with it. */
function chosen(form: HTMLFormElement): { readonly passphrase: string } | { readonly fault: string } {
  const passphrase = field(form, "new");
  if (passphrase.length < SHORTEST) return { fault: `A passphrase has ${SHORTEST} characters at least.` };
  if (passphrase !== field(form, "again")) return { fault: "The two are not the same." };
  return { passphrase };
}

interface Part {
  readonly safe: Safe;
  readonly said: Signal<string>;
}

function Begin({ safe, said }: Part) {
  return (
    <section class="card" aria-labelledby="begin">
      <h2 id="begin">Begin a key</h2>
      <p>This study keeps no key here. Perhaps it needs none, or it is on paper: that is as good.</p>
      <Doing label="Begin a key" words="Begin" act={async (form) => {
        const made = chosen(form);
        if ("fault" in made) return made.fault;
        await safe.begin(made.passphrase);
        said.value = "The key is there, and open. Enter who stands behind a pseudonym.";
        return null;
      }}><NewPassphrase /></Doing>
      <Lost />
    </section>
  );
}

function Lost() {
  return (
    <details>
      <summary>What if the passphrase is forgotten?</summary>
      <p>Then the key is lost. Nobody can open it: not this server, not whoever runs it, not whoever made this program. What was observed stays, by pseudonym. Delete the key and begin again from your papers.</p>
    </details>
  );
}

function Locked({ safe, said }: Part) {
  return (
    <section class="card" aria-labelledby="locked">
      <h2 id="locked">The key is locked</h2>
      <Doing label="Open the key" words="Open" act={async (form) => {
        if (!await safe.open(field(form, "passphrase"))) return WRONG;
        said.value = "";
        return null;
      }}><Passphrase name="passphrase" words="Passphrase" hint="That it was opened, when and by whom stands in the study's audit trail." /></Doing>
      <Lost />
    </section>
  );
}

function Opened({ safe, stand, said }: Part & { readonly stand: Open }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const all = useSignal(false);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <div class="page__head">
        <h2 tabIndex={-1} ref={heading}>The key is open</h2>
        <div class="cluster">
          <button type="button" class="button" aria-pressed={all.value} onClick={() => { all.value = !all.value; }}>{all.value ? "Cover all" : "Show all"}</button>
          <button type="button" class="button button--primary" onClick={() => { said.value = "Locked."; safe.lock(); }}>Lock</button>
        </div>
      </div>
      <p class="quiet">It locks by itself after five minutes in which nothing is pressed, and when you leave the page.</p>
      {safe.roster.length === 0 && <p>Nobody is listed among the subjects yet.</p>}
      <ul class="plain">
        {safe.roster.map((subject) => <Row key={subject.id} subject={subject} identity={stand.identities.get(subject.id)} isBroken={stand.broken.has(subject.id)} showing={all.value} safe={safe} said={said} />)}
      </ul>
      <SafeKeeping safe={safe} stand={stand} said={said} />
    </>
  );
}

function Row({ subject, identity, isBroken, showing, safe, said }: Part & {
  readonly subject: Subject;
  readonly identity: Identity | undefined;
  readonly isBroken: boolean;
  readonly showing: boolean;
}) {
  const shown = useSignal(false);
  const editing = useSignal(false);
  const isShown = shown.value || showing;
  return (
    <li class="card" data-subject={subject.id}>
      <div class="page__head">
        <h3>{subject.pseudonym}</h3>
        <div class="cluster">
          {identity && <button type="button" class="button" aria-expanded={isShown} onClick={() => { shown.value = !shown.value; }}>{isShown ? "Cover" : "Show"}<span class="visually-hidden"> who {subject.pseudonym} is</span></button>}
          <button type="button" class="button" aria-expanded={editing.value} onClick={() => { editing.value = !editing.value; }}>{identity || isBroken ? "Change" : "Enter"}<span class="visually-hidden"> who {subject.pseudonym} is</span></button>
        </div>
      </div>
      {isBroken && <p class="field__error" role="alert">This entry was changed outside of this page and cannot be opened. Enter it anew from your papers, or save it empty to remove it.</p>}
      {identity && isShown && !editing.value && <p><strong>{identity.name}</strong>{identity.contact && <><br />{identity.contact}</>}{identity.note && <><br />{identity.note}</>}</p>}
      {!identity && !isBroken && !editing.value && <p class="quiet">Nothing entered.</p>}
      {identity && !isShown && !editing.value && <p class="quiet">Entered.</p>}
      {editing.value && <Edit subject={subject} identity={identity ?? NOBODY} safe={safe} done={() => { editing.value = false; said.value = `Saved, sealed: ${subject.pseudonym}.`; }} />}
    </li>
  );
}

function Edit({ subject, identity, safe, done }: { readonly subject: Subject; readonly identity: Identity; readonly safe: Safe; readonly done: () => void }) {
  const id = (name: string) => `${name}-${subject.id}`;
  const row = (name: keyof Identity, words: string) => (
    <div class="field">
      <label for={id(name)}>{words} {name !== "name" && <span class="field__required">(not needed)</span>}</label>
      <input id={id(name)} name={name} defaultValue={identity[name]} maxLength={300} autocomplete="off" spellcheck={false} />
    </div>
  );
  return (
    <Doing label={`Who ${subject.pseudonym} is`} words="Save" act={async (form) => {
      await safe.enter(subject.id, { name: field(form, "name"), contact: field(form, "contact"), note: field(form, "note") });
      done();
      return null;
    }}>
      {row("name", "Name")}{row("contact", "How to reach them")}{row("note", "Note")}
      <p class="field__hint">Saved without anything in it, the entry is taken away.</p>
    </Doing>
  );
}

function SafeKeeping({ safe, stand, said }: Part & { readonly stand: Open }) {
  return (
    <section aria-labelledby="keeping">
      <h2 id="keeping">Safe keeping</h2>
      <details>
        <summary>Save a copy</summary>
        <p>The sealed copy can be put back here, and opened by nobody without the passphrase that the key has now. The copy in clear names people: keep it on paper or on a disk that is encrypted, and nowhere else.</p>
        <div class="actions">
          <button type="button" class="button" onClick={() => save("key-sealed.json", JSON.stringify(safe.copy(), null, 1), "application/json")}>Save the sealed copy</button>
          <button type="button" class="button button--danger" onClick={() => save("key-in-clear.csv", `\uFEFF${inClear(safe.roster, stand.identities)}`, "text/csv")}>Save it in clear</button>
        </div>
      </details>
      <details>
        <summary>Change the passphrase</summary>
        <p>Everything is sealed anew. Copies that were saved before keep the passphrase that they had.</p>
        <Doing label="Change the passphrase" words="Change it" act={async (form) => {
          const made = chosen(form);
          if ("fault" in made) return made.fault;
          await safe.change(made.passphrase);
          form.reset();
          said.value = "The passphrase is changed.";
          return null;
        }}><NewPassphrase /></Doing>
      </details>
    </section>
  );
}

function PutBack({ safe, said }: Part) {
  return (
    <details>
      <summary>Put a sealed copy back</summary>
      <p>It takes the place of the key that is here, if there is one.</p>
      <Doing label="Put a sealed copy back" words="Put it back" act={async (form) => {
        const control = form.elements.namedItem("file");
        const file = control instanceof HTMLInputElement ? control.files?.[0] : undefined;
        if (!file) return "Choose the file first.";
        if (!await safe.putBack(parsed(await file.text()), field(form, "copy-passphrase"))) return WRONG;
        said.value = "The copy is in its place, and open.";
        return null;
      }}>
        <div class="field"><label for="file">Sealed copy</label><input id="file" name="file" type="file" accept=".json,application/json" /></div>
        <Passphrase name="copy-passphrase" words="Passphrase that the copy had" />
      </Doing>
    </details>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // putBack says what is wrong with a file that is none
  }
}

/** Hand a file to the person; nothing of it goes anywhere else. */
function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
