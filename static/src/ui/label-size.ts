/** How much room words take, measured and not guessed, so that no name of a code is cut off. */

const FALLBACK_EM = 0.58;

let pen: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

/** The width of a word in a bold label of this size. */
export function widthOf(word: string, font: number): number {
  const name = `${font}/${word}`;
  const known = widths.get(name);
  if (known !== undefined) return known;
  pen ??= document.createElement("canvas").getContext("2d");
  let width = word.length * font * FALLBACK_EM;
  if (pen) {
    pen.font = `600 ${font}px ${getComputedStyle(document.body).fontFamily}`;
    width = pen.measureText(word).width;
  }
  widths.set(name, width);
  return width;
}

/** How many lines the words take; Infinity when the longest word does not fit into one. */
export function linesOf(text: string, width: number, font: number): number {
  const space = font * 0.3;
  let lines = 1;
  let used = 0;
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    const needed = widthOf(word, font);
    if (needed > width) return Number.POSITIVE_INFINITY;
    if (used > 0 && used + space + needed > width) {
      lines += 1;
      used = needed;
    } else {
      used += (used > 0 ? space : 0) + needed;
    }
  }
  return lines;
}
