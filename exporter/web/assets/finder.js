// The servers that need attention: searched, narrowed and sorted here, over all of them.

import { badge, bidi } from "./status-view.js";
import { element } from "./elements.js";
import { numberOf } from "./words.js";

const STEP = 100;
const RANK = { critical: 0, warning: 1, unknown: 2 };
const KEYS = {
  severity: (one) => RANK[one.severity],
  server: (one) => one.server,
  reasons: (one) => one.reasons.join(", "),
  model: (one) => one.model,
  source: (one) => one.source,
  power: (one) => one.power,
};
const ORDER = new Intl.Collator("en", { numeric: true });

export class Finder {
  constructor(place) {
    this.place = place;
    this.servers = [];
    this.shown = STEP;
    this.words = place.querySelector("#words");
    this.source = place.querySelector("#source");
    this.severity = place.querySelector("#severity");
    this.more = place.querySelector("#more");
    this.recall();
    this.listen();
  }

  listen() {
    const again = () => this.narrow();
    this.words.addEventListener("input", again);
    this.source.addEventListener("change", again);
    this.severity.addEventListener("change", again);
    this.place.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.place.querySelector("thead").addEventListener("click", (event) => {
      const by = event.target.closest("button")?.dataset.by;
      if (by) this.sortBy(by);
    });
    this.more.addEventListener("click", () => this.showMore());
  }

  /** Show other servers than before. */
  take({ servers }) {
    this.servers = servers.map((server) => ({ ...server, text: textOf(server) }));
    this.place.hidden = false;
    this.draw();
  }

  /** Offer these sources, and keep the choice while it is among them. */
  offer(names) {
    const present = [...this.source.options].slice(1).map((option) => option.value);
    if (present.length === names.length && names.every((name, place) => name === present[place])) return;
    const chosen = this.source.value || this.wished;
    const options = names.map((name) => element("option", { value: name }, name));
    this.source.replaceChildren(element("option", { value: "" }, "All"), ...options);
    this.source.value = names.includes(chosen) ? chosen : "";
    this.wished = "";
    this.draw();
  }

  narrow() {
    this.shown = STEP;
    this.remember();
    this.draw();
  }

  sortBy(by) {
    this.falling = by === this.by && !this.falling;
    this.by = by;
    this.narrow();
  }

  showMore() {
    const before = this.shown;
    this.shown += STEP;
    this.draw();
    // Who came here by keyboard goes on at the first of the new rows.
    const row = this.place.querySelector("tbody").rows[before];
    if (row && this.more.hidden) {
      row.tabIndex = -1;
      row.focus();
    }
  }

  found() {
    const wanted = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const source = this.source.value || this.wished;
    const severity = this.severity.value;
    const found = this.servers.filter(
      (one) =>
        (!source || one.source === source) &&
        (!severity || one.severity === severity) &&
        wanted.every((word) => one.text.includes(word)),
    );
    // The exporter's own order is by severity and name.
    if (this.by === "severity" && !this.falling) return found;
    const key = KEYS[this.by];
    const compare = this.by === "severity" ? (a, b) => key(a) - key(b) : (a, b) => ORDER.compare(key(a), key(b));
    return found.sort(this.falling ? (a, b) => compare(b, a) : compare);
  }

  draw() {
    const found = this.found();
    const rows = found.slice(0, this.shown).map(rowOf);
    this.place.querySelector("tbody").replaceChildren(...rows);
    this.place.querySelector("#found").textContent = this.told(found.length, rows.length);
    const left = found.length - rows.length;
    this.more.hidden = left === 0;
    this.more.textContent = `Show ${numberOf(Math.min(STEP, left))} more of ${numberOf(left)}`;
    this.place.querySelector("table").hidden = found.length === 0;
    for (const button of this.place.querySelectorAll("thead button")) {
      const head = button.parentElement;
      if (button.dataset.by === this.by) head.setAttribute("aria-sort", this.falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  told(found, shown) {
    const all = this.servers.length;
    if (all === 0) return "No server needs attention.";
    if (found === 0) return `None of ${numberOf(all)} ${all === 1 ? "server" : "servers"} fits.`;
    const matching = found === all ? numberOf(all) : `${numberOf(found)} of ${numberOf(all)}`;
    const servers = `${matching} ${all === 1 ? "server" : "servers"}`;
    return shown < found ? `${servers}; the first ${numberOf(shown)} are shown.` : `${servers}.`;
  }

  /** Keep the choice in the address, so that it can be handed on. */
  remember() {
    const entries = [
      ["q", this.words.value], ["source", this.source.value], ["severity", this.severity.value],
      ["sort", this.by === "severity" && !this.falling ? "" : (this.falling ? "-" : "") + this.by],
    ];
    const kept = new URLSearchParams(entries.filter(([, value]) => value)).toString();
    history.replaceState(null, "", kept ? `#${kept}` : location.pathname + location.search);
  }

  recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    const sort = kept.get("sort") ?? "";
    this.by = Object.hasOwn(KEYS, sort.replace("-", "")) ? sort.replace("-", "") : "severity";
    this.falling = sort.startsWith("-");
    this.words.value = kept.get("q") ?? "";
    this.severity.value = Object.hasOwn(RANK, kept.get("severity")) ? kept.get("severity") : "";
    /** A source that may not be known yet. */
    this.wished = kept.get("source") ?? "";
  }
}

const textOf = (one) => [one.server, one.serial, one.model, one.source, one.vendor, one.power, ...one.reasons].join("\n").toLowerCase();

function rowOf(one) {
  const look = one.severity;
  const name = element("span", { class: "name", title: one.server }, bidi(one.server));
  const reasons = one.reasons.map((reason) => element("li", {}, reason));
  const away = one.maintenance ? [badge("plain", "in maintenance")] : [];
  const source = [bidi(one.source), " ", element("small", {}, one.vendor)];
  return element(
    "tr",
    {},
    element("td", {}, badge(look, look), ...away),
    element("td", { class: "wide" }, name, element("small", {}, bidi(one.serial))),
    element("td", { class: "wide" }, element("ul", { class: "reasons" }, ...reasons)),
    element("td", { class: "wide" }, bidi(one.model)),
    element("td", {}, ...source),
    element("td", { "data-label": one.power && "Power" }, one.power.replaceAll("_", " ")),
  );
}
