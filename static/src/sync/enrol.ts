/** Makes this tablet known to a study, with a code that is good once. */

import type { Database } from "../store/database";
import { keepDevice, setting } from "../store/settings";
import { enrolledReply, refusalOf, type Enrolled } from "./protocol";
import { networkTransport, type Transport } from "./transport";

/** The server said no, in its own words. */
export class EnrolmentRefused extends Error {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;

  constructor(code: string, sentence: string, remedy: string) {
    super(sentence);
    this.name = "EnrolmentRefused";
    this.code = code;
    this.sentence = sentence;
    this.remedy = remedy;
  }
}

/** There is no way through to the server: no network, or a network that wants a sign-in of its own. */
export class Unreachable extends Error {
  readonly sentence = "The server could not be reached.";
  readonly remedy = "Check the network. On a public one, open any other page first: it may want you to sign in there.";

  constructor() {
    super("The server could not be reached.");
    this.name = "Unreachable";
  }
}

/** As many as the server looks at. */
const MOST_KNOWN = 20;

/**
 * Keeps the device's token. In the same study the tablet stays the device that it was; in another one, what was
 * recorded before is sent in the name and with the token of that time.
 */
export async function enrol(
  database: Database,
  wanted: { readonly code: string; readonly label: string },
  transport: Transport = networkTransport(),
): Promise<Enrolled> {
  const device = await setting(database, "device");
  const former = (await setting(database, "former")) ?? [];
  const known = [...(device ? [device] : []), ...[...former].reverse()]
    .slice(0, MOST_KNOWN)
    .map((each) => ({ device: each.id, proof: each.token }));
  const asked = { code: wanted.code.trim(), label: wanted.label.trim() };
  const body = JSON.stringify(known.length > 0 ? { ...asked, known } : asked);
  const received = await transport({ method: "POST", path: "/enrol", body });
  if (received.kind === "unreachable") throw new Unreachable();
  const enrolled = received.status === 201 ? enrolledReply(received.body) : null;
  if (!enrolled) {
    const refusal = refusalOf(received.body);
    if (!refusal) throw new Unreachable();
    throw new EnrolmentRefused(refusal.code, refusal.detail, refusal.remedy);
  }
  const { device: id, token, expires, study } = enrolled;
  await keepDevice(database, { id, token, expires, study, label: wanted.label.trim() });
  return enrolled;
}
