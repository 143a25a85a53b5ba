// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) with Ed25519 (RFC 8032).

import { Fault, bi, concat, equal, hex, sha256, unbase64, utf8 } from "./bytes.js";

const ED25519 = 1;
const COSIGNATURE = 4;
// What a cosignature's time must be below (tlog-cosignature, "Format").
const LATEST = 2n ** 63n;
const NEWLINE = Uint8Array.of(10);

/** Read `name+hex id+base64(type || key)`; a Fault unless name, ID and key fit together. */
export async function readKey(vkey) {
  const found = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim());
  if (!found) throw new Fault(bi("公钥应形如 名称+8位十六进制+Base64", "a key looks like name+8 hex digits+base64"));
  const [, name, id, encoded] = found;
  const material = unbase64(encoded);
  if (material.length !== 33 || ![ED25519, COSIGNATURE].includes(material[0])) {
    throw new Fault(bi("只认识 Ed25519 公钥", "only Ed25519 keys are known"));
  }
  if (hex(await sha256(utf8(name), NEWLINE, material)).slice(0, 8) !== id) {
    throw new Fault(bi("公钥编号与其内容不符，可能抄错了", "the key's ID does not belong to its bytes: a typing error?"));
  }
  return { name, id, kind: material[0], bytes: material.slice(1), vkey: vkey.trim() };
}

/** The text of a note and its signature lines. */
export function splitNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(note)) {
    throw new Fault(bi("校验点不是一份签名文书", "the checkpoint is not a signed note"));
  }
  const signatures = note.slice(cut + 2, -1).split("\n").map((line) => {
    const found = /^\u2014 ([^+\s]+) ([A-Za-z0-9+/=]+)$/.exec(line);
    const data = found ? unbase64(found[2]) : [];
    if (data.length < 5) throw new Fault(bi("校验点的签名行有误", "a signature line of the checkpoint is malformed"));
    return { name: found[1], id: hex(data.slice(0, 4)), data: data.slice(4) };
  });
  return { text: note.slice(0, cut + 1), signatures };
}

/** Origin, size and root of a note's text. */
export function readCheckpoint(text) {
  const lines = text.split("\n").slice(0, -1);
  const size = /^(0|[1-9][0-9]{0,15})$/.test(lines[1] ?? "") ? Number(lines[1]) : NaN;
  const root = lines.length > 2 ? unbase64(lines[2]) : [];
  if (!Number.isSafeInteger(size) || root.length !== 32 || lines.some((line) => line === "")) {
    throw new Fault(bi("签名文书不是校验点", "the signed note is not a checkpoint"));
  }
  return { origin: lines[0], size, root };
}

/**
 * What this key's signatures say: `{signed, checked, holds, at}`; every one of them must hold. `checked` is false where the browser
 * has no Ed25519; `at` is the latest moment in seconds that a witness's cosignature states.
 */
export async function signatureOf({ text, signatures }, key) {
  const said = { signed: false, checked: true, holds: true, at: null };
  for (const line of signatures.filter((one) => one.name === key.name && one.id === key.id)) {
    let [signature, message] = [line.data, utf8(text)];
    if (key.kind === COSIGNATURE) {
      const time = line.data.length < 8 ? LATEST : new DataView(line.data.buffer, line.data.byteOffset).getBigUint64(0);
      if (time >= LATEST) return { ...said, signed: true, holds: false };
      said.at = Math.max(said.at ?? 0, Number(time));
      signature = line.data.slice(8);
      message = concat(utf8(`cosignature/v1\ntime ${time}\n`), message);
    }
    const holds = await verifyEd25519(key.bytes, signature, message);
    said.signed = true;
    said.checked &&= holds !== null;
    said.holds &&= holds === true;
  }
  return said;
}

/** Whether an Ed25519 signature holds; null where the browser cannot tell. */
export async function verifyEd25519(key, signature, message) {
  let held = null;
  try {
    held = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") return null;
    return false;
  }
  return crypto.subtle.verify("Ed25519", held, signature, message);
}

export const sameKey = (one, other) => one.name === other.name && equal(one.bytes, other.bytes);
