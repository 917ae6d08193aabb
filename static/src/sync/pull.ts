/** Fetches what the tablet needs to work offline, and notices a server that went back to an older state. */

import type { Exchange } from "../core/queue";
import { markAttachment } from "../store/attachments";
import type { Database } from "../store/database";
import { digestOf } from "../store/digest";
import { keepFrameworks } from "../store/frameworks";
import { agree, figuresOf, sendAgain, textsOf } from "../store/outbox";
import { keepOffered, keepStandard, type Offered } from "../store/practice";
import { keepReference } from "../store/reference";
import { forgottenSessions, sessionCards } from "../store/sessions";
import { setSetting, setting, type Device } from "../store/settings";
import { exchangeOf, pulledReply, standardReply, type Held, type Pulled } from "./protocol";
import { networkTransport, type Transport } from "./transport";

export interface PullResult {
  readonly exchange: Exchange;
  readonly serverTime: number | null;
  /** sessions whose taps are sent again, because the server no longer has them all */
  readonly lostByServer: readonly string[];
  /** sessions that the server holds more of than this tablet: the tablet's storage was cleared */
  readonly unknownHere: readonly string[];
  /** an agreed coding could not be fetched: everything else is here, and it is tried again soon */
  readonly isWanting: boolean;
}

/** Compares one session with what the server holds of it. True when something has to be sent again. */
export async function reconcile(database: Database, session: string, held: Held | null, now: number): Promise<boolean> {
  const figures = await figuresOf(database, session);
  if (!figures) return false;
  const storedTo = held?.stored_to ?? 0;
  if (storedTo < figures.storedTo) return (await sendAgain(database, session, storedTo)) > 0;
  const isWhole = figures.unsynced === 0 && storedTo === figures.count;
  if (!held || !isWhole || figures.agreed !== null) return false;
  const own = await digestOf(await textsOf(database, session, figures.count));
  if (own === held.digest) {
    await agree(database, session, figures.count, now);
    return false;
  }
  if (figures.aside > 0 || figures.disputed === held.digest) return false; // said once; a person has to look at it
  return (await sendAgain(database, session, 0, held.digest)) > 0;
}

async function compare(database: Database, device: Device, pulled: Pulled, now: number): Promise<Pick<PullResult, "lostByServer" | "unknownHere">> {
  const cards = (await sessionCards(database)).filter((card) => card.header.device === device.id);
  const heldById = new Map(pulled.sessions.map((held) => [held.id, held]));
  const lostByServer: string[] = [];
  for (const card of cards) {
    if (await reconcile(database, card.id, heldById.get(card.id) ?? null, now)) lostByServer.push(card.id);
  }
  const countById = new Map(cards.map((card) => [card.id, card.count]));
  const forgotten = await forgottenSessions(database);
  const isMissing = ({ id, stored_to }: Held): boolean => !forgotten.has(id) && (countById.get(id) ?? 0) < stored_to;
  return { lostByServer, unknownHere: pulled.sessions.filter(isMissing).map((held) => held.id) };
}

/** Fetches the agreed codings that are not here yet, one by one. False when the way broke off before the last. */
async function fetchStandards(database: Database, device: Device, transport: Transport, wanted: readonly Offered[]): Promise<boolean> {
  let isWhole = true;
  for (const each of wanted) {
    const received = await transport({ method: "GET", path: `/practice/${each.id}`, token: device.token });
    if (received.kind !== "reply" || received.status >= 500 || received.status === 429) return false;
    const found = received.status === 200 ? standardReply(received.body, each) : null;
    if (found) await keepStandard(database, each.id, found);
    else if (received.status !== 404) isWhole = false; // withdrawn since it was listed: the next list says so
  }
  return isWhole;
}

export async function exchangePull(
  database: Database,
  device: Device,
  transport: Transport,
  now: number,
): Promise<PullResult> {
  const received = await transport({ method: "GET", path: "/pull", token: device.token });
  const pulled = received.kind === "reply" && received.status === 200 ? pulledReply(received.body) : null;
  if (!pulled) {
    const exchange = exchangeOf(received, []);
    return { exchange, serverTime: null, lostByServer: [], unknownHere: [], isWanting: false };
  }
  const { study, observers, subjects, settings } = pulled;
  await keepFrameworks(database, pulled.frameworks);
  await keepReference(database, { study, observers, subjects, settings, pulledAt: now });
  await setSetting(database, "cursor", pulled.cursor);
  for (const id of pulled.attachments) await markAttachment(database, id, null); // those that it says it lacks
  const compared = await compare(database, device, pulled, now);
  const wanted = await keepOffered(database, pulled.practice);
  const isWanting = !(await fetchStandards(database, device, transport, wanted));
  return { exchange: { kind: "progress" }, serverTime: pulled.serverTime, ...compared, isWanting };
}

/** Fetches everything once, as after enrolling; says whether it worked. The loop does the same by itself, and goes on. */
export async function pull(database: Database, transport: Transport = networkTransport()): Promise<boolean> {
  const device = await setting(database, "device");
  if (!device) return false;
  return (await exchangePull(database, device, transport, Date.now())).exchange.kind === "progress";
}
