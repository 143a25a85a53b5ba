// The RFC 6962 tree: a leaf's hash, and the way from it to the root (RFC 9162, section 2.1.3.2).

import { Fault, bi, sha256 } from "./bytes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(LEAF, entry);
export const nodeHash = (left, right) => sha256(NODE, left, right);

/** Every step from the leaf hash upwards as `{side, sibling, node}`; the last node is the root that the path leads to. */
export async function climb(leaf, index, size, path) {
  if (index >= size) throw new Fault(bi(`账本只有 ${size} 条，没有第 ${index} 条`, `there is no entry ${index} in a log of ${size}`), index);
  const steps = [];
  const half = (n) => Math.floor(n / 2);
  let [node, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    if (last === 0) throw new Fault(bi("证明路径过长", "the proof is too long"), index);
    const side = at % 2 === 1 || at === last ? "left" : "right";
    if (side === "left") {
      node = await nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = await nodeHash(node, sibling);
    }
    [at, last] = [half(at), half(last)];
    steps.push({ side, sibling, node });
  }
  if (last !== 0) throw new Fault(bi("证明路径过短", "the proof is too short"), index);
  return steps;
}
