// One entry under a signed checkpoint: reads a .tlog-proof (C2SP tlog-proof) and recomputes all that it claims.

import { Fault, bi, equal, hex, unbase64 } from "./bytes.js";
import { readEntry } from "./canonical.js";
import { readCheckpoint, sameKey, signatureOf, splitNote } from "./note.js";
import { climb, leafHash } from "./tree.js";

export const HEADER = "c2sp.org/tlog-proof@v1\n";

export const short = (text) => (text.length <= 19 ? text : `${text.slice(0, 8)}...${text.slice(-8)}`);

/** The parts of a .tlog-proof, nothing of it believed yet. */
export function readProof(text) {
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(cut, 0)).split("\n").slice(1);
  const extra = lines[0]?.startsWith("extra ") ? unbase64(lines.shift().slice(6)) : null;
  const found = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "");
  if (!text.startsWith(HEADER) || cut < 0 || !found || !Number.isSafeInteger(Number(found[1]))) {
    throw new Fault(bi("这不是一份 .tlog-proof 证明", "this is not a .tlog-proof"));
  }
  const path = lines.map(unbase64);
  if (path.some((one) => one.length !== 32)) throw new Fault(bi("证明中有一个哈希不是 32 字节", "a hash of the proof does not have 32 bytes"));
  return { index: Number(found[1]), path, note: text.slice(cut + 2), extra };
}

/**
 * Recompute a proof step by step; `steps.hold(words, detail, note)` hears what holds and `steps.unsure` what this browser cannot
 * check. Returns `{index, entry, climbed, head}`; a Fault at the first thing that does not hold.
 * `trust` is `{keys, witnesses}`, both as `readKey` reads them; a key of a log may say `until` which size it signs.
 */
export async function prove(text, raw, trust, steps) {
  const proof = readProof(text);
  if (raw && proof.extra && !equal(raw, proof.extra)) {
    throw new Fault(bi("证明里的条目不是所给的条目", "the proof carries another entry than the one given"), proof.index);
  }
  const bytes = raw ?? proof.extra;
  if (!bytes) throw new Fault(bi("证明没有附上条目原文（extra 行）", "the proof carries no entry in its extra line"), proof.index);
  steps.hold(bi("条目原文已取得", "The entry's bytes are here"), bi(`${bytes.length} 字节`, `${bytes.length} bytes`));
  const leaf = await leafHash(bytes);
  steps.hold(bi("叶哈希已重算", "Leaf hash recomputed"), short(hex(leaf)));

  const note = splitNote(proof.note);
  const head = readCheckpoint(note.text);
  const climbed = await climb(leaf, proof.index, head.size, proof.path);
  const root = climbed.at(-1)?.node ?? leaf;
  steps.hold(bi(`${climbed.length} 步路径合并到根`, `${climbed.length} steps lead to a root`), short(hex(root)));
  if (!equal(root, head.root)) {
    throw new Fault(bi("算出的根与校验点的根不一致", "the computed root is not the checkpoint's root"), proof.index);
  }
  steps.hold(bi("根与校验点一致", "It is the checkpoint's root"), bi(`高度 ${head.size.toLocaleString("en")}`, `height ${head.size.toLocaleString("en")}`));
  await logSignature(note, head, trust, steps);
  await cosignatures(note, trust, steps);

  const entry = readEntry(bytes, proof.index);
  if (entry.seq !== proof.index || entry.log !== head.origin) {
    throw new Fault(bi("条目自述的序号或账本与所在位置不符", "the entry names another place or log than it stands in"), proof.index);
  }
  steps.hold(bi("条目自述的账本与序号相符", "The entry names this log and this place"), `#${proof.index.toLocaleString("en")}`);
  return { index: proof.index, entry, climbed, leaf, head };
}

async function logSignature(note, head, trust, steps) {
  let ended = null;
  for (const key of trust.keys) {
    const said = await signatureOf(note, key);
    if (said.signed && key.name === head.origin) {
      if (head.size > (key.until ?? Infinity)) {
        ended = key;
        continue;
      }
      if (!said.checked) {
        steps.unsure(bi("校验点签名未检查：此浏览器没有 Ed25519", "Signature not checked: this browser has no Ed25519"), key.id);
        return;
      }
      if (!said.holds) throw new Fault(bi("校验点的签名不成立", "the checkpoint's signature does not hold"));
      const former = Number.isFinite(key.until ?? Infinity);
      steps.hold(
        former
          ? bi(`校验点签名有效：旧公钥，自第 #${key.until.toLocaleString("en")} 条起停用`, `The checkpoint's signature holds: a former key, retired at #${key.until.toLocaleString("en")}`)
          : bi("校验点签名有效（Ed25519）", "The checkpoint's signature holds (Ed25519)"),
        key.id,
      );
      return;
    }
  }
  if (ended) throw new Fault(bi(`校验点由旧公钥在停用（第 #${ended.until.toLocaleString("en")} 条）之后签署`, `the checkpoint was signed by a former key after it was retired at #${ended.until.toLocaleString("en")}`));
  throw new Fault(bi("校验点不是由所信任的公钥签署", "the checkpoint is not signed by a key you trust"));
}

async function cosignatures(note, trust, steps) {
  for (const key of trust.witnesses) {
    const said = await signatureOf(note, key);
    if (!said.signed) continue;
    if (said.checked && !said.holds) throw new Fault(bi(`见证方 ${key.name} 的签名不成立`, `the signature of witness ${key.name} does not hold`));
    const words = said.checked
      ? bi("见证方的签名有效", "A witness signed the same")
      : bi("见证方的签名未检查", "A witness's signature not checked");
    const when = said.at === null ? key.id : new Date(said.at * 1000).toISOString().slice(0, 16).replace("T", " ");
    (said.checked ? steps.hold : steps.unsure).call(steps, words, when, key.name);
  }
}

export const trusted = (key, trust) => trust.keys.some((one) => sameKey(one, key));
