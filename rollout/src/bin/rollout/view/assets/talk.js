// What went in and came out: a conversation, a call of a tool, or any value.

import { copyButton } from "./copy.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { icon, state } from "./icons.js";
import { jsonView, parsed } from "./json-view.js";
import { mediaView } from "./media.js";
import { inputMessages, outputMessages, requestOptions } from "./messages.js";
import { longText } from "./text-view.js";

/** So many messages are there at once; the ones before on demand. */
const LAST = 24;

const ROLES = new Map(Object.entries({ system: "System", developer: "Developer", user: "User", assistant: "Assistant", tool: "Tool" }));

export function talkTab(pane) {
  const { step, detail } = pane;
  const said = step.kind === "model" || step.kind === "span" ? inputMessages(detail.input) : null;
  const answered = outputMessages(detail.output);
  const calls = new Map();
  // A result is shown with the call that asked for it, wherever in the conversation that is.
  const results = new Map();
  for (const { parts } of [...(said ?? []), ...(answered ?? [])]) {
    for (const part of parts) {
      if (part.kind === "call" && part.id) calls.set(part.id, part);
      if (part.kind === "result" && part.id && calls.has(part.id)) results.set(part.id, part);
    }
  }
  const context = { pane, calls, results };
  if (step.kind === "event") return single(context);
  return [
    said ? conversation(said, context) : value(step.kind === "tool" ? "Arguments" : "Input", detail.input, "input"),
    step.kind === "tool" && step.call_id && asked(pane),
    step.error && errorNote(pane),
    answer(answered, context),
    said && options(detail.input),
    !said && detail.input === undefined && detail.output === undefined && !answered && !detail.streamed &&
      h("p", { class: "quiet-note" }, "Neither input nor output is recorded."),
    detail.truncated.length > 0 && h("p", { class: "quiet-note" }, `Too long to be recorded whole: ${detail.truncated.join(", ")}.`),
  ];
}

/** A single event: something that was said, measured or judged. */
function single(context) {
  const { step, detail } = context.pane;
  const message = detail.message && inputMessages([{ role: "unknown", content: null, ...detail.message }]);
  const told = detail.options.value ?? detail.attributes.value ?? step.output?.text;
  return [
    message ? h("section", {}, h("h3", {}, "Message"), h("ol", { class: "talk" }, message.map((one) => bubble(one, context))))
      : detail.output === undefined && value(step.label || "Value", told, "value"),
    value("Input", detail.input, "input"),
    value("Output", detail.output, "output"),
    step.error && errorNote(context.pane),
    !message && told === undefined && detail.input === undefined && detail.output === undefined && !step.error &&
      h("p", { class: "quiet-note" }, `${step.label}: it says no more than that it happened.`),
  ];
}

function value(title, content, path) {
  if (content === undefined || content === null) return null;
  const shown = parsed(content);
  return h("section", {}, h("h3", {}, title, copyButton(`the ${title.toLowerCase()}`, content)),
    typeof shown === "string" ? h("div", { class: "plain" }, longText(shown, { path })) : jsonView(shown, { path, depth: 3 }));
}

function conversation(messages, context) {
  // The results stand with their calls already.
  const shown = messages.filter(({ parts }) => parts.length === 0 || parts.some((part) => part.kind !== "result" || !context.results.has(part.id)));
  const list = h("ol", { class: "talk" });
  const hidden = shown.slice(0, Math.max(0, shown.length - LAST));
  if (hidden.length > 0) {
    const button = h("button", {
      class: "quiet more", type: "button",
      on: { click: () => { button.parentElement.replaceWith(...hidden.map((one) => bubble(one, context))); } },
    }, `Show ${format.times(hidden.length, "earlier message")}`);
    list.append(h("li", { class: "earlier" }, button));
  }
  for (const one of shown.slice(hidden.length)) list.append(bubble(one, context));
  return h("section", {}, h("h3", {}, "Input", h("span", { class: "note" }, format.times(messages.length, "message"))), list);
}

function answer(messages, context) {
  const { step, detail } = context.pane;
  const running = state(step) === "running";
  const note = { cancelled: "dropped before it was done", interrupted: "broke off" }[state(step)];
  const title = h("h3", {}, step.kind === "tool" ? "Result" : "Output", note && h("span", { class: `note is-${state(step)}` }, note));
  if (messages) return h("section", { class: "answer" }, title, h("ol", { class: "talk" }, messages.map((one) => bubble(one, context))));
  if (detail.output === undefined && detail.streamed !== undefined) {
    // What a stream has brought so far; of a long one, the end.
    return h("section", { class: "answer" }, title,
      h("ol", { class: "talk" }, h("li", { class: "message from-assistant" }, h("div", { class: "role" }, "Assistant"),
        h("div", { class: running ? "text is-growing" : "text" }, detail.streamed))));
  }
  if (detail.output === undefined && running) return h("section", { class: "answer" }, title, h("p", { class: "quiet-note is-waiting" }, "Waiting for it"));
  if (detail.output === undefined) {
    const why = { cancelled: "It was dropped before anything came.", interrupted: "Its program ended before anything came." }[state(step)];
    return why ? h("section", { class: "answer" }, title, h("p", { class: "quiet-note" }, why)) : null;
  }
  const shown = parsed(detail.output);
  title.append(copyButton(step.kind === "tool" ? "the result" : "the output", detail.output));
  return h("section", { class: "answer" }, title, typeof shown === "string"
    ? h("div", { class: "plain" }, longText(shown, { path: "output" })) : jsonView(shown, { path: "output", depth: 3 }));
}

