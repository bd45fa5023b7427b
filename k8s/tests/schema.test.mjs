// Holds every object that is rendered against the schema of its kind: kubernetes-models has them as types, so each
// distinct object becomes a typed literal and the compiler names unknown fields and wrong values.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { nameOf } from "./objects.mjs";
import { readEverything, repository, scratch } from "./render.mjs";

const modules = path.join(repository, "k8s/tests/node_modules");

// The module of an object's type, as kubernetes-models lays them out.
function moduleOf({ apiVersion, kind }) {
  const of = apiVersion === "monitoring.coreos.com/v1" ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  return `${of}/${apiVersion.replace(/\.k8s\.io/, ".k8s.io")}/${kind}`;
}

// Compiles the objects as typed literals. Returns the compiler's complaints, "" where there are none.
async function compile(name, objects) {
  const directory = path.join(scratch, "schema", name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await symlink(modules, path.join(directory, "node_modules"));
  const kinds = new Map(objects.map((object) => [`I${object.kind}`, moduleOf(object)]));
  const lines = [...kinds].map(([type, module]) => `import type { ${type} } from "${module}";`);
  objects.forEach((object, i) => {
    lines.push(`// ${nameOf(object)}`, `export const object${i}: I${object.kind} = ${JSON.stringify(object, null, 2)};`);
  });
  await writeFile(path.join(directory, "objects.ts"), lines.join("\n"));
  await writeFile(path.join(directory, "package.json"), '{"type": "module"}');
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, target: "es2022", module: "nodenext", types: [] };
  await writeFile(path.join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["objects.ts"] }));
  try {
    await promisify(execFile)(process.execPath, [path.join(modules, "typescript/bin/tsc"), "--pretty", "false"], {
      cwd: directory,
      maxBuffer: 64 << 20,
    });
    return "";
  } catch (error) {
    return error.stdout || error.message;
  }
}

const all = (await readEverything()).flatMap(({ objects }) => objects);
const objects = [...new Map(all.map((object) => [JSON.stringify(object), object])).values()];

test("every object is of its schema", async () => {
  assert.ok(objects.length > 50, `only ${objects.length} objects`);
  assert.equal(await compile("sound", objects), "");
});

test("the schema sees unknown fields and wrong values", async () => {
  const set = objects.find(({ kind }) => kind === "StatefulSet");
  const monitor = objects.find(({ kind }) => kind === "ServiceMonitor");
  const breakages = [
    [/"replica"' does not exist in type 'IStatefulSetSpec'/, set, (o) => (o.spec.replica = 1)],
    [/"periodSecond"' does not exist in type 'IProbe'/, set, (o) => (o.spec.template.spec.containers[0].livenessProbe.periodSecond = 1)],
    [/'"ScheduleAnyway" \| "DoNotSchedule"'/, set, (o) => (o.spec.template.spec.topologySpreadConstraints[0].whenUnsatisfiable = 7)],
    [/'string\[\]' is not assignable to type 'string'/, set, (o) => (o.spec.serviceName = ["zhuxiao"])],
    [/'number' is not assignable to type 'string'/, monitor, (o) => (o.spec.endpoints[0].interval = 15)],
  ];
  const broken = breakages.map(([, object, smash]) => {
    const copy = structuredClone(object);
    smash(copy);
    return copy;
  });
  const heard = (await compile("broken", broken)).match(/^objects\.ts\(.*$/gm) ?? [];
  assert.equal(heard.length, broken.length, heard.join("\n"));
  for (const [wanted] of breakages) assert.ok(heard.some((line) => wanted.test(line)), `${wanted} in\n${heard.join("\n")}`);
});
