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
   * All rows as CSV in the two forms that a release has: exact for machines, or as a German Excel
   * opens it, where a text that would be calculated gets an apostrophe.
   *
   * @param {{columns: {name: string, kind: string}[], rows: unknown[][]}} answer
   * @param {boolean} excel semicolons, decimal commas, German dates and a byte order mark
   */
  function csv(answer, excel) {
    const kinds = answer.columns.map((column) => column.kind);
    const needsQuotes = excel ? /[;"\r\n]/ : /[,"\r\n]/;
    const quoted = (text) => (text === "" || needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const cell = (value, kind) => {
      if (value === null) return "";
      return quoted(excel ? germanCell(value, kind) : String(value));
    };
    const line = (values, kindOf) => values.map((value, at) => cell(value, kindOf(at))).join(excel ? ";" : ",") + "\n";
    const head = line(answer.columns.map((column) => column.name), () => "text");
    return (excel ? "\ufeff" : "") + head + answer.rows.map((row) => line(row, (at) => kinds[at])).join("");
  }

  function germanCell(value, kind) {
    if (typeof value === "number") return String(value).replace(".", ",");
    if (typeof value === "boolean") return value ? "WAHR" : "FALSCH";
    if (kind === "date") return german(value);
    if (kind === "time") return `${german(value.slice(0, 10))} ${value.slice(11)}`;
    return kind === "text" && FORMULA.test(value) ? `'${value}` : value;
  }

  window.AskValues = { writer, csv };
})();
