// Tabs of plain facts: usage, errors, attributes, raw events.

import { h } from "./dom.js";
import * as format from "./format.js";
import { icon, statusWord } from "./icons.js";
import { jsonView } from "./json-view.js";
import { longText } from "./text-view.js";

/** A table of names and what they are; what is not known is left out. */
function table(rows) {
  const known = rows.filter(([, value]) => value !== undefined && value !== null && value !== false);
  return h("table", { class: "facts" }, h("tbody", {}, known.map(([name, value, note]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value, note && h("span", { class: "note" }, note))))));
}

function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), content);
}

const tokenCount = (value) => (value === undefined ? undefined : format.count(value));

export function usageTab({ run, step, steps, detail }) {
  const inside = steps.all.slice(step.index + 1, step.end);
  const costly = step.kind === "model" || step.cost !== undefined ? step : step.index === 0 && run.calls > 0 ? run : null;
  const parts = [["input_tokens", "Input"], ["output_tokens", "Output"]];
  const biggest = Math.max(...parts.map(([key]) => step[key] ?? 0), 1);
  const share = (key, of, name) => step[key] > 0 && h("i", { class: `part ${name}`, style: { width: `${(step[key] / Math.max(1, step[of])) * 100}%` } });
  const has = step.input_tokens !== undefined || step.output_tokens !== undefined;
  return [
    has && section("Tokens",
      h("div", { class: "usage-bars", "aria-hidden": "true" }, parts.map(([key, name]) =>
        h("div", {}, h("span", {}, name),
          h("div", { class: "meter" }, h("div", { class: `fill ${key}`, style: { width: `${((step[key] ?? 0) / biggest) * 100}%` } },
            key === "input_tokens" ? [share("cached_tokens", key, "cached"), share("cache_write_tokens", key, "written")] : share("reasoning_tokens", key, "reasoning"))),
          h("span", { class: "num" }, format.count(step[key]))))),
      table([
        ["Input", tokenCount(step.input_tokens)],
        ["\u2003from the cache", tokenCount(step.cached_tokens)],
        ["\u2003to the cache", tokenCount(step.cache_write_tokens)],
        ["Output", tokenCount(step.output_tokens)],
        ["\u2003reasoning", tokenCount(step.reasoning_tokens)],
        ["Total", tokenCount(step.total_tokens)],
      ])),
    step.kind === "model" && !has && h("p", { class: "quiet-note" }, "The provider did not say how many tokens this took."),
    costly && section("Cost", table([[format.cost(costly), format.costNote(costly)]])),
    section("Time", table([
      ["Began", step.at === undefined ? undefined : `after ${format.duration(step.at)}`, format.iso(step.started)],
      ["Took", format.duration(step.duration)],
      ["First token", step.first_token === undefined ? undefined : `after ${format.duration(step.first_token)}`],
      ["Streamed for", step.first_token === undefined || step.duration === undefined ? undefined : format.duration(step.duration - step.first_token)],
      ["Speed", speed(step)],
      ["Chunks", tokenCount(step.chunks)],
      ["Chunks not kept", tokenCount(step.lost_chunks)],
      ["Steps inside", inside.length > 0 ? format.count(inside.length) : undefined],
    ])),
    step.attempts?.length > 0 && section("Attempts", h("ol", { class: "attempts" }, step.attempts.map((attempt) => {
      const good = attempt.status >= 200 && attempt.status < 300;
      return h("li", { class: good ? null : "is-failed" },
        h("span", {}, attempt.status === undefined ? "no answer" : `status ${attempt.status}`), attempt.error && h("span", { class: "note" }, attempt.error),
        h("span", { class: "num" }, format.duration(attempt.duration)));
    }))),
    detail.truncated.length > 0 && h("p", { class: "quiet-note" }, `Too long to be recorded whole: ${detail.truncated.join(", ")}.`),
  ];
}

function speed({ output_tokens: written, duration, first_token: first }) {
  // The first token is there when the clock starts.
  const seconds = (duration - first) / 1e3;
  return written > 1 && seconds > 0.05 ? `${format.count(Math.round((written - 1) / seconds))} tokens/s` : undefined;
}

export function errorTab({ step, detail }) {
  const error = { ...step.error, ...detail.error };
  return [
    h("div", { class: "error-box" },
      h("div", { class: "error-type" }, icon("failed"), error.type ?? statusWord(step)),
      longText(error.message || "no message", { path: "error" })),
    error.provider_message && section("What the provider said", h("div", { class: "error-box" }, longText(error.provider_message, { path: "provider" }))),
    error.sources?.length > 0 && section("Caused by", h("ol", { class: "sources" }, error.sources.map((source) => h("li", {}, longText(source, { path: "source" }))))),
    section("Facts", table([
      ["Went", statusWord(step)],
      ["HTTP status", error.status],
      ["Code", error.code],
      ["Parameter", error.param],
      ["Request id", error.request_id && h("code", {}, error.request_id)],
      ["Signature", error.signature && h("code", {}, error.signature)],
      ["In mid stream", error.mid_stream ? "yes: part of the answer had come" : undefined],
      ["Attempts", step.attempt_count],
    ])),
  ];
}

/** Attributes by their first word: what a program adds itself comes first. */
export function attributesTab({ detail }) {
  return [["Attributes", detail.attributes], ["Options and facts of the call", detail.options], ["Context", detail.context]]
    .filter(([, map]) => Object.keys(map).length > 0)
    .map(([title, map]) => section(title, h("table", { class: "facts wide" }, h("tbody", {},
      Object.entries(map).map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, key.split(/(?<=[._])/).map((part) => [part, h("wbr", {})]))),
        h("td", {}, typeof value === "string" ? longText(value, { path: key, mono: false }) : jsonView(value, { path: key }))))))));
}

export function eventsTab({ events, step }) {
  if (!events || events.length === 0) return h("p", { class: "quiet-note" }, "Nothing is recorded under this step's own name.");
  const shown = events.slice(0, 200);
  return [
    h("p", { class: "quiet-note" }, `${format.times(events.length, "event")}, as recorded`),
    h("ol", { class: "events" }, shown.map((event, index) => h("li", {}, h("details", { data: { path: `event-${event.event_id ?? index}` } },
      h("summary", {},
        h("span", { class: "num" }, event.sequence ?? ""),
        h("code", {}, String(event.event_type ?? "unknown")),
        h("span", { class: "num" }, since(event, step))),
      jsonView(event, { path: `event-${index}`, depth: 1 }))))),
    events.length > shown.length && h("p", { class: "quiet-note" }, `${format.count(events.length - shown.length)} more are in the folder.`),
  ];
}

function since(event, step) {
  const at = Date.parse(event.occurred_at);
  if (Number.isNaN(at) || step.started === undefined) return "";
  return `+${format.duration(Math.max(0, at - step.started))}`;
}
