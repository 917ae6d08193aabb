/** A code in the address, as a QR code gives it. It is good once, so it is taken out of the address. */
export function codeInAddress(hash: string): string | null {
  const words = decodeURIComponent(hash.replace(/^#/, ""));
  const code = new URLSearchParams(words).get("enrol") ?? (/^[A-Z0-9]{4}-?[A-Z0-9]{4}$/i.test(words) ? words : null);
  return code === null || code.trim() === "" ? null : code.trim().toUpperCase();
}
