// The verify page: a certificate or a proof is read and recomputed here; nothing of it leaves the browser.

import { Fault, bi, canCompute, textOf } from "./bytes.js";
import { checkDocuments, checkEntry, checkObjects, readCertificate } from "./certificate.js";
import { readKey } from "./note.js";
import { prove } from "./proving.js";
import { CANNOT, Report } from "./report.js";

const box = document.querySelector("[data-report]");
const keyBox = document.querySelector("[data-key]");
const pasted = document.querySelector("[data-paste]");
const drop = document.querySelector("[data-drop]");
const chooser = drop.querySelector("input[type=file]");
const MOST_BYTES = 64 * 1024 * 1024;

const readKeys = (text) => Promise.all(text.split(/\s+/).filter(Boolean).map(readKey));
// A former key of this log is believed up to the entry that retired it, whoever put it into the box.
const retired = new Map(keyBox.dataset.retired.split("\n").filter(Boolean).map((line) => line.split(" ")));

/** The keys in the box, each with the size of the log up to which it may sign. */
async function trustedKeys() {
  const keys = await readKeys(keyBox.value);
  return keys.map((key) => ({ ...key, until: Number(retired.get(key.vkey) ?? Infinity) }));
}

async function checkCertificate(bytes, trust, report) {
  const certificate = await readCertificate(bytes, trust, report);
  const stated = [];
  for (const seq of certificate.seqs) {
    report.group(bi(`第 #${seq.toLocaleString("en")} 条`, `Entry #${seq.toLocaleString("en")}`));
    try {
      const found = await checkEntry(seq, certificate, trust, report);
      stated.push(found.stated);
      report.values(found.values);
      report.settle("ok", ...found.says);
    } catch (error) {
      // The others are still checked: what holds stays held, and the first that does not is named.
      report.broke(error instanceof Fault && error.seq === null ? new Fault(error.message, seq) : error);
    }
  }
  if (!report.fault) checkObjects(certificate);
  if (certificate.beside.length) {
    report.group(bi("附件", "Beside the entries"));
    await checkDocuments(certificate, stated, report);
    report.settle("ok", "");
  }
  const [entries, objects] = [certificate.seqs.length, certificate.secrets.length];
  if (objects === 1) return bi(`${entries} 条记录全部成立`, `All ${entries} entries hold`);
  return bi(`${objects} 个对象的 ${entries} 条记录全部成立`, `All ${entries} entries of ${objects} objects hold`);
}

async function checkProof(text, trust, report) {
  const { entry } = await prove(text, null, trust, report);
  report.values([[bi("类型", "type"), entry.type], [bi("时间", "at"), entry.at], ["body", entry.body]]);
  return bi(`第 #${entry.seq.toLocaleString("en")} 条成立`, `Entry #${entry.seq.toLocaleString("en")} holds`);
}

async function checkNow(name, read) {
  const started = performance.now();
  box.hidden = false;
  const report = new Report(box);
  if (!canCompute()) {
    report.verdict("cannot", CANNOT.title(), CANNOT.note());
    return;
  }
  report.verdict("cannot", bi("正在计算", "Computing"), name);
  let proven = "";
  try {
    const bytes = await read();
    if (bytes.length > MOST_BYTES) throw new Fault(bi("文件过大", "the file is too large"));
    const trust = { keys: await trustedKeys(), witnesses: await readKeys(keyBox.dataset.witnesses) };
    if (!trust.keys.length) throw new Fault(bi("请填写您信任的公钥", "give the key that you trust"));
    const zipped = bytes[0] === 0x50 && bytes[1] === 0x4b;
    proven = zipped ? await checkCertificate(bytes, trust, report) : await checkProof(textOf(bytes), trust, report);
  } catch (error) {
    report.broke(error);
  }
  report.conclude({ proven, started });
  box.scrollIntoView({ block: "nearest" });
}

// One after another: two at once would write their verdicts over each other's steps.
let last = Promise.resolve();
function check(name, read) {
  last = last.then(() => checkNow(name, read));
}

function checkFile(file) {
  check(file.name, async () => new Uint8Array(await file.slice(0, MOST_BYTES + 1).arrayBuffer()));
}

chooser.addEventListener("change", () => chooser.files[0] && checkFile(chooser.files[0]));
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    const file = kind === "drop" ? event.dataTransfer.files[0] : null;
    if (file) {
      drop.querySelector("[data-name]").textContent = file.name;
      checkFile(file);
    }
  });
}
document.querySelector("[data-check]").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = pasted.value.trim();
  // A text field drops the last newline of what is pasted; a proof ends in exactly one.
  check(bi("粘贴的证明", "the pasted proof"), () => new TextEncoder().encode(`${text.replaceAll("\r\n", "\n")}\n`));
});
document.querySelector("[data-example]")?.addEventListener("click", async (event) => {
  const answer = await fetch(event.target.dataset.example);
  pasted.value = await answer.text();
  document.querySelector("[data-check]").requestSubmit();
});
for (const shown of document.querySelectorAll("[data-with-script]")) shown.hidden = false;
for (const hidden of document.querySelectorAll("[data-without-script]")) hidden.hidden = true;
