// Canonical JSON of the log's profile (RFC 8785, and narrower): ASCII keys, safe integers, NFC, one spelling; and the entry.

import { Fault, bi, equal, textOf, utf8 } from "./bytes.js";

const FIELDS = "actor at body commit id log prev seq subject type v";
// What stands around the body, each in the one way in which the log writes it.
const HANDLE = /^[0-9a-f]{64}$/;
const WRITTEN = { at: /^[-0-9T:.]{23}Z$/, id: /^[-0-9a-f]{36}$/, log: /^[^"\\]+$/, prev: HANDLE, subject: HANDLE, type: /^[a-z][a-z0-9_.]*$/ };
const LABEL = /^[ !#-[\]-~]+$/;

/** A value's one spelling; throws RangeError for what the profile does not have. */
export function encode(value) {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    if (keys.some((key) => /[^\x00-\x7f]/.test(key))) throw new RangeError("a key is not ASCII");
    return `{${keys.map((key) => `${JSON.stringify(key)}:${encode(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("not a safe integer");
  // Written as an escape it would come back as the same bytes.
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new RangeError("a lone surrogate");
  return JSON.stringify(value);
}

/** Parse bytes that are the one spelling of their value; `what` names them in the Fault for all others. */
export function decode(bytes, what, seq = null) {
  const text = textOf(bytes);
  let value;
  try {
    value = JSON.parse(text);
    // A key that stands twice or a float does not come back as the same bytes.
    if (!equal(utf8(encode(value)), bytes) || text.normalize("NFC") !== text) throw new RangeError("another spelling");
  } catch {
    throw new Fault(bi(`${what}不是规范 JSON`, `${what} is not canonical JSON`), seq);
  }
  return value;
}

export const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const is = (form, value) => typeof value === "string" && form.test(value);

/** Parse an entry and check that it has exactly the fields of version 1. */
export function readEntry(bytes, seq) {
  const entry = decode(bytes, bi("条目", "the entry"), seq);
  const right =
    isMap(entry) &&
    Object.keys(entry).sort().join(" ") === FIELDS &&
    entry.v === 1 &&
    isMap(entry.body) &&
    isMap(entry.commit) &&
    Number.isSafeInteger(entry.seq) &&
    entry.seq >= 0 &&
    (entry.actor === null || is(HANDLE, entry.actor)) &&
    Object.entries(WRITTEN).every(([name, form]) => is(form, entry[name])) &&
    Object.entries(entry.commit).every(([label, commit]) => LABEL.test(label) && is(HANDLE, commit));
  if (!right) {
    throw new Fault(bi("条目缺少字段，或有多余字段", "the entry does not have the fields of version 1"), seq);
  }
  return entry;
}
