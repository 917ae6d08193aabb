/** Hands a file to the person who holds the tablet: by the share sheet where there is one, else as a download. */

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** False when the person closed the share sheet: then nothing was saved. */
export async function share(file: TextFile): Promise<boolean> {
  const made = new File([file.text], file.name, { type: "application/json" });
  const isTouch = window.matchMedia("(pointer: coarse)").matches;
  if (isTouch && navigator.canShare?.({ files: [made] })) {
    try {
      await navigator.share({ files: [made], title: file.name });
      return true;
    } catch (error) {
      if (isAbort(error)) return false;
      console.warn("Sharing failed; the file is downloaded instead.", error);
    }
  }
  download(made);
  return true;
}

function download(file: File): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
