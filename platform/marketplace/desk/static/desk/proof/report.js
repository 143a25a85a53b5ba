// Shows a check while it runs: a verdict at the head, and every step with a mark, never by colour alone.

import { Fault, bi } from "./bytes.js";

const ICONS = { ok: "check", bad: "cross", wait: "clock", none: "minus" };
const MARK = { ok: "pass", bad: "fail", wait: "wait", none: "muted" };
const OUTLINE = { proven: "outline-ok", broken: "outline-bad", cannot: "outline-warn" };
const VERDICT_ICON = { proven: "check", broken: "cross", cannot: "alert" };
const BADGE = { proven: "badge-ok", broken: "badge-bad", cannot: "badge-warn" };

/** An element with words in it. */
export function element(tag, css = "", words = "") {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (words) made.textContent = words;
  return made;
}

function icon(name) {
  return document.querySelector("#proof-icons").content.querySelector(`[data-icon=${name}] svg`).cloneNode(true);
}

/** The result of one check inside a `[data-report]` box of the page. */
export class Report {
  constructor(box) {
    this.box = box;
    this.body = box.querySelector("[data-report-body]");
    this.body.replaceChildren();
    this.sure = true;
    this.fault = null;
    this.place = this.body;
    this.list = element("ol", "proof-steps");
    this.body.append(this.list);
  }

  /** Begin a part with steps of its own, folded under its heading until something in it does not hold. */
  group(heading) {
    this.place = element("details", "part");
    this.summary = element("summary");
    this.list = element("ol", "proof-steps");
    this.place.append(this.summary, this.list);
    this.body.append(this.place);
    this.heading = heading;
    this.settle("wait", "");
  }

  /** Say at the head of a part how it came out; each note stands unbroken. */
  settle(kind, ...notes) {
    const mark = icon(ICONS[kind]);
    mark.classList.add(MARK[kind]);
    const said = element("span", "note");
    for (const note of notes.filter(Boolean)) said.append(element("span", "", note), " ");
    this.summary.replaceChildren(mark, element("strong", "", this.heading), said);
  }

  step(kind, words, detail = "", note = "") {
    const item = element("li", kind === "ok" ? "" : `step-${kind}`);
    const said = element("span", "", words);
    if (note) said.append(element("small", "", note));
    item.append(icon(ICONS[kind]), said);
    item.firstChild.classList.add(MARK[kind]);
    if (detail) item.append(element("span", "hash", detail));
    this.list.append(item);
  }

  hold(words, detail, note) {
    this.step("ok", words, detail, note);
  }

  unsure(words, detail, note) {
    this.sure = false;
    this.step("wait", words, detail, note);
  }

  /** What is not looked at here, and does not bear on the verdict. */
  aside(words, detail) {
    this.step("none", words, detail);
  }

  /** The first thing that does not hold; what would have come after it was not done. Malformed input breaks in many ways. */
  broke(error) {
    const fault = error instanceof Fault ? error : new Fault(bi("文件内容有误，无法读取", "the file is malformed"));
    this.fault ??= fault;
    this.step("bad", fault.message, fault.seq === null ? "" : `#${fault.seq.toLocaleString("en")}`);
    this.step("none", bi("其后的步骤未进行", "The steps after it were not done"));
    if (this.place !== this.body) {
      this.settle("bad", fault.message);
      this.place.open = true;
    }
  }

  /** A table of what was disclosed. */
  values(pairs) {
    if (!pairs.length) return;
    const table = element("table", "book compact disclosed");
    const body = table.createTBody();
    for (const [label, value] of pairs) {
      const row = body.insertRow();
      const head = element("th", "", label);
      head.scope = "row";
      row.append(head);
      row.append(element("td", "full", typeof value === "string" ? value : JSON.stringify(value, null, 1)));
    }
    this.place.append(table);
  }

  /** Say what came out: proven, broken or cannot. */
  verdict(kind, title, note) {
    this.box.dataset.verdict = kind;
    this.box.classList.remove(...Object.values(OUTLINE));
    this.box.classList.add(OUTLINE[kind]);
    const mark = this.box.querySelector("[data-report-mark]");
    mark.className = BADGE[kind];
    mark.replaceChildren(icon(VERDICT_ICON[kind]));
    this.box.querySelector("[data-report-title]").textContent = title;
    this.box.querySelector("[data-report-note]").textContent = note;
  }

  /** The verdict that follows from the steps. */
  conclude({ proven, started }) {
    const took = bi(`用时 ${Math.round(performance.now() - started)} 毫秒`, `in ${Math.round(performance.now() - started)} ms`);
    if (this.fault) {
      const place = this.fault.seq === null ? "" : bi(`，首处在第 #${this.fault.seq.toLocaleString("en")} 条`, `, first at #${this.fault.seq.toLocaleString("en")}`);
      this.verdict("broken", bi("验证失败", "It does not hold"), bi(`${this.fault.message}${place}。请保存所验文件并告知审计方。`, `${this.fault.message}${place}. Keep what you checked and tell an auditor.`));
    } else if (!this.sure) {
      this.verdict("cannot", bi("路径成立，签名未检查", "The path holds; the signature was not checked"), bi("此浏览器没有 Ed25519，请用 verify.py 检查签名。", "This browser has no Ed25519: check the signature with verify.py."));
    } else {
      this.verdict("proven", proven, bi(`在您的浏览器中重算，${took}`, `Recomputed in your browser ${took}`));
    }
  }
}

export const CANNOT = {
  title: () => bi("此处无法验证", "It cannot be checked here"),
  note: () => bi("浏览器只在安全连接（HTTPS）的页面提供计算功能；请用 verify.py。", "Browsers compute hashes on secure (HTTPS) pages only: use verify.py."),
};
