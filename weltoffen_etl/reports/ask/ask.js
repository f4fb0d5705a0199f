// The page "Daten befragen": ready questions, own SQL, the answer as table, chart and file.
// Everything that is shown comes into the page as text, never as markup.
"use strict";

(() => {
  const STATUS = "/engine.json";
  const DATABASE = "../weltoffen.duckdb";
  const SHOWN = 1000;
  const FETCHED = 200000;
  const SENTENCES = [
    [/^Parser Error/, "Das ist so kein gültiges SQL."],
    [/^Catalog Error/, "Eine Tabelle oder Funktion dieses Namens gibt es nicht."],
    [/^Binder Error/, "Eine Spalte oder ein Ausdruck passt hier nicht."],
    [/^Conversion Error/, "Ein Wert lässt sich nicht umwandeln."],
    [/^Out of Memory|memory access out of bounds/i, "Das Ergebnis ist für den Browser zu groß."],
    [/read-only|disabled (by|through) configuration|file system|configuration has been locked|HTTP/i, "Der Stand wird nur gelesen, und nichts wird nachgeladen."],
  ];

  const byId = (id) => document.getElementById(id);
  const sql = byId("sql");
  const questions = [...document.querySelectorAll("button.question")];
  const counted = (number, one, many) => (number === 1 ? one : `${number.toLocaleString("de-DE")} ${many}`);

  let session = null;
  let answer = null;
  let axes = null;
  let running = 0;
  let chosen = null;

  function say(text) {
    byId("state").textContent = text;
  }

  function show(id, visible) {
    byId(id).hidden = !visible;
  }

  // ---- the engine -------------------------------------------------------------------------

  async function status() {
    try {
      const response = await fetch(STATUS);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  function script(address) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = address;
      element.onload = resolve;
      element.onerror = () => reject(new Error(address));
      document.head.append(element);
    });
  }

  async function start(folder) {
    const database = fetch(DATABASE).then((response) => {
      if (!response.ok) throw new Error(`${DATABASE}: ${response.status}`);
      return response.arrayBuffer();
    });
    if (!window.WeltoffenEngine) await script(`${folder}ask-engine.js`);
    return window.WeltoffenEngine.open(new URL(folder, location.href).href, await database);
  }

  function restart(folder) {
    const opened = start(folder);
    session = { folder, opened };
    return opened;
  }

  async function begin() {
    if (location.protocol === "file:") {
      show("as-file", true);
      return;
    }
    const found = await status();
    if (!found?.installed) {
      show(found ? "no-engine" : "no-server", true);
      return;
    }
    say("DuckDB wird geladen …");
    try {
      await restart(found.folder);
    } catch (error) {
      fail("Das Abfragewerkzeug ließ sich nicht starten.", String(error?.message ?? error));
      return;
    }
    byId("run").disabled = false;
    say("Bereit.");
    if (chosen) run();
  }

  // ---- a query ----------------------------------------------------------------------------

  async function run() {
    const text = sql.value.trim();
    if (!session || running || !text) return;
    const mine = (running = Date.now());
    remember(text);
    show("failure", false);
    show("stop", true);
    byId("run").disabled = true;
    say("Die Abfrage läuft …");
    const begun = performance.now();
    try {
      const opened = await session.opened;
      const found = await opened.query(text, FETCHED);
      if (running !== mine) return;
      present(found, (performance.now() - begun) / 1000);
    } catch (error) {
      if (running !== mine) return;
      const detail = String(error?.message ?? error);
      show("result", false);
      fail(SENTENCES.find(([form]) => form.test(detail))?.[1] ?? "DuckDB konnte die Abfrage nicht ausführen.", detail);
    }
    finish();
  }

  function finish() {
    running = 0;
    byId("run").disabled = false;
    show("stop", false);
  }

  async function stop() {
    const { folder, opened } = session;
    running = 0;
    say("Abgebrochen; DuckDB wird neu geladen …");
    (await opened).close();
    try {
      await restart(folder);
      say("Abgebrochen.");
    } catch (error) {
      fail("Das Abfragewerkzeug ließ sich nicht starten.", String(error?.message ?? error));
    }
    finish();
  }

  function fail(sentence, detail) {
    say("");
    byId("failure-says").textContent = sentence;
    byId("failure-detail").textContent = detail;
    show("failure", true);
  }

  // ---- the answer -------------------------------------------------------------------------

  function present(found, seconds) {
    answer = found;
    const rows = found.more ? `mehr als ${FETCHED.toLocaleString("de-DE")} Zeilen` : counted(found.rows.length, "eine Zeile", "Zeilen");
    const time = `${seconds.toLocaleString("de-DE", { maximumFractionDigits: 2 })} Sekunden`;
    const parts = [`${rows}, ${counted(found.columns.length, "eine Spalte", "Spalten")}, ${time}.`];
    if (found.more) parts.push("Geladen und herunterzuladen sind nur die ersten; mit LIMIT oder WHERE eingrenzen.");
    if (found.rows.length > SHOWN) parts.push(`Gezeigt sind die ersten ${SHOWN.toLocaleString("de-DE")}; die CSV-Datei enthält alle geladenen.`);
    if (!found.rows.length) parts.push("Keine Zeile erfüllt die Bedingungen.");
    byId("result-facts").textContent = parts.join(" ");
    byId("rows").replaceChildren(table(found));
    show("result", true);
    say(`Fertig: ${parts[0]}`);
    prepareChart();
  }

  function table(found) {
    const element = document.createElement("table");
    const head = element.createTHead().insertRow();
    const isNumber = found.columns.map((column) => column.kind === "number");
    found.columns.forEach((column, at) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = column.name;
      cell.className = isNumber[at] ? "number" : "";
      head.append(cell);
    });
    const writers = found.columns.map((column, at) => window.AskValues.writer(column, found.rows.map((row) => row[at])));
    const body = element.createTBody();
    for (const row of found.rows.slice(0, SHOWN)) {
      const line = body.insertRow();
      row.forEach((value, at) => {
        const cell = line.insertCell();
        cell.textContent = writers[at](value);
        cell.className = [isNumber[at] ? "number" : "", value === null ? "zero" : ""].join(" ").trim();
      });
    }
    return element;
  }

  function download(excel) {
    const content = new Blob([window.AskValues.csv(answer, excel)], { type: "text/csv;charset=utf-8" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = `${chosen ? `frage-${chosen}` : "abfrage"}${excel ? "-excel" : ""}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // ---- the chart --------------------------------------------------------------------------

  function prepareChart() {
    const { by, values, groups } = window.AskChart.choices(answer);
    const possible = values.length > 0 && by.length > 1 && answer.rows.length > 0;
    byId("show-chart").disabled = !possible;
    if (!possible) {
      view(false);
      return;
    }
    const wanted = questions.find((x) => x.dataset.number === chosen)?.dataset.chart;
    axes = window.AskChart.suggestion(answer, wanted ? JSON.parse(wanted) : null);
    fill("chart-by", by, axes.by);
    fill("chart-value", values, axes.value);
    fill("chart-group", [-1, ...groups], axes.group);
    if (byId("show-chart").getAttribute("aria-pressed") === "true") drawChart();
  }

  function fill(id, columns, selected) {
    const options = columns.map((at) => new Option(at < 0 ? "keine" : answer.columns[at].name, String(at), false, at === selected));
    byId(id).replaceChildren(...options);
  }

  async function drawChart() {
    const element = byId("chart");
    try {
      const says = await window.AskChart.draw(element, answer, axes);
      byId("chart-says").textContent = says;
      element.setAttribute("aria-label", `Diagramm: ${says} Die Zahlen stehen in der Tabelle.`);
    } catch (error) {
      fail("Das Diagramm ließ sich nicht zeichnen.", String(error?.message ?? error));
    }
  }

  function view(asChart) {
    byId("show-table").setAttribute("aria-pressed", String(!asChart));
    byId("show-chart").setAttribute("aria-pressed", String(asChart));
    show("rows", !asChart);
    show("chart-part", asChart);
    if (asChart) drawChart();
  }

  // ---- questions, editor, address ---------------------------------------------------------

  function choose(number) {
    chosen = number;
    for (const button of questions) {
      const mine = button.dataset.number === number;
      button.setAttribute("aria-pressed", String(mine));
      show(`about-${button.dataset.number}`, mine);
      if (!mine) continue;
      sql.value = statementOf(button);
      address(button);
    }
  }

  /** Puts the chosen municipality into the words, the link and the command beside a question. */
  function address(button) {
    const place = placeOf(button);
    if (!place) return;
    const { example, key } = place.dataset;
    const ownKey = place.selectedOptions[0].dataset.key;
    const own = (text, name = place.value) => text.replaceAll(example, () => name).replaceAll(key, ownKey);
    // In a command, a name of several words is one only between quotes.
    const typed = /[^\p{L}-]/u.test(place.value) ? `"${place.value}"` : place.value;
    for (const element of byId(`about-${button.dataset.number}`).querySelectorAll("[data-own]")) {
      element.dataset.own ||= element.textContent;
      element.textContent = own(element.dataset.own, element.localName === "code" ? typed : place.value);
      if (!element.href) continue;
      element.dataset.page ??= element.getAttribute("href");
      element.setAttribute("href", own(element.dataset.page));
    }
  }

  const placeOf = (button) => byId(`place-${button.dataset.number}`);
  const literal = (text) => `'${text.replaceAll("'", "''")}'`;

  /** The statement of a ready question, for the municipality that is chosen. */
  function statementOf(button) {
    const place = placeOf(button);
    return place ? button.dataset.sql.replaceAll(literal(place.dataset.example), () => literal(place.value)) : button.dataset.sql;
  }

  function unchanged() {
    const button = questions.find((x) => x.dataset.number === chosen);
    return button && statementOf(button).trim() === sql.value.trim();
  }

  function remember(text) {
    let state = `sql=${encodeURIComponent(text)}`;
    if (chosen && unchanged()) {
      const place = byId(`place-${chosen}`);
      state = `frage=${chosen}${place ? `&kommune=${encodeURIComponent(place.value)}` : ""}`;
    }
    history.replaceState(null, "", `#${state}`);
  }

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
    const number = state.get("frage");
    const text = state.get("sql");
    if (questions.some((x) => x.dataset.number === number)) {
      const place = byId(`place-${number}`);
      if ([...(place?.options ?? [])].some((x) => x.value === state.get("kommune"))) place.value = state.get("kommune");
      choose(number);
    } else if (text) {
      choose(null);
      sql.value = text;
      say("Die Abfrage stammt aus einem Link; Ausführen startet sie.");
    }
  }

  async function share() {
    remember(sql.value.trim());
    try {
      await navigator.clipboard.writeText(location.href);
      say("Der Link mit der Abfrage ist in der Zwischenablage. Er gilt, wo dieser Stand mit weltoffen serve läuft.");
    } catch {
      say("Der Link mit der Abfrage steht jetzt in der Adresszeile.");
    }
  }

  function insert(name) {
    const before = sql.value.slice(0, sql.selectionStart);
    const gap = before && !/[\s(.,]$/.test(before) ? " " : "";
    sql.setRangeText(gap + name, sql.selectionStart, sql.selectionEnd, "end");
    sql.dispatchEvent(new Event("input"));
    sql.focus();
  }

  /** A new line begins as far in as the one before; Tab stays the key that leaves the field. */
  function newLine(event) {
    const before = sql.value.slice(0, sql.selectionStart);
    const inset = /(?:^|\n)([ \t]*)[^\n]*$/.exec(before)[1];
    if (!inset) return;
    event.preventDefault();
    sql.setRangeText(`\n${inset}`, sql.selectionStart, sql.selectionEnd, "end");
  }

  function filter() {
    const wanted = byId("filter").value.trim().toLowerCase();
    let hits = 0;
    for (const element of document.querySelectorAll("details.table")) {
      const title = element.querySelector("summary").textContent.toLowerCase();
      let inside = 0;
      for (const column of element.querySelectorAll("li")) {
        const hit = !wanted || title.includes(wanted) || column.textContent.toLowerCase().includes(wanted);
        column.hidden = !hit;
        inside += Number(hit);
      }
      element.hidden = inside === 0;
      element.open = wanted.length > 2 && inside > 0 && !title.includes(wanted);
      hits += Number(inside > 0);
    }
    show("no-table", hits === 0);
  }

  for (const button of questions) {
    button.addEventListener("click", () => {
      choose(button.dataset.number);
      byId(`about-${chosen}`).scrollIntoView();
      run();
    });
  }
  for (const place of document.querySelectorAll("select.place")) {
    place.addEventListener("change", () => {
      choose(chosen);
      run();
    });
  }
  document.querySelector(".tables").addEventListener("click", (event) => {
    const button = event.target.closest("button.insert");
    if (button) insert(button.dataset.insert);
  });
  sql.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.isComposing) {
      newLine(event);
    }
  });
  sql.addEventListener("input", () => {
    if (chosen && !unchanged()) choose(null);
  });
  byId("filter").addEventListener("input", filter);
  byId("run").addEventListener("click", run);
  byId("stop").addEventListener("click", stop);
  byId("share").addEventListener("click", share);
  byId("csv").addEventListener("click", () => download(false));
  byId("csv-excel").addEventListener("click", () => download(true));
  byId("show-table").addEventListener("click", () => view(false));
  byId("show-chart").addEventListener("click", () => view(true));
  for (const [id, key] of [["chart-by", "by"], ["chart-value", "value"], ["chart-group", "group"]]) {
    byId(id).addEventListener("change", (event) => {
      axes[key] = Number(event.target.value);
      drawChart();
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (answer && !byId("chart-part").hidden) drawChart();
  });
  addEventListener("hashchange", () => {
    restore();
    if (chosen) run();
  });
  restore();
  begin();
})();
