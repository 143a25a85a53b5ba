// Canonical JSON of the log's profile (RFC 8785, and narrower): ASCII keys, safe integers, NFC, one spelling; and the entry.

import { Fault, bi, equal, textOf, utf8 } from "./bytes.js";

const FIELDS = "actor at body commit id log prev seq subject type v";

/** A value's one spelling; throws RangeError for what the profile does not have. */
export function encode(value) {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    if (keys.some((key) => /[^\x00-\x7f]/.test(key))) throw new RangeError("a key is not ASCII");
    return `{${keys.map((key) => `${JSON.stringify(key)}:${encode(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("not a safe integer");
  return JSON.stringify(value);
}

/** Parse bytes that are the one spelling of their value; `what` names them in the Fault for all others. */
export function decode(bytes, what, seq = null) {
  const text = textOf(bytes);
  let value;
  try {
    value = JSON.parse(text);
    // A key that stands twice, a float or a lone surrogate does not come back as the same bytes.
    if (!equal(utf8(encode(value)), bytes) || text.normalize("NFC") !== text) throw new RangeError("another spelling");
  } catch {
    throw new Fault(bi(`${what}不是规范 JSON`, `${what} is not canonical JSON`), seq);
  }
  return value;
}

export const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Parse an entry and check that it has exactly the fields of version 1. */
export function readEntry(bytes, seq) {
  const entry = decode(bytes, bi("条目", "the entry"), seq);
  if (!isMap(entry) || Object.keys(entry).sort().join(" ") !== FIELDS || entry.v !== 1 || !isMap(entry.commit)) {
    throw new Fault(bi("条目缺少字段，或有多余字段", "the entry does not have the fields of version 1"), seq);
  }
  return entry;
}
