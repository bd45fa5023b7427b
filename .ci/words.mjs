// Checks that whatever a service or the command line says is wrong with a field or a file, and why a service refuses,
// can be said in Chinese: finds the texts in the sources, where they are added to a list of faults or made an error, and
// looks for each in clients/cli/faults.tsv.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

// Where faults of fields reach people. The others speak to operators and programs, in English.
const folders = ["api", "audit", "directory", "document", "forward", "ledger", "listing", "order", "partner", "quota",
  "report", "reward", "round", "stall"].map((name) => `services/${name}/`).concat("clients/cli/");
const passedOver = /^services\/(reward\/(engine|offline|record)|rpc)\/|\/schedule\.|clients\/cli\/verify/;

// Where faults of the open files of clearing rounds are found; there more calls tell of them.
const ofRounds = /^(services\/round_files|clients\/offline)\/|^services\/matching\/(check_clearing|clearing\/range|policy|row_faults|validate_round)\./;

// The arguments of the call whose parenthesis is at `open`.
function argumentsAt(source, open) {
  const found = [];
  let depth = 0, begin = open + 1;
  for (let at = open; at < source.length; ++at) {
    const c = source[at];
    if (c === '"') {
      while (source[++at] !== '"') if (source[at] === "\\") ++at;
    } else if (c === "'" && source[at + 2] === "'") {
      at += 2;
    } else if ("([{".includes(c)) {
      ++depth;
    } else if (")]}".includes(c)) {
      if (--depth === 0) return [...found, source.slice(begin, at).trim()];
    } else if (c === "," && depth === 1) {
      found.push(source.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  return found;
}

// An expression as a pattern: literals as they are, braces for all else; null where it holds no text of its own.
function patternOf(expression) {
  if (/^("(?:[^"\\]|\\.)*"\s*)+$/.test(expression)) {
    return [...expression.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]).join("");
  }
  const call = /^(?:base::)?StrCat\(/.exec(expression);
  if (!call) return null;
  return argumentsAt(expression, call[0].length - 1).map((part) => patternOf(part) ?? "{}").join("");
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const known = readFileSync("clients/cli/faults.tsv", "utf8").split("\n").filter((line) => line && !line.startsWith("#"))
  .map((line) => new RegExp(`^${line.split("\t")[0].split("{}").map(escape).join(".+")}$`));

const calls = /\b(?:errors|faults|violations)_?\s*(?:\.|->)\s*(?:Require|Add)\(|\bRequire\(/g;
const callsOfClients = new RegExp(`${calls.source}|\\bInvalidArgumentError\\(`, "g");

const callsOfRounds = /\b(?:Require|Add|Fault|FaultAt|NotFoundError|InvalidArgumentError)\(/g;

// Where a service makes an error, and which argument says why.
const refusals = /\b(Refuse|MakeError|WrongState|Refer|Refusal|NoRecord|Overloaded|Unavailable)\(/g;
const places = { Refuse: 2, MakeError: 2, WrongState: 1, Refer: 1, Refusal: 1, NoRecord: 1, Overloaded: 0, Unavailable: 0 };

// The texts an expression may come to: both of a choice.
function textsOf(expression) {
  const choice = /\?\s*("[^"]*")\s*:\s*("[^"]*")$/.exec(expression ?? "");
  return (choice ? choice.slice(1) : [expression ?? ""]).map((text) => patternOf(text));
}

// What a call says about a clearing: the check of one says it in parts, after the rule and the place.
function textsOfRound(found) {
  if (!/^ClearingRule::/.test(found[1] ?? "")) return textsOf(found.at(-1));
  return [found.slice(3).map((part) => patternOf(part) ?? "{}").join("")];
}

let missing = 0;
for (const file of execFileSync("git", ["ls-files", "*.cc", "*.h"], { encoding: "utf8" }).split("\n")) {
  const isOfRounds = ofRounds.test(file);
  if (!isOfRounds && (!folders.some((folder) => file.startsWith(folder)) || passedOver.test(file))) continue;
  const source = readFileSync(file, "utf8").replace(/\/\/[^\n]*/g, "");
  const texts = [];
  const argumentsOf = (call) => argumentsAt(source, call.index + call[0].length - 1);
  if (isOfRounds) {
    for (const call of source.matchAll(callsOfRounds)) texts.push(...textsOfRound(argumentsOf(call)));
    for (const said of source.matchAll(/\berror_ = ("[^"]*")/g)) texts.push(patternOf(said[1]));
  } else {
    for (const call of source.matchAll(file.startsWith("clients/") ? callsOfClients : calls)) {
      texts.push(patternOf(argumentsOf(call).at(-1)));
    }
  }
  for (const call of file.startsWith("clients/") ? [] : source.matchAll(refusals)) {
    texts.push(...textsOf(argumentsOf(call)[places[call[1]]]));
  }
  for (const text of texts) {
    if (!/[a-z]/.test(text ?? "") || known.some((pattern) => pattern.test(text))) continue;
    console.error(`${file}: "${text}" is not in clients/cli/faults.tsv`);
    ++missing;
  }
}
if (missing > 0) process.exit(1);
console.log("words: ok");
