// Recomputes an entry's inclusion proof in the reader's browser (RFC 9162 section 2.1.3.2) and says what it found.
"use strict";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function sha256(prefix, ...parts) {
  const whole = new Uint8Array(1 + parts.reduce((n, part) => n + part.length, 0));
  whole[0] = prefix;
  let at = 1;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

async function climb(entry, path, index, size, show) {
  let node = await sha256(0, entry);
  show(0, node);
  let fn = index;
  let sn = size - 1;
  for (let step = 0; step < path.length; step += 1) {
    if (sn === 0) throw new Error("path too long");
    if (fn % 2 === 1 || fn === sn) {
      node = await sha256(1, path[step], node);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      node = await sha256(1, node, path[step]);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
    show(step + 1, node);
  }
  if (sn !== 0) throw new Error("path too short");
  return node;
}

async function prove(box) {
  const verdicts = box.querySelectorAll("[data-verdict]");
  const tell = (name) => verdicts.forEach((each) => { each.hidden = each.dataset.verdict !== name; });
  const cells = box.querySelectorAll("[data-step]");
  const show = (step, node) => { if (cells[step]) cells[step].textContent = hex(node); };
  if (!window.crypto || !crypto.subtle) return tell("cannot");
  try {
    const path = box.dataset.path.split(" ").filter(Boolean).map(bytesOf);
    const root = await climb(bytesOf(box.dataset.entry), path, Number(box.dataset.index), Number(box.dataset.size), show);
    return tell(hex(root) === hex(bytesOf(box.dataset.root)) ? "proven" : "broken");
  } catch {
    return tell("broken");
  }
}

document.querySelectorAll("[data-proof]").forEach(prove);
