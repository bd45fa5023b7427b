// Prints for each source named a digest of all that clang-tidy's word on it rests on, and its name: the source and the
// headers of ours it includes, however deep; every proto; the checks; the options of the build; the Debian packages,
// which have the other headers and clang-tidy itself. What has the digest of a source found clean is clean.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

const lines = (text) => text.split("\n").filter(Boolean);
const run = (program, ...options) => execFileSync(program, options, { encoding: "utf8", maxBuffer: 64 << 20 });
const digest = (...texts) => texts.reduce((hash, text) => hash.update(`${text.length}:`).update(text), createHash("sha256")).digest("hex");

const protos = lines(run("git", "ls-files", "proto")).map((name) => name + readFileSync(name, "utf8"));
const cmake = lines(run("git", "ls-files", "CMakeLists.txt", "*/CMakeLists.txt", ".cmake")).map((name) => readFileSync(name, "utf8"));
const common = digest(run("dpkg-query", "-W"), readFileSync(".clang-tidy", "utf8"), ...protos, ...cmake);

// Each file of ours: its text, and what it includes by the path from the root.
const read = new Map();
function look(name) {
  if (!read.has(name)) {
    const text = readFileSync(name, "utf8");
    read.set(name, { text, includes: [...text.matchAll(/^\s*#include "([^"]+)"/gm)].map((match) => match[1]).filter(existsSync) });
  }
  return read.get(name);
}

function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const included of look(name).includes) closure(included, seen);
  return seen;
}

for (const source of process.argv.slice(2)) {
  const texts = [...closure(source)].sort().map((name) => name + look(name).text);
  console.log(`${digest(common, ...texts)} ${source}`);
}
