// Values of an answer as German readers see them, and as CSV for machines and for Excel.
"use strict";

(() => {
  const EMPTY = "–";
  const MOST_DIGITS = 4;
  const FORMULA = /^[=+\-@\t\r]/;

  /** Digits after the comma that a column of numbers needs, at most four. */
  function digitsOf(values) {
    let digits = 0;
    for (const value of values) {
      if (typeof value !== "number" || Number.isInteger(value)) continue;
      const text = value.toFixed(MOST_DIGITS).replace(/0+$/, "");
      digits = Math.max(digits, text.length - text.indexOf(".") - 1);
      if (digits === MOST_DIGITS) break;
    }
    return digits;
  }

  /** A function that writes the values of one column in German. */
  function writer(column, values) {
    const digits = column.kind === "number" ? digitsOf(values) : 0;
    const numbers = new Intl.NumberFormat("de-DE", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return (value) => {
      if (value === null) return EMPTY;
      if (typeof value === "number") return Number.isFinite(value) ? numbers.format(value) : String(value);
      if (typeof value === "boolean") return value ? "ja" : "nein";
      if (column.kind === "date") return german(value);
      if (column.kind === "time") return `${german(value.slice(0, 10))}, ${value.slice(11)}`;
      return String(value);
    };
  }

  function german(day) {
    const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
    return parts ? `${parts[3]}.${parts[2]}.${parts[1]}` : day;
  }

  /**
   * All rows as CSV. Texts that a spreadsheet would take for a formula get an apostrophe.
   *
   * @param {{columns: {name: string, kind: string}[], rows: unknown[][]}} answer
   * @param {boolean} excel semicolons, decimal commas and a byte order mark, as German Excel expects
   */
  function csv(answer, excel) {
    const separator = excel ? ";" : ",";
    const needsQuotes = excel ? /[;"\r\n]/ : /[,"\r\n]/;
    const cell = (value, isText) => {
      if (value === null) return "";
      let text = typeof value === "number" && excel ? String(value).replace(".", ",") : String(value);
      if (isText && FORMULA.test(text)) text = `'${text}`;
      return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [answer.columns.map((column) => cell(column.name, true))];
    for (const row of answer.rows) {
      lines.push(row.map((value, at) => cell(value, typeof value === "string" && answer.columns[at].kind === "text")));
    }
    const end = excel ? "\r\n" : "\n";
    return (excel ? "\ufeff" : "") + lines.map((line) => line.join(separator) + end).join("");
  }

  window.AskValues = { writer, csv };
})();
