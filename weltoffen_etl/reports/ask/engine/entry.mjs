// The engine of the page "Daten befragen": DuckDB in a worker, and its values as plain ones.
// It offers one global, WeltoffenEngine.open(); nothing here touches the page.
import { AsyncDuckDB, VoidLogger } from "@duckdb/duckdb-wasm";
import { DataType, TimeUnit } from "apache-arrow";

const FILE = "weltoffen.duckdb";
const WORKER = "duckdb-browser-eh.worker.js";
const MODULE = "duckdb-eh.wasm";

// Order matters: what is attached stays readable, everything after it is locked.
const SETUP = [
  "SET autoinstall_known_extensions = false",
  "SET autoload_known_extensions = false",
  `ATTACH '${FILE}' AS weltoffen (READ_ONLY)`,
  "USE weltoffen",
  "SET enable_external_access = false",
  "SET lock_configuration = true",
];

/**
 * Starts DuckDB in a worker and opens one database in it, only for reading.
 *
 * @param {string} folder address of this engine's folder, on this origin
 * @param {ArrayBuffer} content bytes of the database
 * @returns {Promise<{query: (sql: string, most: number) => Promise<Answer>, close: () => void}>}
 *   query gives {columns: [{name, kind}], rows, more}: kind is number, text, date, time or boolean;
 *   close ends the worker, also in the middle of a query.
 */
export async function open(folder, content) {
  const worker = new Worker(new URL(WORKER, folder));
  const database = new AsyncDuckDB(new VoidLogger(), worker);
  try {
    await database.instantiate(new URL(MODULE, folder).href);
    await database.open({ allowUnsignedExtensions: false, query: { castBigIntToDouble: false } });
    await database.registerFileBuffer(FILE, new Uint8Array(content));
    const connection = await database.connect();
    for (const statement of SETUP) await connection.query(statement);
    return {
      query: (sql, most) =>
        query(connection, sql, most).catch((error) => {
          throw new Error(message(error));
        }),
      close: () => worker.terminate(),
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

async function query(connection, sql, most) {
  const reader = await connection.send(sql, true);
  await reader.open();
  const fields = reader.schema.fields;
  let batches = reader;
  if (fields.some((field) => DataType.isDictionary(field.type))) {
    // A stream comes without the words that such a column refers to.
    await connection.cancelSent();
    ({ batches } = await connection.query(sql));
  }
  const rows = [];
  let more = false;
  for await (const batch of batches) {
    const vectors = fields.map((_, number) => batch.getChildAt(number));
    for (let at = 0; at < batch.numRows && !more; at += 1) {
      more = rows.length === most;
      if (!more) rows.push(vectors.map((vector, number) => plain(vector.get(at), fields[number].type)));
    }
    if (more) break;
  }
  if (more && batches === reader) await connection.cancelSent();
  return { columns: fields.map((field) => ({ name: field.name, kind: kind(field.type) })), rows, more };
}

/** The message of an error as DuckDB's other clients write it; some come as JSON. */
function message(error) {
  const text = String(error?.message ?? error);
  if (!text.startsWith("{")) return text;
  const content = JSON.parse(text);
  return `${content.exception_type} Error: ${content.exception_message}`;
}

function kind(type) {
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type)) return "number";
  if (DataType.isBool(type)) return "boolean";
  if (DataType.isDate(type)) return "date";
  if (DataType.isTimestamp(type)) return "time";
  return "text";
}

/** A value as null, number, string or boolean; whole numbers that a double cannot hold as text. */
function plain(value, type) {
  if (value === null || value === undefined) return null;
  if (DataType.isDecimal(type)) return decimal(value, type.scale);
  if (typeof value === "bigint") {
    if (DataType.isTime(type)) return clock(Number(value), type.unit);
    return whole(value);
  }
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isTimestamp(type)) return moment(Number(value), Boolean(type.timezone));
  if (DataType.isTime(type)) return clock(Number(value), type.unit);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return Array.from(value, (x) => x.toString(16).padStart(2, "0")).join("");
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? whole(inner) : inner));
}

function whole(value) {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Four 32-bit words, the lowest first, in two's complement. */
function decimal(words, scale) {
  let value = 0n;
  for (let at = words.length - 1; at >= 0; at -= 1) value = (value << 32n) | BigInt(words[at] >>> 0);
  value = BigInt.asIntN(32 * words.length, value);
  if (scale === 0) return whole(value);
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  return Number(`${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
}

function moment(milliseconds, zoned) {
  const text = new Date(milliseconds).toISOString().replace("T", " ").replace(/(\.000)?Z$/, "");
  return zoned ? `${text}+00` : text;
}

function clock(value, unit) {
  const perSecond = { [TimeUnit.SECOND]: 1, [TimeUnit.MILLISECOND]: 1e3, [TimeUnit.MICROSECOND]: 1e6, [TimeUnit.NANOSECOND]: 1e9 }[unit];
  return new Date((value / perSecond) * 1000).toISOString().slice(11, 19);
}
