// How are numbers and times written? As in exporter/web/words.py, for a page without JavaScript.

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"]];
const SIZES = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]];

export const numberOf = (value) => NUMBER.format(value);

/** Write seconds in the largest unit of which there are at least two. */
export function spanOf(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [size, unit] of SPANS) {
    if (whole >= 2 * size) return `${Math.floor(whole / size)} ${unit}`;
  }
  return `${whole} s`;
}

/** Write seconds that are about right, such as a limit that was noted a moment later. */
export function aboutOf(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [size, unit] of SPANS) {
    if (whole >= 1.95 * size) return `${Math.floor(whole / size + 0.5)} ${unit}`;
  }
  return `${whole} s`;
}

/** Write seconds that were set by somebody, exactly. */
export function lengthOf(seconds) {
  for (const [size, unit] of SPANS) {
    if (seconds % size === 0) return `${seconds / size} ${unit}`;
  }
  return `${seconds} s`;
}

/** Write a time as a distance from now. */
export function momentOf(at, now, as) {
  if (as === "in") return at <= now ? "due" : `in ${spanOf(at - now)}`;
  return spanOf(now - at);
}

export function bytesOf(value) {
  for (const [size, unit] of SIZES) {
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`;
  }
  return `${value} B`;
}

export function tookOf(seconds) {
  return seconds === null ? "" : `${seconds.toFixed(2)} s`;
}
