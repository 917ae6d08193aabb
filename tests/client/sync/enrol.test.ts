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
});
