// Bytes, their spellings and their hashes; everything else of this folder is built on these.

/** What was given contradicts itself or its signature; `message` is for the reader, `seq` the first bad entry if known. */
export class Fault extends Error {
  constructor(words, seq = null) {
    super(words);
    this.seq = seq;
  }
}

/** The words in the page's language. */
export const bi = (zh, en) => (globalThis.document?.documentElement.lang === "en" ? en : zh);

export const utf8 = (text) => new TextEncoder().encode(text);

/** Bytes as text; a Fault where they are not UTF-8. */
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault(bi("文本不是 UTF-8", "a text is not UTF-8"));
  }
}

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** 64 lower-case hex digits as 32 bytes, or null. */
export function unhex(text) {
  if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Base64 that has exactly one spelling; a Fault for any other. */
export function unbase64(text) {
  let bytes = null;
  try {
    bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    // What atob refuses is told below, together with what it reads too generously.
  }
  if (bytes === null || base64(bytes) !== text) throw new Fault(bi("Base64 编码有误", "base64 is malformed"));
  return bytes;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

/** HMAC-SHA-256 (RFC 2104). */
export async function hmac(key, ...parts) {
  const held = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", held, concat(...parts)));
}

/** Whether this page can compute at all: browsers give WebCrypto to secure pages only. */
export const canCompute = () => Boolean(globalThis.crypto?.subtle);
