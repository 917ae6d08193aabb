/** Whether colours can be read and told apart. Pure. */

type Rgb = readonly [number, number, number];

/** #rrggbb as red, green, blue between 0 and 1, or null. */
export function rgbOf(colour: string): Rgb | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return null;
  const [, red = "0", green = "0", blue = "0"] = found;
  return [Number.parseInt(red, 16) / 255, Number.parseInt(green, 16) / 255, Number.parseInt(blue, 16) / 255];
}

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** WCAG contrast ratio of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [rgbOf(one), rgbOf(other)];
  if (!a || !b) return 1;
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** The ground of a key by day; a colour is its stripe, which is easily seen from 3 to 1 (WCAG 1.4.11). */
export const KEY = "#ffffff";
export const STRIPE_CONTRAST = 3;

/** What people without one kind of cone see, after Viénot, Brettel & Mollon 1999 (linear RGB). */
const SIGHTS: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  "full colour vision": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
  deuteranopia: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
};

function seenWith(sight: readonly [Rgb, Rgb, Rgb], colour: Rgb): Rgb {
  const light = colour.map(linear) as unknown as Rgb;
  const row = (weights: Rgb): number => Math.max(0, Math.min(1, weights[0] * light[0] + weights[1] * light[1] + weights[2] * light[2]));
  return [row(sight[0]), row(sight[1]), row(sight[2])];
}

/** CIE L*a*b* (D65) of a colour in linear RGB. */
function labOf([red, green, blue]: Rgb): Rgb {
  const x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047;
  const y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883;
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))];
}

/** How far apart two colours look (CIE76); below about 12 they are easily taken for each other at a glance. */
export function distance(one: string, other: string, sight: readonly [Rgb, Rgb, Rgb] = SIGHTS["full colour vision"]!): number {
  const [a, b] = [rgbOf(one), rgbOf(other)];
  if (!a || !b) return Number.POSITIVE_INFINITY;
  const [p, q] = [labOf(seenWith(sight, a)), labOf(seenWith(sight, b))];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

export const TOO_CLOSE = 12;

export interface Confusable {
  readonly one: string;
  readonly other: string;
  readonly sight: string;
}

/** Pairs of codes whose colours look alike to some people, each named once with the first sight that confuses them. */
export function confusable(codes: readonly { readonly id: string; readonly colour?: string }[]): readonly Confusable[] {
  const coloured = codes.filter((code) => rgbOf(code.colour ?? ""));
  return coloured.flatMap((one, index) =>
    coloured.slice(index + 1).flatMap((other) => {
      const sight = Object.entries(SIGHTS).find(([, matrix]) => distance(one.colour!, other.colour!, matrix) < TOO_CLOSE);
      return sight ? [{ one: one.id, other: other.id, sight: sight[0] }] : [];
    }),
  );
}

/** Okabe & Ito's colours and darker kin, no two alike to anybody; those that are pale on a light key come last. */
export const PALETTE = [
  "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#6b6b6b", "#003f63", "#00543d", "#4a5ff0",
  "#3a3000", "#e69f00", "#56b4e9", "#f0e442",
] as const;

/** What a screen reader, and a reader of the tooltip, is told of them. */
export const NAMES: Readonly<Record<(typeof PALETTE)[number], string>> = {
  "#0072b2": "blue", "#d55e00": "vermilion", "#009e73": "green", "#cc79a7": "pink", "#6b6b6b": "grey", "#003f63": "dark blue",
  "#00543d": "dark green", "#4a5ff0": "violet blue", "#3a3000": "dark olive", "#e69f00": "orange", "#56b4e9": "sky blue", "#f0e442": "yellow",
};

/** The first colour of the palette that no code has yet; none when all are in use, since two alike say less than none. */
export function freeColour(codes: readonly { readonly colour?: string }[]): string | undefined {
  const used = new Set(codes.map((code) => code.colour?.toLowerCase()));
  return PALETTE.find((each) => !used.has(each));
}
