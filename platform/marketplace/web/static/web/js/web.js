// Small comforts. Every page and every form works without this file.
"use strict";

const all = (selector) => document.querySelectorAll(selector);

// The menu opens as a dialog; without script its link leads to the list of pages at the foot.
for (const opener of all("[data-drawer]")) {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(opener.dataset.drawer).showModal();
  });
}
for (const dialog of all("dialog")) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

// Copy buttons appear only where copying is possible.
if (navigator.clipboard) {
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const said = document.documentElement.lang === "en" ? "Copied" : "已复制";
      button.setAttribute("aria-label", said);
      button.title = said;
      button.classList.add("pass");
    });
  }
}

// "/" leads to the search box, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("main input[type=search], [data-slash]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  box.focus();
});

// An open menu closes by Escape or by a click beside it.
for (const menu of all("details.menu")) {
  document.addEventListener("click", (event) => menu.contains(event.target) || menu.removeAttribute("open"));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
}

// On a narrow screen the filters start folded.
if (matchMedia("(max-width: 1023px)").matches) {
  for (const folded of all("[data-fold]")) folded.removeAttribute("open");
}

// The list of what went wrong is read first.
document.querySelector("[data-focus]")?.focus();

// A second click does not send a form twice; coming back makes the button usable again.
for (const button of all("[data-once]")) {
  button.form?.addEventListener("submit", () => {
    setTimeout(() => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    });
  });
  addEventListener("pageshow", () => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
}

// An amount in capital numerals while it is typed; the server's own stands on the confirmation page.
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
function fourDigits(group) {
  let out = "";
  let zero = false;
  for (let i = 0; i < group.length; i += 1) {
    const digit = Number(group[i]);
    if (digit) out += (zero ? "零" : "") + DIGITS[digit] + ["", "拾", "佰", "仟"][group.length - 1 - i];
    zero = digit === 0 && out !== "";
  }
  return out;
}
function capital(text) {
  const plain = text.replace(/[,，¥\s]/g, "");
  if (!/^\d{1,12}(\.\d{0,2})?$/.test(plain)) return "";
  const [whole, part = ""] = plain.split(".");
  const digits = whole.replace(/^0+(?=\d)/, "");
  let out = "";
  let gap = false;
  for (let power = 2; power >= 0; power -= 1) {
    const group = digits.slice(Math.max(0, digits.length - 4 * power - 4), Math.max(0, digits.length - 4 * power));
    if (!Number(group)) {
      gap = out !== "";
      continue;
    }
    if (out && (gap || Number(group) < 1000)) out += "零";
    out += fourDigits(String(Number(group))) + ["", "万", "亿"][power];
    gap = false;
  }
  if (out) out += "元";
  const [jiao, fen] = [Number(part[0] || 0), Number(part[1] || 0)];
  if (!jiao && !fen) return "人民币" + (out || "零元") + "整";
  if (jiao) out += (out && digits.endsWith("0") ? "零" : "") + DIGITS[jiao] + "角";
  if (fen) out += (out && !jiao ? "零" : "") + DIGITS[fen] + "分";
  return "人民币" + out + (fen ? "" : "整");
}
for (const output of all("[data-capital]")) {
  const input = document.getElementById(output.htmlFor[0]);
  if (document.documentElement.lang === "en" || !input) continue;
  const show = () => { output.textContent = capital(input.value); };
  input.addEventListener("input", show);
  show();
}

// What a rule will not let stand is named while it is written; the server decides, and asks again when the form is sent.
for (const field of all("[data-wording]")) {
  const told = document.createElement("div");
  told.setAttribute("aria-live", "polite");
  field.after(told);
  let waiting;
  const ask = async () => {
    const body = new FormData();
    body.set("text", field.value);
    body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(field.dataset.wording, { method: "POST", body });
    if (!answer.ok) return;
    const { findings } = await answer.json();
    told.replaceChildren(...findings.map((words) => {
      const line = document.createElement("p");
      line.className = "error";
      line.textContent = words;
      return line;
    }));
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
}

// What is near to a demand that is being written stands below the form; the public texts alone are sent, a moment after the last key.
for (const place of all("[data-similar]")) {
  const form = document.querySelector("form [name=title_zh]")?.form;
  const names = ["title_zh", "title_en", "text_zh", "text_en", "csrfmiddlewaretoken"];
  let waiting;
  let asking;
  const ask = async () => {
    const body = new FormData();
    for (const name of names) body.set(name, form.elements[name].value);
    body.set("but", place.dataset.but);
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(place.dataset.similar, { method: "POST", body, signal: asking.signal });
      if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
    } catch (fault) {
      // Out of reach, or overtaken by the next question: what stands there stays.
    }
  };
  form?.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 600);
  });
}

// On a phone the rail is one line: the door that one stands in comes into sight.
for (const door of all(".rail [aria-current]")) {
  const rail = door.parentElement;
  rail.scrollLeft = door.offsetLeft - (rail.clientWidth - door.offsetWidth) / 2;
}
