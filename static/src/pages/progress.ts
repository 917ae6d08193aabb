/** Follows a piece of heavy work: moves the bar, says the words, and goes on to the result. Without it the page reloads itself. */

import { follow, type Progress } from "../core/following";

const ASK_EVERY_MS = 1_000;

async function ask(): Promise<Progress | null> {
  const reply = await fetch(location.href, { headers: { Accept: "application/json" } });
  return reply.ok ? ((await reply.json()) as Progress) : null;
}

const bar = document.querySelector<HTMLProgressElement>("#share");
const words = document.querySelector<HTMLElement>("#words");
if (bar && words) {
  const say = (sentence: string): void => {
    if (words.textContent !== sentence) words.textContent = sentence;
  };
  void follow({
    ask,
    show: (progress) => {
      bar.value = progress.share;
      if (progress.to) say("It is done. The result is being drawn.");
      else if (progress.words) say(progress.words);
    },
    lost: () => say("No way to the server just now. The work goes on there."),
    rest: () => new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS)),
    leave: (to) => (to ? location.replace(to) : location.reload()),
  });
}
