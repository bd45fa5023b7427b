// Renders the overlays, and every combination of components that makes sense, with kubectl. Run by itself it writes
// them to SCRATCH for the tests, which read them from there.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";

const run = promisify(execFile);
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
// Where everything made here goes; .ci/k8s.sh says so.
export const scratch = path.resolve(process.env.SCRATCH ?? path.join(repository, "build/k8s"));
const kubectl = process.env.KUBECTL ?? "kubectl";
const rendered = path.join(scratch, "rendered.json");

const overlays = ["laptop", "county", "province"];

// What may go with each store. Several servers need a store they share.
const servers = { embedded: [[]], "redis-single": [[], ["replicas"], ["roles"], ["roles", "replicas"]] };
servers["redis-quorum"] = servers["redis-single"];
const transports = [[], ["tls"], ["tls", "client-certificates"]];

// Every sensible list of components, in the order their comments ask for.
function combinations() {
  const all = [];
  for (const [store, groups] of Object.entries(servers)) {
    for (const group of groups) {
      for (const transport of transports) {
        for (const policies of [[], ["network-policies"]]) {
          for (const metrics of [[], ["metrics"]]) {
            const roles = group.filter((name) => name === "roles");
            const rest = group.filter((name) => name !== "roles");
            all.push([...roles, store, ...rest, ...policies, ...transport, ...metrics]);
          }
        }
      }
    }
  }
  return all;
}

// The objects of a kustomization, as `kubectl apply -k` would send them. Throws what kubectl says where it fails.
async function render(directory) {
  const { stdout } = await run(kubectl, ["kustomize", directory], { maxBuffer: 64 << 20 });
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

const renderOverlay = (name) => render(path.join(repository, "k8s/overlays", name));

async function renderCombination(components) {
  const directory = path.join(scratch, "combinations", components.join("+"));
  await mkdir(directory, { recursive: true });
  const from = (what) => path.relative(directory, path.join(repository, "k8s", what));
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: "zhuxiao",
    resources: [from("base/namespace"), from("base")],
    components: components.map((name) => from(`components/${name}`)),
  };
  await writeFile(path.join(directory, "kustomization.yaml"), JSON.stringify(kustomization));
  return render(directory);
}

// [{name, components, objects}] of all overlays (components: null) and combinations, a few rendered at a time.
async function renderEverything() {
  const jobs = [
    ...overlays.map((name) => async () => ({ name, components: null, objects: await renderOverlay(name) })),
    ...combinations().map((components) => async () => ({
      name: components.join(" + "),
      components,
      objects: await renderCombination(components),
    })),
  ];
  const results = new Array(jobs.length);
  let next = 0;
  const work = async () => {
    for (let job = next++; job < jobs.length; job = next++) results[job] = await jobs[job]();
  };
  await Promise.all([work(), work(), work(), work()]);
  return results;
}

// What renderEverything made when this file was run.
export const readEverything = async () => JSON.parse(await readFile(rendered, "utf8"));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = await renderEverything();
  await mkdir(scratch, { recursive: true });
  await writeFile(rendered, JSON.stringify(results));
  console.log(`rendered ${overlays.length} overlays and ${results.length - overlays.length} combinations`);
}