function bubble({ role, parts }, context) {
  const known = ROLES.has(role) ? role : "other";
  const text = parts.filter(({ kind }) => kind === "text" || kind === "refusal").map((part) => part.text).join("\n\n");
  return h("li", { class: `message from-${known}` },
    h("div", { class: "role" }, ROLES.get(role) ?? role, text !== "" && copyButton("this message", text)),
    parts.length === 0 ? h("div", { class: "text is-empty" }, "(empty)") : parts.map((part) => partView(part, context)));
}

function partView(part, context) {
  switch (part.kind) {
    case "text":
      return longText(part.text);
    case "thinking":
      return part.text === null ? h("div", { class: "thinking" }, h("span", { class: "note" }, "Reasoning, not disclosed"))
        : h("details", { class: "thinking", open: part.text.length < 400 }, h("summary", {}, "Reasoning"), longText(part.text));
    case "refusal":
      return h("div", { class: "refusal" }, h("span", { class: "note" }, "Refused"), longText(part.text));
    case "call":
      return callView(part, context);
    case "result":
      return resultView(part);
    case "media":
      return mediaView(part);
    default:
      return h("div", { class: "other" }, part.name && h("span", { class: "note" }, String(part.name)), jsonView(part.value, { depth: 1 }));
  }
}

/** A model's request for a tool, what the tool answered, and the way to the step where it ran. */
function callView(part, { pane, results }) {
  const ran = part.id && pane.steps.all.find((step) => step.call_id === part.id && step.kind === "tool");
  const result = results.get(part.id);
  return h("div", { class: "call" },
    h("div", { class: "call-head" }, icon("tool"), h("span", { class: "name" }, part.name), part.served && h("span", { class: "note" }, "run by the provider"),
      ran && h("button", { class: "quiet", type: "button", on: { click: () => pane.onGo((step) => step === ran || step.key === ran.key) } },
        ran.status === "ok" ? format.duration(ran.duration) : [icon(state(ran)), " ", format.duration(ran.duration)], " \u2192")),
    args(part.input),
    // Not every protocol has a word for a tool that failed, but the step where it ran tells.
    result ? resultView({ ...result, failed: result.failed || ran?.status === "failed" }) : ran && outcome(ran));
}

function args(input) {
  if (input === undefined || input === "") return null;
  return typeof input === "string" ? h("div", { class: "args" }, longText(input, { mono: true })) : h("div", { class: "args" }, jsonView(input, { depth: 2 }));
}

function resultView(part) {
  return h("div", { class: part.failed ? "result is-failed" : "result" },
    h("span", { class: "note" }, part.failed ? "failed" : "result"),
    typeof part.value === "string" ? longText(part.value) : jsonView(part.value, { depth: 2 }));
}

/** What became of a call whose result no message has yet. */
function outcome(step) {
  const said = step.error?.message ?? step.output?.text;
  return said && h("div", { class: step.error ? "result is-failed" : "result" }, h("span", { class: "note" }, step.error ? "failed" : "result"), longText(said));
}

/** The way from a tool's step to the model that asked for it. */
function asked({ step, steps, onGo }) {
  const asker = steps.all.find((other) => other.calls?.some((call) => call.id === step.call_id));
  return asker && h("p", { class: "quiet-note" }, "Asked for by ",
    h("button", { class: "quiet", type: "button", on: { click: () => onGo((other) => other.key === asker.key) } }, `${asker.model ?? asker.name} \u2192`));
}

function errorNote({ step }) {
  return h("div", { class: "error-box" }, h("div", { class: "error-type" }, icon("failed"), step.error.type ?? "error"), longText(step.error.message || ""));
}

function options(input) {
  const { options: rest, tools } = requestOptions(input);
  return [
    tools.length > 0 && h("section", {}, h("h3", {}, "Tools on offer", h("span", { class: "note" }, format.count(tools.length))),
      h("ul", { class: "offered" }, tools.map((tool) => h("li", {}, h("details", {},
        h("summary", {}, h("code", {}, String(tool.name)), tool.description && h("span", { class: "note" }, String(tool.description))),
        tool.schema !== undefined && jsonView(tool.schema, { depth: 2 })))))),
    Object.keys(rest).length > 0 && h("section", {}, h("h3", {}, "Options"), jsonView(rest, { path: "options", depth: 1 })),
  ];
}
