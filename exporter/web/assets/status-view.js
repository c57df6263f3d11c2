// What is shown of the status? The same elements as exporter/web/status_page.py writes.

import { element } from "./elements.js";
import { aboutOf, bytesOf, lengthOf, momentOf, numberOf, tookOf } from "./words.js";

const OPEN_UP_TO = 3;
/** The class of a state: what colour and shape it has beside its word. */
const LOOKS = {
  ok: "ok", degraded: "warning", down: "critical", starting: "unknown",
  failing: "warning", no_data: "critical", unavailable: "unknown", waiting: "unknown",
};
const SAID = { ok: "Healthy", degraded: "Degraded", down: "Trouble", starting: "Starting" };
const SEVERITIES = ["critical", "warning", "unknown"];
const COLUMNS = ["Collector", "State", "Age of data", "Next run", "Every", "Took", "Calls", "Items", "Problems"];

export const badge = (look, words) => element("span", { class: `badge ${look}` }, words);
export const bidi = (text) => element("bdi", {}, text);
const spoken = (word) => word.replaceAll("_", " ");

export function titleOf(said) {
  const mark = said.summary.state === "ok" ? "" : `${SAID[said.summary.state]} · `;
  return `${mark}serverfleet-exporter`;
}

export function headlineOf(said) {
  const { state, text } = said.summary;
  return [badge(LOOKS[state], SAID[state]), element("span", {}, text)];
}

export function tilesOf(said, now) {
  const { summary, attention, volume, exporter, sources } = said;
  const calls = sources.reduce((sum, source) => sum + source.calls.needed_per_hour, 0);
  const split = SEVERITIES.filter((one) => attention[one]).map((one) => `${numberOf(attention[one])} ${one}`);
  return [
    tile("Sources", `${summary.sources_read} of ${summary.sources}`, "read"),
    tile("Servers", numberOf(summary.servers), "served"),
    tile("Need attention", element("a", { href: "#attention" }, numberOf(attention.total)), split.join(", ") || "all is well"),
    tile("API calls", numberOf(calls), "needed an hour"),
    tile("Series", numberOf(volume.series), "of the fleet"),
    tile("A scrape", bytesOf(volume.bytes_identity), `gzip: ${bytesOf(volume.bytes_gzip)}`),
    tile("Running for", moment(exporter.started_timestamp_seconds, now, "age"), `Python ${exporter.python}`),
  ];
}

const tile = (name, value, more) =>
  element("div", {}, element("dt", {}, name), element("dd", {}, value), element("dd", {}, more));

export function sourcesOf(said, now) {
  const few = said.sources.length <= OPEN_UP_TO;
  return said.sources.map((source) => {
    const open = few || source.state !== "ok";
    return element(
      "details",
      { class: "source", open, "data-key": source.name },
      headOf(source),
      element("div", { class: "inside" }, budgetOf(source), ...problemsOf(source), tableOf(source, now)),
    );
  });
}

function headOf(source) {
  const facts = element("span", { class: "facts" });
  facts.append(fact(source.servers, "servers"), fact(source.attention.total, "need attention"));
  return element(
    "summary",
    {},
    element("h3", {}, bidi(source.name)),
    badge(LOOKS[source.state], spoken(source.state)),
    badge("plain", source.vendor),
    facts,
  );
}

const fact = (count, words) => element("span", {}, element("b", {}, numberOf(count)), ` ${words}`);

function budgetOf({ address, calls }) {
  const { needed_per_hour: needed, allowed_per_hour: allowed } = calls;
  const words = `${numberOf(needed)} calls an hour needed, ${allowed === null ? "no limit set" : `${numberOf(allowed)} allowed`}`;
  const meter =
    allowed === null
      ? null
      : element("meter", { "aria-label": "Calls needed of those allowed", min: 0, max: allowed, high: allowed * 0.9, optimum: 0, value: needed });
  return element("p", { class: "budget" }, element("code", {}, bidi(address)), element("span", {}, words), meter);
}

function problemsOf(source) {
  const items = source.collectors.flatMap(itemsOf);
  return items.length ? [element("ul", { class: "problems" }, ...items)] : [];
}

/** The first collector is the inventory: without it the source is down. */
function itemsOf(collector, place) {
  const items = [];
  const { failure, drift } = collector;
  if (failure) {
    const times = collector.consecutive_failures;
    const row = times > 1 ? ` (${times} times in a row)` : "";
    items.push(problem(place === 0 ? "critical" : LOOKS[collector.state], collector, `${failure.reason}${row}: `, failure.text, todoOf(failure)));
  }
  if (collector.unavailable) items.push(problem("unknown", collector, "not available: ", collector.unavailable));
  if (drift) items.push(problem("warning", collector, "the API has changed: ", drift.text, todoOf(drift)));
  return items;
}

function todoOf({ advice, runbook }) {
  const link = element("a", { href: runbook, rel: "noreferrer" }, "Runbook");
  return element("p", { class: "todo" }, element("b", {}, "What to do: "), `${advice} `, link);
}

function problem(look, collector, what, text, todo = null) {
  const first = element("p", {}, element("b", {}, bidi(collector.name)), ` ${what}`, bidi(text));
  return element("li", { class: look }, first, todo);
}

function tableOf(source, now) {
  const heads = COLUMNS.map((name, place) => element("th", { scope: "col", class: place > 4 && "number" }, name));
  return element(
    "table",
    { class: "collectors cards" },
    element("caption", { class: "hidden" }, "Collectors of ", bidi(source.name)),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...source.collectors.map((collector) => rowOf(collector, now))),
  );
}

function rowOf(collector, now) {
  const cells = [
    [badge(LOOKS[collector.state], spoken(collector.state))],
    ageOf(collector, now),
    [nextOf(collector, now)],
    [lengthOf(collector.interval_seconds)],
    [tookOf(collector.duration_seconds)],
    [countOf(collector.calls)],
    [countOf(collector.items)],
    [countOf(collector.problems)],
  ];
  const data = cells.map((children, place) =>
    element("td", { "data-label": place > 0 && COLUMNS[place + 1], class: place > 3 && "number" }, ...children.filter((child) => child !== "")),
  );
  return element("tr", {}, element("th", { scope: "row" }, bidi(collector.name)), ...data);
}

const countOf = (value) => (value === null ? "" : numberOf(value));

function ageOf(collector, now) {
  const { last_success_timestamp_seconds: at, data_until_timestamp_seconds: until } = collector;
  if (at === null) return ["none yet"];
  const age = moment(at, now, "age");
  if (until !== null) return [age, " ", element("small", {}, `of ${aboutOf(until - at)}`)];
  return collector.state === "unavailable" ? ["none"] : [age, " ", element("small", {}, "no longer served")];
}

function nextOf(collector, now) {
  if (collector.running) return "running";
  const at = collector.next_run_timestamp_seconds;
  return at === null ? "waits" : moment(at, now, "in");
}

function moment(at, now, as) {
  const exact = new Date(at * 1000).toISOString();
  return element("time", { datetime: exact, title: exact.slice(0, 19).replace("T", " ") + " UTC", "data-at": at, "data-as": as }, momentOf(at, now, as));
}
