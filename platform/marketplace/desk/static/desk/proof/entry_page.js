// The page of one entry: recomputes its proof, fills in the drawn path, and only then turns green.

import { Fault, bi, canCompute, hex, textOf, unbase64, utf8 } from "./bytes.js";
import { readKey } from "./note.js";
import { prove } from "./proving.js";
import { CANNOT, Report } from "./report.js";

const box = document.querySelector("[data-report]");

/** The drawn path: the hash of every node, and a mark on each that was computed here. */
function draw(leaf, climbed) {
  [leaf, ...climbed.map(({ node }) => node)].forEach((node, level) => {
    for (const place of document.querySelectorAll(`[data-node="${level}"]`)) {
      place.classList.add("computed");
      const words = place.querySelector("[data-hash]");
      if (words) words.textContent = words.dataset.hash === "short" ? hex(node).slice(0, 8) : hex(node);
    }
  });
}

async function run() {
  const started = performance.now();
  const report = new Report(box);
  try {
    const trust = { keys: await keys(box.dataset.keys), witnesses: await keys(box.dataset.witnesses) };
    const shown = utf8(document.querySelector("[data-exact]").textContent);
    const { leaf, climbed } = await prove(textOf(unbase64(box.dataset.proof)), shown, trust, report);
    if (hex(leaf) !== box.dataset.leaf) throw new Fault(bi("页面所写的叶哈希不符", "the page states another leaf hash"));
    draw(leaf, climbed);
  } catch (error) {
    report.broke(error);
  }
  report.conclude({ proven: bi("已在您的浏览器中验证", "Verified in your browser"), started });
}

const keys = (text) => Promise.all(text.split(" ").filter(Boolean).map(readKey));

if (box) {
  if (canCompute()) await run();
  else new Report(box).verdict("cannot", CANNOT.title(), CANNOT.note());
}

