// What the console adds where scripts run; every page works without. No library, no eval.
"use strict";

// "/" finds a case, "j" and "k" go through a list, "?" is left to the browser.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    document.getElementById("q")?.focus();
    event.preventDefault();
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  }
});

function step(by) {
  const links = [...document.querySelectorAll("table.cases th a, .cards h2 ~ p a")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
}

// A form is sent once: its own key makes twice harmless, and this keeps it from looking odd.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

// A link to a form opens it.
function opened() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named && named.tagName === "DETAILS") named.open = true;
}
addEventListener("hashchange", opened);
opened();

// The flow page stays fresh: text into cells, never markup.
if (document.getElementById("flow")) {
  const source = new EventSource("/live/events");
  source.onmessage = (event) => {
    for (const [name, text] of Object.entries(JSON.parse(event.data))) {
      const cell = document.getElementById(name);
      if (cell && cell.textContent !== text) cell.textContent = text;
    }
  };
}

// How a letter sounds, a moment after she stops typing: text into a list, never markup.
let listening;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.tone) return;
  clearTimeout(listening);
  listening = setTimeout(() => listen(field), 700);
});

async function listen(field) {
  const said = new URLSearchParams({ csrf: field.form.elements.csrf.value, text: field.value });
  try {
    const answer = await fetch(field.dataset.tone, { method: "POST", body: said });
    const { remarks } = await answer.json();
    const items = remarks.map((remark) => {
      const item = document.createElement("li");
      item.textContent = remark;
      return item;
    });
    document.getElementById(field.id.replace("-text", "-tone")).replaceChildren(...items);
  } catch {
    // No answer, or signed out: sending tells; nothing is lost meanwhile.
  }
}
