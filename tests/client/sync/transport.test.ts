import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { networkTransport, retryAfter } from "../../../static/src/sync/transport";

interface Seen {
  url: string;
  init: RequestInit;
  headers: Headers;
  body: Buffer;
}

function fetcher(reply: () => Response | Promise<Response>): { seen: Seen[]; fetch: typeof fetch } {
  const seen: Seen[] = [];
  const fake = async (url: string, init: RequestInit): Promise<Response> => {
    const body = init.body ? Buffer.from(init.body as Uint8Array) : Buffer.alloc(0);
    seen.push({ url, init, headers: new Headers(init.headers), body });
    return reply();
  };
  return { seen, fetch: fake as typeof fetch };
}

const long = JSON.stringify({ words: "a tap ".repeat(500) });

describe("the transport", () => {
  it("sends packed bodies with a digest over the bytes as sent, and the token in a header only (F12)", async () => {
    const { seen, fetch } = fetcher(() => Response.json({ observe: 1 }));

    await networkTransport(fetch)({ method: "POST", path: "/sync", token: "secret", body: long, gzip: true });

    const [call] = seen;
    expect(call?.url).toBe("/api/v1/sync");
    expect(call?.headers.get("Authorization")).toBe("Bearer secret");
    expect(call?.headers.get("Content-Encoding")).toBe("gzip");
    expect(gunzipSync(call?.body ?? "").toString()).toBe(long);
    const digest = createHash("sha256").update(call?.body ?? "").digest("base64");
    expect(call?.headers.get("Content-Digest")).toBe(`sha-256=:${digest}:`);
    expect(call?.init).toMatchObject({ credentials: "omit", redirect: "manual", cache: "no-store" });
  });

  it("sends short bodies, and those of a tablet behind a meddling proxy, as they are", async () => {
    const { seen, fetch } = fetcher(() => Response.json({ observe: 1 }));
    const transport = networkTransport(fetch);

    await transport({ method: "POST", path: "/enrol", body: "{}", gzip: true });
    await transport({ method: "POST", path: "/sync", body: long, gzip: false });

    expect(seen.map((call) => [call.headers.get("Content-Encoding"), call.body.toString()])).toEqual([[null, "{}"], [null, long]]);
  });

  it("gives up on a server that does not answer in time, and on one that stops in the middle", async () => {
    const silent = ((_url: string, init: RequestInit) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")));
      })) as unknown as typeof fetch;
    expect(await networkTransport(silent)({ method: "GET", path: "/pull", timeoutMs: 20 })).toEqual({ kind: "unreachable" });

    const broken = fetcher(() => {
      const body = new ReadableStream({ start: (stream) => stream.error(new TypeError("cut off")) });
      return new Response(body, { status: 200 });
    });
    expect(await networkTransport(broken.fetch)({ method: "GET", path: "/pull" })).toEqual({ kind: "unreachable" });
  });

  it("gives a page that is not JSON as nothing", async () => {
    const { fetch } = fetcher(() => new Response("<html>Welcome to our WLAN</html>", { status: 200 }));

    expect(await networkTransport(fetch)({ method: "GET", path: "/pull" })).toEqual({
      kind: "reply", status: 200, body: null, retryAfterMs: null,
    });
  });

  it("reads Retry-After in seconds and as a date", () => {
    const now = Date.parse("2026-11-24T10:00:00Z");
    expect(["120", "Tue, 24 Nov 2026 10:01:00 GMT", "soon", "", null, "-5"].map((value) => retryAfter(value, now))).toEqual([
      120_000, 60_000, null, null, null, null,
    ]);
  });
});
