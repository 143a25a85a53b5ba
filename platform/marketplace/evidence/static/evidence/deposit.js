// Hashes the chosen file in the reader's browser, so that it need not be sent, to be deposited or to be found again. Without this
// script the server hashes what is deposited, and finds by a hash that is written.
"use strict";

const LARGEST = 1024 * 1024 * 1024;
const chosen = document.querySelector("[data-hash]");

function tell(word) {
  for (const line of document.querySelectorAll("[data-hashing]")) line.hidden = line.dataset.hashing !== word;
}

async function digest(file) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (chosen && window.crypto && crypto.subtle) {
  const form = chosen.form;
  const box = document.getElementById(chosen.dataset.hash);
  const button = form.querySelector("button");
  const { title, size, keep } = form.elements;
  let hashed = "";

  const show = () => {
    if (hashed) tell(keep.checked ? "sent" : "done");
  };
  chosen.addEventListener("change", async () => {
    const file = chosen.files[0];
    hashed = "";
    tell("");
    button.disabled = false;
    if (!file) return;
    tell("work");
    // Sent now, the file would go with the form; who waits for its hash does not send it.
    button.disabled = true;
    const found = file.size > LARGEST ? "" : await digest(file).catch(() => "");
    if (chosen.files[0] !== file) return;
    button.disabled = false;
    if (!found) {
      chosen.value = "";
      tell("large");
      return;
    }
    hashed = found;
    box.value = found;
    size.value = file.size;
    if (!title.value) title.value = file.name.slice(0, 200);
    show();
  });
  box.addEventListener("input", () => {
    hashed = "";
    size.value = "";
    tell("");
  });
  keep.addEventListener("change", show);
  // What was hashed here and is not to be kept stays here.
  form.addEventListener("submit", () => {
    chosen.disabled = hashed !== "" && hashed === box.value && !keep.checked;
  });
  addEventListener("pageshow", () => {
    chosen.disabled = false;
  });
}

const finder = document.querySelector("[data-find]");
if (finder && window.crypto && crypto.subtle) {
  finder.hidden = false;
  finder.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    const found = file && file.size <= LARGEST ? await digest(file).catch(() => "") : "";
    if (!found) {
      event.target.value = "";
      return;
    }
    event.target.form.elements.sha256.value = found;
    event.target.form.requestSubmit();
  });
}
