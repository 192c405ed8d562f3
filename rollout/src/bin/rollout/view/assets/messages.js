// Requests and responses of every provider, as one kind of conversation.
//
// A message: `{ role, parts }`. A part: `{ kind, … }` of kind `text`, `thinking`, `refusal`, `call` (`id`, `name`,
// `input`), `result` (`id`, `value`, `failed`), `media` (`type`, `data`, `url`, `blob`), `other` (`value`).

import { blobOf, parsed } from "./json-view.js";

/** Returns the messages of what a model was given; null if it is nothing of the kind. */
export function inputMessages(input) {
  if (Array.isArray(input)) return input.length > 0 && input.every(isMessage) ? input.map(message) : null;
  if (!isObject(input)) return null;
  const messages = [];
  const system = input.system ?? input.instructions;
  if (system) messages.push({ role: "system", parts: parts(system) });
  if (Array.isArray(input.messages)) return [...messages, ...input.messages.map(message)];
  if ("model" in input && typeof input.input === "string") return [...messages, { role: "user", parts: parts(input.input) }];
  if ("model" in input && Array.isArray(input.input)) return [...messages, ...joined(input.input.map(item))];
  return null;
}

/** Returns what of a request is not said: its options, and the tools on offer. */
export function requestOptions(input) {
  if (!isObject(input)) return { options: {}, tools: [] };
  const { messages, input: said, system, instructions, tools, ...options } = input;
  return { options, tools: list(tools).map(toolOf) };
}

/** Returns the messages that a model answered; null if it is nothing of the kind. */
export function outputMessages(output) {
  if (!isObject(output)) return null;
  if (Array.isArray(output.choices)) {
    return output.choices.map((choice) => message({ role: "assistant", ...(choice?.message ?? choice?.delta ?? { content: choice?.text }) }));
  }
  if (Array.isArray(output.output)) return joined(output.output.map(item));
  if (Array.isArray(output.content) && output.role) return [message(output)];
  return null;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

function isMessage(value) {
  return isObject(value) && typeof value.role === "string" && "content" in value;
}

function message(value) {
  if (!isObject(value)) return { role: "unknown", parts: [{ kind: "other", value }] };
  const role = typeof value.role === "string" ? value.role : "unknown";
  const found = [];
  const thought = value.reasoning_content ?? value.reasoning;
  if (typeof thought === "string" && thought) found.push({ kind: "thinking", text: thought });
  if (role === "tool" || role === "function") {
    return { role: "tool", parts: [{ kind: "result", id: value.tool_call_id ?? value.name, value: content(value.content) }] };
  }
  found.push(...parts(value.content));
  if (value.refusal) found.push({ kind: "refusal", text: String(value.refusal) });
  for (const call of list(value.tool_calls)) {
    const named = call?.function ?? call?.custom ?? call ?? {};
    found.push({ kind: "call", id: call?.id, name: named.name ?? "tool", input: parsed(named.arguments ?? named.input) });
  }
  if (isObject(value.function_call)) found.push({ kind: "call", name: value.function_call.name, input: parsed(value.function_call.arguments) });
  if (isObject(value.audio)) found.push(media("audio", value.audio.data ?? "", value.audio.format));
  // What only hands results of tools in says nothing of the user's.
  const handsIn = role === "user" && found.length > 0 && found.every((part) => part.kind === "result");
  return { role: handsIn ? "tool" : role, parts: found };
}

/** An item of OpenAI's responses. */
function item(value) {
  if (!isObject(value)) return { role: "unknown", parts: [{ kind: "other", value }] };
  switch (value.type) {
    case "function_call":
    case "custom_tool_call":
      return { role: "assistant", parts: [{ kind: "call", id: value.call_id ?? value.id, name: value.name ?? "tool", input: parsed(value.arguments ?? value.input) }] };
    case "function_call_output":
    case "custom_tool_call_output":
      return { role: "tool", parts: [{ kind: "result", id: value.call_id, value: content(value.output) }] };
    case "reasoning": {
      const texts = [...list(value.summary), ...list(value.content)].map((part) => part?.text).filter((text) => typeof text === "string" && text);
      return { role: "assistant", parts: texts.length > 0 ? texts.map((text) => ({ kind: "thinking", text })) : [{ kind: "thinking", text: null }] };
    }
    case undefined:
    case "message":
      return message(value);
    default:
      return { role: "assistant", parts: [{ kind: "other", name: String(value.type), value }] };
  }
}

/** Puts what one answers with side by side into one message. */
function joined(messages) {
  const all = [];
  for (const next of messages) {
    const last = all.at(-1);
    if (last && last.role === "assistant" && next.role === "assistant") last.parts.push(...next.parts);
    else all.push(next);
  }
  return all;
}

function parts(value) {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value === "string") return [{ kind: "text", text: value }];
  if (!Array.isArray(value)) return [part(value)];
  return value.map(part);
}

function part(value) {
  if (typeof value === "string") return { kind: "text", text: value };
  if (!isObject(value)) return { kind: "other", value };
  switch (value.type) {
    case "text": case "input_text": case "output_text":
      return { kind: "text", text: String(value.text ?? "") };
    case "refusal":
      return { kind: "refusal", text: String(value.refusal ?? "") };
    case "thinking":
      return { kind: "thinking", text: String(value.thinking ?? "") };
    case "redacted_thinking":
      return { kind: "thinking", text: null };
    case "tool_use": case "server_tool_use": case "mcp_tool_use":
      return { kind: "call", id: value.id, name: value.name ?? "tool", input: parsed(value.input), served: value.type !== "tool_use" };
    case "tool_result":
      return { kind: "result", id: value.tool_use_id, value: content(value.content), failed: value.is_error === true };
    case "image_url": case "input_image":
      return address("image", value.image_url?.url ?? value.image_url ?? value.file_id ?? "");
    case "image": case "document":
      return isObject(value.source) ? source(value.type, value.source) : { kind: "other", value };
    case "input_audio":
      return media("audio", value.input_audio?.data ?? "", value.input_audio?.format);
    case "file": case "input_file":
      return address("file", value.file?.file_data ?? value.file_data ?? value.file?.file_id ?? value.file_id ?? value.filename ?? "");
    default:
      return typeof value.type === "string" && value.type.endsWith("_tool_result") ? { kind: "result", id: value.tool_use_id, value: value.content } : { kind: "other", name: value.type, value };
  }
}

function source(kind, from) {
  if (from.type === "base64") return media(kind, from.data ?? "", from.media_type);
  if (from.type === "text") return { kind: "text", text: String(from.data ?? "") };
  return address(kind, from.url ?? from.file_id ?? "");
}

function address(kind, url) {
  const text = String(url);
  const found = /^data:([^;,]*);base64,(.*)$/s.exec(text);
  return found ? media(kind, found[2], found[1]) : media(kind, text, undefined, true);
}

function media(kind, data, type, isUrl = false) {
  const blob = blobOf(data);
  if (blob) return { kind: "media", what: kind, type: blob.type, size: blob.size, hash: blob.hash };
  return isUrl ? { kind: "media", what: kind, url: data } : { kind: "media", what: kind, type, data };
}

/** The content of a tool's result: texts alone are one text. */
function content(value) {
  if (typeof value === "string") return parsed(value);
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.text === "string")) {
    return parsed(value.map((one) => one.text).join("\n"));
  }
  return value;
}

function toolOf(value) {
  const named = value?.function ?? value ?? {};
  return { name: named.name ?? value?.type ?? "tool", description: named.description, schema: named.parameters ?? named.input_schema };
}
