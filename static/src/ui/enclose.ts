/** Makes a chosen file into what a note can enclose: small enough to send, of a kind that the server takes, and hashed. */

import { uuidv7 } from "uuidv7";
import type { Enclosed } from "./recording";

const MOST_BYTES = 4_000_000;
const LONG_EDGE = 2_048;
const QUALITY = 0.8;

/** Names that browsers give to the same kinds of sound. */
const SOUNDS: Readonly<Record<string, string>> = {
  "audio/webm": "audio/webm", "video/webm": "audio/webm", "audio/ogg": "audio/ogg", "audio/mp4": "audio/mp4", "audio/x-m4a": "audio/mp4",
  "audio/m4a": "audio/mp4", "audio/aac": "audio/mp4", "video/mp4": "audio/mp4", "audio/wav": "audio/wav", "audio/x-wav": "audio/wav",
};

/** Redrawn: a tenth of the size, and without the place and the device that cameras write into their files. */
async function redrawn(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONG_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("The picture could not be drawn.");
  return blob;
}

async function hex(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Null where it is neither picture nor sound, or too large to send. */
export async function enclosedOf(file: File): Promise<Enclosed | null> {
  const isPicture = file.type.startsWith("image/");
  const type = isPicture ? "image/jpeg" : SOUNDS[file.type.split(";")[0] ?? ""];
  if (type === undefined) return null;
  const source = isPicture ? await redrawn(file) : file;
  if (source.size === 0 || source.size > MOST_BYTES) return null;
  const blob = new Blob([await source.arrayBuffer()], { type }); // read now: a file may be gone when it is to be stored
  return { id: uuidv7(), type, size: blob.size, digest: await hex(blob), blob };
}
