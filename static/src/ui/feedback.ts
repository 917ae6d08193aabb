/** What the hand and the ear are told, so that the eyes may stay on the people. */

import { preferences } from "./preferences";

export type Feeling = "tap" | "start" | "stop" | "refused" | "soon" | "due" | "alarm";

/** Lengths of buzz and rest in ms: a refused tap must not feel like a counted one. */
const BUZZ: Readonly<Record<Feeling, readonly number[]>> = {
  tap: [18],
  start: [28],
  stop: [12, 40, 12],
  refused: [70, 50, 70],
  soon: [60],
  due: [160, 90, 160],
  alarm: [400, 120, 400, 120, 400],
};

/** Pitch in Hz and length in ms. */
const SOUND: Readonly<Record<Feeling, readonly (readonly [number, number])[]>> = {
  tap: [[880, 22]],
  start: [[988, 35]],
  stop: [[660, 35]],
  refused: [[190, 160]],
  soon: [[740, 110]],
  due: [[740, 120], [988, 220]],
  alarm: [[520, 260], [390, 260], [520, 260], [390, 400]],
};

let audio: AudioContext | null = null;

/** A browser lets a page sound only after a touch: called from the first one. */
export function wakeSound(): void {
  if (!("AudioContext" in window)) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

function play(feeling: Feeling): void {
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime;
  for (const [pitch, ms] of SOUND[feeling]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.18, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + ms / 1000);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + ms / 1000);
    at += ms / 1000 + 0.03;
  }
}

/** A prompt and an alarm are heard when taps are silent: they are asked for by the framework, or by danger. */
export function feel(feeling: Feeling): void {
  const { vibration, sound } = preferences.peek();
  if (vibration && "vibrate" in navigator) navigator.vibrate([...BUZZ[feeling]]);
  const always = feeling === "alarm" || feeling === "due" || feeling === "soon";
  if (sound || always) play(feeling);
}
