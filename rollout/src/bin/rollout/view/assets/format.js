// Numbers as people read them. What is not known is a word or a dash, and never zero.

const COUNT = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const MONEY = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const known = (value) => value !== null && value !== undefined;

export const NONE = "\u2013";

/** Milliseconds, with as many digits as say something. */
export function duration(ms) {
  if (!known(ms)) return NONE;
  if (ms === 0) return "0";
  // By what is left of it when it is rounded: 999.7 ms are 1.00 s.
  if (ms < 0.9995) return `${Math.max(1, Math.round(ms * 1e3))} \u00b5s`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1e3).toFixed(ms < 9995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1e3);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** The same on an axis, where a step is round anyway. */
export function tick(ms) {
  return duration(ms).replace(/(\.\d*?)0+(?= )/, "$1").replace(/\.(?= )/, "").replace(/ 0 (?:s|min)$/, "");
}

export function count(number) {
  return known(number) ? COUNT.format(number) : NONE;
}

export function short(number) {
  return known(number) ? SHORT.format(number).replace("K", "k") : NONE;
}

/** A count with its noun. */
export function times(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Dollars: cents, and of small amounts the first three digits that are not zero. As the command line writes them. */
export function usd(amount) {
  if (!known(amount)) return "unknown";
  if (amount === 0) return "$0";
  if (amount < 1e-7) return "<$0.0000001";
  if (amount >= 1) return `$${MONEY.format(amount)}`;
  const digits = 2 - Math.floor(Math.log10(amount));
  return `$${amount.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** Whether it goes on, so that what it costs is not known yet. */
function runs(item) {
  return item.status === "unfinished" && item.live;
}

/**
 * What a run or a step cost: `unknown`, or `≥` where a part is. A price that we worked out has a `≈`. What failed
 * before it consumed anything cost nothing that anybody would ask for.
 */
export function cost(item) {
  if (!known(item.cost)) return item.cost_partial && !runs(item) ? "unknown" : NONE;
  const sign = item.cost_partial ? "\u2265\u2009" : item.cost_estimated ? "\u2248\u2009" : "";
  return sign + usd(item.cost);
}

/** Tokens in and out. */
export function tokens(item, form = count) {
  if (!known(item.input_tokens) && !known(item.output_tokens)) {
    return known(item.total_tokens) ? form(item.total_tokens) : NONE;
  }
  return `${form(item.input_tokens)} \u2192 ${form(item.output_tokens)}`;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

/** A moment: the time of today, else with the date. */
export function moment(ms) {
  if (!known(ms)) return NONE;
  const at = new Date(ms);
  const clock = at.toLocaleTimeString("en-GB", CLOCK);
  if (at.toDateString() === new Date().toDateString()) return clock;
  const parts = { day: "numeric", month: "short" };
  if (at.getFullYear() !== new Date().getFullYear()) parts.year = "numeric";
  return `${at.toLocaleDateString("en-GB", parts)}, ${clock.slice(0, 5)}`;
}

export function iso(ms) {
  return known(ms) ? new Date(ms).toISOString() : undefined;
}

/** How long ago. */
export function ago(ms) {
  if (!known(ms)) return "";
  const seconds = Math.max(0, (Date.now() - ms) / 1e3);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function bytes(number) {
  if (!known(number)) return NONE;
  if (number < 1e3) return `${number} B`;
  if (number < 1e6) return `${(number / 1e3).toFixed(1)} kB`;
  return `${(number / 1e6).toFixed(1)} MB`;
}

/** The models asked for, and the one that answered if that is another. */
export function model(step) {
  const { model: asked, response_model: answered } = step;
  return asked && answered && asked !== answered ? `${asked} \u2192 ${answered}` : (asked ?? answered ?? "");
}

/** A step of an axis that is easy to read: 1, 2 or 5 times a power of ten. */
export function niceStep(span, wanted) {
  const raw = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw) ?? raw;
}

const SECOND = 1e3;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIMES = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND), ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/** The same for times, of which sixty make the next greater one. */
export function niceTime(span, wanted) {
  const raw = span / Math.max(1, wanted);
  if (raw <= SECOND) return niceStep(span, wanted);
  return TIMES.find((step) => step >= raw) ?? niceStep(span / DAY, wanted) * DAY;
}

/** How many models and tools were called. */
export function calls(run) {
  const parts = [run.calls > 0 && `${count(run.calls)} model`, run.tools > 0 && `${count(run.tools)} tool`].filter(Boolean);
  return parts.join(", ") || NONE;
}

/** What the tokens were, as lines. */
export function tokenParts(item) {
  const parts = [
    ["read from the cache", item.cached_tokens], ["written to the cache", item.cache_write_tokens], ["spent on reasoning", item.reasoning_tokens],
  ];
  return parts.filter(([, number]) => number > 0).map(([what, number]) => `${count(number)} ${what}`).join("\n") || null;
}

/** Where a cost comes from. */
export function costNote(item) {
  if (item.cost === undefined && runs(item)) return "It is known when a call has ended";
  if (item.cost === undefined && !item.cost_partial) return "It failed before it consumed anything";
  if (item.cost === undefined) return "No provider said what it cost, and no price is known for the model";
  if (item.cost_partial) return "At least this much: what some calls cost is not known";
  return item.cost_estimated ? "Worked out from the tokens and a table of prices; the provider did not say" : "As the provider said";
}
