/** The way to the server: digests, packing, time-outs. It says what came back and judges nothing. */

import { base64, sha256 } from "../store/digest";
import type { Received } from "./protocol";

export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
  /** bytes to be sent as they are */
  readonly blob?: Blob;
  readonly gzip?: boolean;
  readonly timeoutMs?: number;
}

/** Resolves whatever happens; a test puts its own in place of the network. */
export type Transport = (call: Call) => Promise<Received>;

const API = "/api/v1";
const TIMEOUT_MS = 60_000;
const WORTH_PACKING = 1_000;

async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function bodyOf(call: Call, headers: Headers): Promise<Uint8Array<ArrayBuffer> | null> {
  if (call.blob) return signed(new Uint8Array(await call.blob.arrayBuffer()), "application/octet-stream", headers);
  if (call.body === undefined) return null;
  let bytes: Uint8Array<ArrayBuffer> = new TextEncoder().encode(call.body);
  if (call.gzip && bytes.length > WORTH_PACKING && typeof CompressionStream !== "undefined") {
    bytes = await packed(bytes);
    headers.set("Content-Encoding", "gzip");
  }
  return signed(bytes, "application/json", headers);
}

async function signed(bytes: Uint8Array<ArrayBuffer>, type: string, headers: Headers): Promise<Uint8Array<ArrayBuffer>> {
  headers.set("Content-Type", type);
  headers.set("Content-Digest", `sha-256=:${base64(await sha256(bytes))}:`);
  return bytes;
}

/** Seconds or a date, as ms from now; null when nothing usable was said. */
export function retryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === "") return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null; // an empty body, a portal's page: nothing that could be ours
  }
}

/** Asks the server that this page came from. Redirects are not followed: ours does not send any here. */
export function networkTransport(fetcher: typeof fetch = (...args) => fetch(...args)): Transport {
  return async (call) => {
    const headers = new Headers({ Accept: "application/json" });
    if (call.token !== undefined) headers.set("Authorization", `Bearer ${call.token}`);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), call.timeoutMs ?? TIMEOUT_MS);
    try {
      const body = await bodyOf(call, headers);
      const response = await fetcher(API + call.path, {
        method: call.method,
        headers,
        ...(body ? { body } : {}),
        signal: stop.signal,
        credentials: "omit",
        redirect: "manual",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      });
      const retryAfterMs = retryAfter(response.headers.get("Retry-After"), Date.now());
      return { kind: "reply", status: response.status, body: await jsonOf(response), retryAfterMs };
    } catch {
      return { kind: "unreachable" }; // no network, cut off half-way, or too slow: all the same to the queue
    } finally {
      clearTimeout(timer);
    }
  };
}
