/** The framework versions on this tablet. A session keeps its own for ever, whatever the server lists later. */

import type { Database } from "./database";
import type { FrameworkRow } from "./rows";

export type { FrameworkRow } from "./rows";

export async function frameworks(database: Database): Promise<readonly FrameworkRow[]> {
  return database.read(["frameworks"], (transaction) => transaction.objectStore("frameworks").getAll());
}

export async function framework(database: Database, hash: string): Promise<FrameworkRow | null> {
  return (await database.read(["frameworks"], (transaction) => transaction.objectStore("frameworks").get(hash))) ?? null;
}

/** Takes over what the server lists. One that it no longer lists is closed, and stays while sessions may need it. */
export async function keepFrameworks(database: Database, listed: readonly FrameworkRow[]): Promise<void> {
  await database.write(["frameworks"], async (transaction) => {
    const store = transaction.objectStore("frameworks");
    const names = new Set(listed.map((row) => row.hash));
    for (const row of await store.getAll()) if (!names.has(row.hash)) await store.put({ ...row, state: "closed" });
    for (const row of listed) await store.put(row);
  });
}
