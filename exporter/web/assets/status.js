// Keeps the status page up to date. What comes from outside becomes text nodes only, never markup.

import { momentOf } from "./words.js";
import { element, morph } from "./elements.js";
import { tilesOf, headlineOf, sourcesOf, titleOf } from "./status-view.js";
import { Finder } from "./finder.js";

const EVERY = 5_000;
const EVERY_HIDDEN = 60_000;
const PATIENCE = 15_000;

const byId = (id) => document.getElementById(id);

/** A document of the exporter, which is sent again only when it has changed. */
class Feed {
  constructor(address) {
    this.address = address;
    this.tag = "";
    this.now = null;
  }

  /** Ask for it; tells whether it has changed. */
  async ask() {
    const headers = this.tag ? { "If-None-Match": this.tag } : {};
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(this.address, { headers, signal, cache: "no-store" });
    const date = Date.parse(answer.headers.get("Date"));
    if (date) clock.set(date);
    if (answer.status === 304) return false;
    if (!answer.ok) throw new Error(`it answers ${answer.status} ${answer.statusText}`);
    this.now = await answer.json();
    this.tag = answer.headers.get("ETag") ?? "";
    return true;
  }
}

/** The exporter's clock: that of the browser may be wrong. Unix seconds. */
const clock = {
  ahead: 0,
  set(date) {
    const ahead = date / 1000 - Date.now() / 1000;
    // The header has whole seconds: smaller differences mean nothing.
    if (Math.abs(ahead - this.ahead) > 1.5) this.ahead = ahead;
  },
  now() {
    return Date.now() / 1000 + this.ahead;
  },
};

const status = new Feed("status.json");
const attention = new Feed("attention.json");
const finder = new Finder(byId("finder"));
let answeredAt = Date.now();
let lost = "";
let timer = 0;
let asking = false;
let states = new Map();

function show() {
  const now = clock.now();
  const said = status.now;
  document.title = titleOf(said);
  morph(byId("headline"), element("p", {}, ...headlineOf(said)), { attributes: false });
  morph(byId("tiles"), element("dl", {}, ...tilesOf(said, now)), { attributes: false });
  morph(byId("sources"), element("div", {}, ...sourcesOf(said, now)), { attributes: false });
  openTroubled(said);
}

/** Open the card of a source when it gets into trouble; it can be closed by hand. */
function openTroubled(said) {
  const former = states;
  const narrow = matchMedia("(max-width: 52rem)").matches;
  states = new Map(said.sources.map((source) => [source.name, source.state]));
  for (const card of byId("sources").children) {
    const state = states.get(card.dataset.key);
    // On a phone the collectors of a source that is well would only be in the way.
    if (former.size === 0 && narrow) card.open = state !== "ok";
    else if (state !== "ok" && former.has(card.dataset.key) && former.get(card.dataset.key) !== state) card.open = true;
  }
}

function showWhetherLost() {
  document.body.classList.toggle("lost", Boolean(lost));
  const note = byId("lost");
  const version = status.now?.exporter.version ?? document.body.dataset.version;
  let text = "";
  if (lost) {
    const since = new Date(answeredAt).toLocaleTimeString([], { hourCycle: "h23" });
    text = `The exporter has not answered since ${since}: ${lost}. What is shown is from then; this page keeps asking.`;
  } else if (version !== document.body.dataset.version) {
    text = `The exporter is now version ${version}: please reload this page.`;
  }
  if (note.textContent !== text) note.textContent = text;
  note.hidden = !text;
}

async function refresh() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  try {
    const [changed, moved] = await Promise.all([status.ask(), attention.ask()]);
    lost = "";
    answeredAt = Date.now();
    if (changed) show();
    if (moved) finder.take(attention.now);
    if (changed) finder.offer(status.now.sources.map((source) => source.name));
  } catch (error) {
    lost = error.name === "TimeoutError" ? "no answer in time" : error.name === "TypeError" ? "it cannot be reached" : error.message;
  } finally {
    asking = false;
  }
  showWhetherLost();
  timer = setTimeout(refresh, document.hidden ? EVERY_HIDDEN : EVERY);
}

function tick() {
  if (document.hidden || !status.now || lost) return;
  const now = clock.now();
  for (const time of document.querySelectorAll("time[data-at]")) {
    const text = momentOf(Number(time.dataset.at), now, time.dataset.as);
    if (time.textContent !== text) time.textContent = text;
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
window.addEventListener("online", refresh);
setInterval(tick, 1_000);
refresh();
