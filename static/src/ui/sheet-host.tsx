import { type Preferences, preferences } from "./preferences";
import type { Recording, SheetKind } from "./recording";
import { Sheet } from "./sheet";
import { DefinitionSheet } from "./sheets/definition-sheet";
import { BackDateSheet, EventSheet, HistorySheet } from "./sheets/event-sheet";
import { FinishSheet } from "./sheets/finish-sheet";
import { ModifierSheet } from "./sheets/modifier-sheet";
import { NoteSheet } from "./sheets/note-sheet";
import { PreferenceFields } from "./sheets/preferences-sheet";
import { ArrivalSheet, SubjectSheet } from "./sheets/subject-sheet";
import { say } from "./words";

interface Props {
  readonly recording: Recording;
  readonly onPreferences?: ((wanted: Preferences) => void) | undefined;
}

function keyOf(sheet: SheetKind): string {
  if (sheet.kind === "event" || sheet.kind === "modifiers") return `${sheet.kind}:${sheet.id}`;
  if (sheet.kind === "note") return `note:${sheet.at}:${sheet.ref}`;
  return sheet.kind;
}

/** The one sheet that is open. */
export function SheetHost({ recording, onPreferences }: Props) {
  const sheet = recording.sheet.value;
  if (!sheet) return null;
  const id = keyOf(sheet);
  switch (sheet.kind) {
    case "definition":
      return <DefinitionSheet key={id} recording={recording} code={sheet.code} taken={sheet.taken} />;
    case "modifiers":
      return <ModifierSheet key={id} recording={recording} id={sheet.id} asked={sheet.asked} isPrompt={sheet.isPrompt} />;
    case "note":
      return <NoteSheet key={id} recording={recording} about={sheet.ref} at={sheet.at} neededBy={sheet.neededBy ?? null} />;
    case "event":
      return <EventSheet key={id} recording={recording} id={sheet.id} />;
    case "subject":
      return <SubjectSheet key={id} recording={recording} subject={sheet.subject} />;
    case "backdate":
      return <BackDateSheet key={id} recording={recording} />;
    case "history":
      return <HistorySheet key={id} recording={recording} />;
    case "arrival":
      return <ArrivalSheet key={id} recording={recording} />;
    case "finish":
      return <FinishSheet key={id} recording={recording} />;
    case "preferences":
      return (
        <Sheet key={id} class="sheet--tall" title={say("settings.title")} onClose={() => recording.closeSheet()}>
          <PreferenceFields onChange={(wanted) => (onPreferences ? onPreferences(wanted) : (preferences.value = wanted))} />
        </Sheet>
      );
  }
}
