import { describe, expect, it } from "vitest";
import { setting } from "../../../static/src/store/settings";
import { enrol, EnrolmentRefused, Unreachable } from "../../../static/src/sync/enrol";
import type { Received } from "../../../static/src/sync/protocol";
import type { Call } from "../../../static/src/sync/transport";
import { freshDatabase } from "../store/stage";

const answering = (received: Received, calls: Call[] = []) => (call: Call) => {
  calls.push(call);
  return Promise.resolve(received);
};

describe("enrolling", () => {
  it("keeps the token on the tablet and sends the code in the body", async () => {
    const database = freshDatabase();
    const calls: Call[] = [];
    const study = { id: 1, slug: "care", title: "Care" };
    const body = { observe: 1, device: "d", token: "t", expires: 5, study };

    await enrol(database, { code: " ABCD-EFGH ", label: "Tablet 3" }, answering({ kind: "reply", status: 201, body, retryAfterMs: null }, calls));

    expect(calls).toEqual([{ method: "POST", path: "/enrol", body: '{"code":"ABCD-EFGH","label":"Tablet 3"}' }]);
    expect(await setting(database, "device")).toEqual({ id: "d", token: "t", expires: 5, study, label: "Tablet 3" });
  });

  it("that is refused says why in the server's words, and keeps the token there was", async () => {
    const database = freshDatabase();
    const body = { observe: 1, code: "enrolment.gone", title: "Gone", detail: "The code has been used.", remedy: "Ask for a new one." };

    const failed = enrol(database, { code: "X", label: "" }, answering({ kind: "reply", status: 410, body, retryAfterMs: null }));

    await expect(failed).rejects.toBeInstanceOf(EnrolmentRefused);
    await expect(failed).rejects.toMatchObject({ code: "enrolment.gone", sentence: "The code has been used.", remedy: "Ask for a new one." });
    expect(await setting(database, "device")).toBeNull();
  });

  it.each([
    ["no network", { kind: "unreachable" } as const],
    ["a portal", { kind: "reply", status: 201, body: { device: "d", token: "t" }, retryAfterMs: null } as const],
  ])("through %s is not an enrolment", async (_name, received) => {
    const database = freshDatabase();

    await expect(enrol(database, { code: "X", label: "" }, answering(received))).rejects.toBeInstanceOf(Unreachable);
    expect(await setting(database, "device")).toBeNull();
  });

  it("again proves who the tablet was, and forgets nothing when it stays the same", async () => {
    const database = freshDatabase();
    const calls: Call[] = [];
    const study = { id: 1, slug: "care", title: "Care" };
    const reply = (token: string) => ({ kind: "reply", status: 201, body: { observe: 1, device: "d", token, expires: 5, study }, retryAfterMs: null }) as const;
    await enrol(database, { code: "A", label: "Tablet 3" }, answering(reply("old")));

    await enrol(database, { code: "B", label: "Tablet 3" }, answering(reply("new"), calls));

    expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({ code: "B", known: [{ device: "d", proof: "old" }] });
    expect(await setting(database, "device")).toMatchObject({ id: "d", token: "new" });
    expect(await setting(database, "former")).toEqual([]);
  });

  it("in another study keeps who it was, and takes that up when it comes back", async () => {
    const database = freshDatabase();
    const enrolled = (device: string, token: string, id: number) =>
      enrol(database, { code: "A", label: "T" }, answering({
        kind: "reply", status: 201, body: { observe: 1, device, token, expires: 5, study: { id, slug: "s", title: "S" } }, retryAfterMs: null,
      }));
    await enrolled("one", "t1", 1);

    await enrolled("two", "t2", 2);
    expect((await setting(database, "former"))?.map(({ id, token }) => [id, token])).toEqual([["one", "t1"]]);

    await enrolled("one", "t3", 1);
    expect(await setting(database, "device")).toMatchObject({ id: "one", token: "t3" });
    expect((await setting(database, "former"))?.map(({ id, token }) => [id, token])).toEqual([["two", "t2"]]);
  });
});
