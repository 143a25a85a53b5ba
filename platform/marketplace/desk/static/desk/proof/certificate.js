// An evidence file: every entry's proof, of which of the file's objects it speaks, and every disclosed value behind its commitment.

import { Fault, bi, concat, hex, hmac, sha256, textOf, unhex, utf8 } from "./bytes.js";
import { decode, encode, isMap } from "./canonical.js";
import { readKey, verifyEd25519 } from "./note.js";
import { prove, short, trusted } from "./proving.js";
import { readZip } from "./zip.js";

const SEALED = "sealed.v1";
const ZERO = Uint8Array.of(0);
const SIGNED_UNDER = "jinqiao/agreement/v1\n";
// What may stand beside the entries; the last three are for people and for other verifiers.
const BESIDE = /^(documents\/[0-9a-f]{64}(\.[a-z0-9]{1,10})?|certificate\.(json|pdf)|parties\.json|timestamps\/\d{1,18}\.[a-z-]+)$/;

/** The files of an evidence ZIP, its entries' numbers in order and the secret of each object; a Fault where its shape is wrong. */
export async function readCertificate(bytes, trust, steps) {
  const files = await readZip(bytes);
  steps.hold(bi("ZIP 完整，每个文件的校验和相符", "The ZIP is whole; every checksum agrees"), bi(`${files.size} 个文件`, `${files.size} files`));
  const handles = decode(files.get("handles.json") ?? utf8(""), "handles.json");
  const secrets = Array.isArray(handles) ? handles.map(unhex) : [];
  if (!secrets.length || secrets.includes(null)) throw new Fault(bi("handles.json 里有不是密钥的内容", "handles.json holds what is no secret"));
  if (new Set(handles).size < handles.length) throw new Fault(bi("handles.json 里有重复的密钥", "handles.json holds a secret twice"));
  const seqs = [...files.keys()].flatMap((name) => /^entries\/(\d{1,15})\.json$/.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  if (!seqs.length) throw new Fault(bi("文件里没有条目", "the evidence file holds no entry"));
  const expected = ["README.txt", "log.vkey", "handles.json"];
  for (const seq of seqs) expected.push(...[".json", ".tlog-proof", ".disclosures.json"].map((end) => `entries/${seq}${end}`));
  const odd = [...expected.filter((name) => !files.has(name)), ...[...files.keys()].filter((name) => !expected.includes(name) && !BESIDE.test(name))];
  if (odd.length) throw new Fault(bi(`缺少或多出文件：${odd.slice(0, 5).join("、")}`, `files are missing, or there are others: ${odd.slice(0, 5).join(", ")}`));
  if (!trusted(await readKey(textOf(files.get("log.vkey"))), trust)) {
    throw new Fault(bi("log.vkey 不是所信任的公钥", "log.vkey is not the key you trust"));
  }
  steps.hold(bi("公钥是所信任的公钥", "It names the key you trust"), "log.vkey");
  return { files, seqs, secrets, spokenOf: new Set(), beside: [...files.keys()].filter((name) => BESIDE.test(name)).sort() };
}

/** Check one entry of the evidence; returns `{entry, values}`, the values being `[label, value]` pairs that match. */
export async function checkEntry(seq, { files, secrets, spokenOf }, trust, steps) {
  const proof = textOf(files.get(`entries/${seq}.tlog-proof`));
  const { index, entry } = await prove(proof, files.get(`entries/${seq}.json`), trust, steps);
  if (index !== seq) throw new Fault(bi(`证明说的是第 ${index} 条`, `the proof is of entry ${index}`), seq);
  const told = utf8((entry.type === SEALED ? ["subject", entry.id] : ["subject"]).join("\0"));
  const handles = await Promise.all(secrets.map(async (secret) => hex(await hmac(secret, told))));
  const about = handles.indexOf(entry.subject);
  if (about < 0) throw new Fault(bi("这一条说的是另一个对象", "the entry speaks of another object"), seq);
  spokenOf.add(about);
  const which = secrets.length === 1 ? ["", ""] : [`（第 ${about + 1} 个）`, ` number ${about + 1}`];
  steps.hold(bi(`与文件所列的对象${which[0]}相符`, `It speaks of the file's object${which[1]}`), short(entry.subject));
  const values = await disclosed(seq, entry, files, steps);
  const body = values.get("body") ?? entry.body;
  if (values.has("statement") && isMap(body) && "signatures" in body) await signatures(seq, body.signatures, values.get("statement"), steps);
  const shown = [...values].filter(([label]) => label !== "sealed");
  const says = [values.get("type") ?? entry.type, entry.at.slice(0, 16).replace("T", " ")];
  return { entry, says, values: shown, stated: [body, [...values]] };
}

/** Every party's signature over the statement that the entry discloses. */
async function signatures(seq, signed, statement, steps) {
  const message = concat(utf8(SIGNED_UNDER), utf8(statement));
  for (const one of signed) {
    const holds = await verifyEd25519(bytesOf(one.public_key, 32), bytesOf(one.signature, 64), message);
    if (holds === null) {
      steps.unsure(bi("当事方签名未检查：此浏览器没有 Ed25519", "Parties' signatures not checked: this browser has no Ed25519"), "");
      return;
    }
    if (!holds) throw new Fault(bi("一方当事人的签名不成立", "a party's signature does not hold over the statement"), seq);
  }
  steps.hold(bi(`${signed.length} 方签名有效`, `The signatures of ${signed.length} parties hold`), "Ed25519");
}

function bytesOf(text, length) {
  if (typeof text !== "string" || text.length !== 2 * length || !/^[0-9a-f]+$/.test(text)) throw new RangeError("not hex");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

/** Every object of which the file holds the secret has an entry in it. */
export function checkObjects({ secrets, spokenOf }) {
  if (spokenOf.size < secrets.length) {
    throw new Fault(bi("handles.json 列了一个没有条目的对象", "handles.json names an object of which no entry is here"));
  }
}

/** Every document that lies beside is named by its own hash, some entry names that hash, and the certificate lists these alone. */
export async function checkDocuments({ files, beside }, stated, steps) {
  const all = JSON.stringify(stated);
  const names = beside.filter((name) => name.startsWith("documents/"));
  for (const name of names) {
    const digest = hex(await sha256(files.get(name)));
    if (digest !== name.slice(10, 74) || !all.includes(digest)) {
      throw new Fault(bi(`${name} 不是任何条目写明的文件`, `${name} is not a document that any of the entries names by its hash`));
    }
  }
  if (files.has("certificate.json") && listed(files.get("certificate.json")) !== JSON.stringify(names)) {
    throw new Fault(bi("certificate.json 所列的附件与此处的不同", "certificate.json lists other documents than are here"));
  }
  if (names.length) steps.hold(bi(`${names.length} 份附件的哈希由条目写明`, `${names.length} documents are named by their hashes`), "SHA-256");
  for (const name of beside) {
    if (name.startsWith("timestamps/")) steps.aside(bi("外部时间戳，不在此检查：请用 OpenSSL", "An outside time-stamp, not checked here: use OpenSSL"), name);
    else if (!name.startsWith("documents/")) steps.aside(bi("供人阅读的副本，以条目为准", "A copy for people to read: the entries decide"), name);
  }
}

/** The names of the documents that certificate.json lists, in order, as JSON; null where it is no JSON in UTF-8, without a byte order mark. */
function listed(bytes) {
  try {
    const documents = JSON.parse(textOf(bytes)).documents;
    return isMap(documents) ? JSON.stringify(Object.keys(documents).sort()) : null;
  } catch {
    return null;
  }
}

async function disclosed(seq, entry, files, steps) {
  const name = `entries/${seq}.disclosures.json`;
  const shown = decode(files.get(name), name, seq);
  if (!Array.isArray(shown)) throw new Fault(bi(`${name} 有误`, `${name} is malformed`), seq);
  const commits = new Map(Object.entries(entry.commit));
  const values = new Map();
  // The envelope of a sealed entry first: it holds the commitments of the others.
  for (const one of [...shown].sort((a, b) => (a?.label !== "sealed") - (b?.label !== "sealed"))) {
    if (!isMap(one) || Object.keys(one).sort().join(" ") !== "label salt value" || !(await opens(one, commits)) || values.has(one.label)) {
      throw new Fault(bi("披露的内容与条目中的承诺不符", "a disclosed value is not what the entry committed to"), seq);
    }
    values.set(one.label, one.value);
    if (one.label === "sealed" && entry.type === SEALED && isMap(one.value)) {
      for (const [label, commit] of Object.entries(one.value)) commits.set(label, commit);
    }
  }
  if (values.size) {
    steps.hold(bi(`${values.size} 项披露内容与承诺逐一相符`, `${values.size} disclosed values match their commitments`), "HMAC-SHA-256");
  }
  return values;
}

async function opens({ label, value, salt }, commits) {
  const key = unhex(salt);
  if (!key || typeof label !== "string" || !commits.has(label)) return false;
  return hex(await hmac(key, utf8(label), ZERO, utf8(encode(value)))) === commits.get(label);
}
