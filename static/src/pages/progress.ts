/** Follows a piece of heavy work: moves the bar, says the words, and goes on to the result. Without it the page reloads itself. */

interface Progress {
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly share: number;
  readonly words: string;
  readonly to: string | null;
}

const ASK_EVERY_MS = 1_000;

async function look(bar: HTMLProgressElement, words: HTMLElement): Promise<void> {
  const reply = await fetch(location.href, { headers: { Accept: "application/json" } });
  if (!reply.ok) return;
  const progress = (await reply.json()) as Progress;
  bar.value = progress.share;
  if (progress.words && words.textContent !== progress.words) words.textContent = progress.words;
  if (progress.to) location.replace(progress.to);
  else if (progress.state !== "waiting" && progress.state !== "running") location.reload();
}

const bar = document.querySelector<HTMLProgressElement>("#share");
const words = document.querySelector<HTMLElement>("#words");
if (bar && words) {
  setInterval(() => {
    look(bar, words).catch(() => {
      words.textContent = "No way to the server just now. The work goes on there.";
    });
  }, ASK_EVERY_MS);
}
