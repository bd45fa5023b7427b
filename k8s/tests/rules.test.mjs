// Holds every overlay and combination against every rule, then breaks a sound installation in one way after another and
// expects the very rule to complain, so that no rule is there that cannot fail.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { environment, ofKind, podOf, serverOf, workloads } from "./objects.mjs";
import { readEverything, repository } from "./render.mjs";
import { complaints, makeRules } from "./rules.mjs";

const zhuxiaod = process.env.ZHUXIAOD ?? path.join(repository, "build/bin/zhuxiaod");
const options = new Set(execFileSync(zhuxiaod, ["--help"], { encoding: "utf8" }).match(/--[a-z-]+/g));
const [, version] = /^project\(zhuxiao VERSION ([\d.]+)/m.exec(readFileSync(path.join(repository, "CMakeLists.txt"), "utf8"));
const rules = makeRules({ options, version });
const everything = await readEverything();
const overlay = (name) => structuredClone(everything.find((each) => each.name === name).objects);

test("every overlay and combination keeps every rule", () => {
  assert.ok(everything.length > 100, `only ${everything.length} renderings`);
  const wrong = everything.flatMap(({ name, components, objects }) =>
    complaints(rules, objects, components === null || components.includes("network-policies")).map((text) => `${name}: ${text}`),
  );
  assert.deepEqual(wrong, []);
});

const named = (objects, kind, name) => ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
const server = (objects) => named(objects, "StatefulSet", "zhuxiao");
const container = (objects) => serverOf(server(objects));
const redis = (objects) => named(objects, "StatefulSet", "redis");
const remove = (objects, kind, name) => objects.splice(objects.indexOf(named(objects, kind, name)), 1);
const store = (objects) => container(objects).env.find(({ name }) => name === "ZHUXIAO_STORE");

// [rule that complains, what is broken, how, in which overlay (province unless said)].
const breakages = [
  ["runs as nobody", "root allowed", (o) => delete podOf(server(o)).securityContext.runAsNonRoot],
  ["runs as nobody", "a user of the node", (o) => (podOf(server(o)).securityContext.runAsUser = 1000)],
  ["runs as nobody", "no seccomp profile", (o) => delete podOf(redis(o)).securityContext.seccompProfile],
  ["runs as nobody", "the node's network", (o) => (podOf(server(o)).hostNetwork = true)],
  ["runs as nobody", "a path of the node", (o) => podOf(server(o)).volumes.push({ name: "x", hostPath: { path: "/" } })],
  ["is confined", "privilege escalation", (o) => delete container(o).securityContext.allowPrivilegeEscalation],
  ["is confined", "privileged", (o) => (container(o).securityContext.privileged = true)],
  ["is confined", "capabilities kept", (o) => (container(o).securityContext.capabilities.drop = [])],
  ["is confined", "a capability added", (o) => (container(o).securityContext.capabilities.add = ["NET_ADMIN"])],
  ["is confined", "an init container as root", (o) => (podOf(redis(o)).initContainers[0].securityContext.runAsUser = 0)],
  ["has a read-only root", "a writable root", (o) => delete container(o).securityContext.readOnlyRootFilesystem],
  ["has a read-only root", "in an init container", (o) => delete podOf(redis(o)).initContainers[1].securityContext],
  ["has resources", "no limits", (o) => delete container(o).resources.limits],
  ["has resources", "no request of cpu", (o) => delete container(o).resources.requests.cpu],
  ["has resources", "less memory requested", (o) => (container(o).resources.requests.memory = "1Mi")],
  ["is probed", "no readiness", (o) => delete container(o).readinessProbe],
  ["is probed", "no liveness", (o) => delete container(o).livenessProbe],
  ["is probed", "no startup", (o) => delete container(o).startupProbe],
  ["is probed", "sentinel without a probe", (o) => delete podOf(redis(o)).containers[1].livenessProbe],
  ["is probed", "liveness that follows the store", (o) => (container(o).livenessProbe = { grpc: { port: 50051 } })],
  ["drains", "no preStop", (o) => delete container(o).lifecycle],
  ["drains", "killed early", (o) => (podOf(server(o)).terminationGracePeriodSeconds = 15)],
  ["drains", "probed by TCP without TLS", (o) => (container(o).readinessProbe = { tcpSocket: { port: 1 } }), "laptop"],
  ["drains", "probed by TCP with TLS", (o) => (container(o).readinessProbe = { tcpSocket: { port: 1 } })],
  ["drains", "asked in the clear", (o) => container(o).readinessProbe.exec.command.splice(3)],
  ["has a disruption budget", "none", (o) => remove(o, "PodDisruptionBudget", "zhuxiao")],
  ["has a disruption budget", "none for redis", (o) => remove(o, "PodDisruptionBudget", "redis")],
  ["has a disruption budget", "two at once", (o) => (named(o, "PodDisruptionBudget", "redis").spec.maxUnavailable = 2)],
  [
    "has a disruption budget",
    "one for two groups",
    (o) => delete named(o, "PodDisruptionBudget", "zhuxiao").spec.selector.matchLabels["app.kubernetes.io/component"],
  ],
  ["has a headless service", "none", (o) => remove(o, "Service", "zhuxiao")],
  ["has a headless service", "a virtual address", (o) => delete named(o, "Service", "zhuxiao").spec.clusterIP],
  ["has a headless service", "a port nobody has", (o) => (named(o, "Service", "redis").spec.ports[0].targetPort = "http")],
  ["has a headless service", "of another group", (o) => (server(o).spec.serviceName = "zhuxiao-trade")],
  [
    "has a headless service",
    "for all groups at once",
    (o) => delete named(o, "Service", "zhuxiao").spec.selector["app.kubernetes.io/component"],
  ],
  ["is spread", "not at all", (o) => delete podOf(redis(o)).topologySpreadConstraints],
  [
    "is spread",
    "by labels of another",
    (o) => (podOf(redis(o)).topologySpreadConstraints[0].labelSelector.matchLabels = { app: "other" }),
  ],
  ["scales only what is shared", "fixed replicas beside a scaler", (o) => (server(o).spec.replicas = 3)],
  ["scales only what is shared", "two on one directory", (o) => (server(o).spec.replicas = 2), "county"],
  ["scales only what is shared", "no reserve", (o) => (named(o, "HorizontalPodAutoscaler", "zhuxiao").spec.minReplicas = 1)],
  [
    "scales only what is shared",
    "a scaler of nothing",
    (o) => (named(o, "HorizontalPodAutoscaler", "zhuxiao").spec.scaleTargetRef.name = "other"),
  ],
  ["has one store", "none", (o) => (container(o).env = [])],
  ["has one store", "two", (o) => container(o).env.push({ ...store(o) })],
  ["has one store", "in memory", (o) => (store(o).value = "memory"), "laptop"],
  ["has one store", "another for one group", (o) => (store(o).value = "redis://other:6379")],
  ["has one store", "a redis that is not there", (o) => remove(o, "StatefulSet", "redis")],
  ["keeps its volumes", "redis deletes them", (o) => (redis(o).spec.persistentVolumeClaimRetentionPolicy.whenScaled = "Delete")],
  ["keeps its volumes", "embedded deletes them", (o) => delete server(o).spec.persistentVolumeClaimRetentionPolicy, "county"],
  ["keeps its volumes", "none", (o) => delete redis(o).spec.volumeClaimTemplates],
  [
    "has secrets as files",
    "in the environment",
    (o) => container(o).env.push({ name: "P", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
  ],
  ["has secrets as files", "all in the environment", (o) => (container(o).envFrom = [{ secretRef: { name: "s" } }])],
  ["has secrets as files", "committed", (o) => o.push({ kind: "Secret", metadata: { name: "s" } })],
  ["has secrets as files", "readable for all", (o) => delete podOf(server(o)).volumes[0].secret.defaultMode],
  [
    "has secrets as files",
    "that never changes",
    (o) => (container(o).volumeMounts.find(({ name }) => name === "tokens").subPath = "tokens"),
  ],
  ["has fixed images", "latest", (o) => (container(o).image = "zhuxiao:latest")],
  ["has fixed images", "of another version", (o) => (podOf(redis(o)).initContainers[0].image = "zhuxiao-redis:0.0.9")],
  ["needs no shell", "to sleep", (o) => (container(o).lifecycle.preStop = { exec: { command: ["/bin/sh", "-c", "sleep 5"] } })],
  ["needs no shell", "to probe", (o) => (podOf(redis(o)).containers[0].readinessProbe.exec.command = ["sh", "-c", "true"])],
  ["has no account", "a token of Kubernetes", (o) => delete podOf(server(o)).automountServiceAccountToken],
  ["has no account", "the default account", (o) => delete podOf(redis(o)).serviceAccountName],
  ["has no account", "service links", (o) => delete podOf(server(o)).enableServiceLinks],
  ["mounts what is there", "no such volume", (o) => (container(o).volumeMounts[0].name = "other")],
  ["mounts what is there", "no such configuration", (o) => (podOf(redis(o)).volumes[0].configMap = { name: "other" })],
  ["is in its namespace", "in another", (o) => (server(o).metadata.namespace = "default")],
  ["is in its namespace", "unlabelled", (o) => delete named(o, "Service", "zhuxiao").metadata.labels],
  [
    "is in its namespace",
    "that allows anything",
    (o) => (ofKind(o, "Namespace")[0].metadata.labels["pod-security.kubernetes.io/enforce"] = "privileged"),
  ],
  ["uses known options", "a word misspelt", (o) => container(o).args.push("--tokenz=/x")],
  [
    "is fenced",
    "no policies",
    (o) => ofKind(o, "NetworkPolicy").forEach(({ metadata }) => remove(o, "NetworkPolicy", metadata.name)),
  ],
  [
    "is fenced",
    "egress left open",
    (o) => ofKind(o, "NetworkPolicy").forEach(({ spec }) => (spec.policyTypes = ["Ingress"])),
  ],
  ["is fenced", "open to all", (o) => delete named(o, "NetworkPolicy", "zhuxiao").spec.ingress[0].from],
  ["is fenced", "open to every namespace", (o) => (named(o, "NetworkPolicy", "redis").spec.ingress[0].from = [{ namespaceSelector: {} }])],
  ["is fenced", "all ports", (o) => delete named(o, "NetworkPolicy", "redis").spec.egress[1].ports],
];

test("every rule sees what breaks it", async (t) => {
  for (const [rule, what, smash, name = "province"] of breakages) {
    await t.test(`${rule}: ${what}`, () => {
      const objects = overlay(name);
      smash(objects);
      const heard = complaints(rules, objects).filter((text) => text.startsWith(`${rule}: `));
      assert.notDeepEqual(heard, [], "nobody complained");
    });
  }
  const broken = new Set(breakages.map(([rule]) => rule));
  assert.deepEqual(Object.keys(rules).filter((rule) => !broken.has(rule)), [], "rules that nothing here breaks");
});

test("one group of servers serves everything, and the others what zhuxiaod knows", () => {
  const objects = overlay("province");
  const groups = Object.fromEntries(
    workloads(objects)
      .filter(serverOf)
      .map((set) => [set.metadata.name, environment(serverOf(set), "ZHUXIAO_SERVICES")]),
  );
  assert.deepEqual(Object.keys(groups).sort(), ["zhuxiao", "zhuxiao-partners", "zhuxiao-reports", "zhuxiao-trade"]);
  assert.equal(groups.zhuxiao, "all");
  const help = execFileSync(zhuxiaod, ["--help"], { encoding: "utf8" });
  const known = new Set(/all, or some of: ([a-z\s]+?)\n\s+--/.exec(help)[1].trim().split(/\s+/));
  const served = new Set(Object.values(groups).flatMap((names) => names.split(",")));
  served.delete("all");
  assert.deepEqual([...served].filter((name) => !known.has(name)), [], "services zhuxiaod does not know");
  assert.deepEqual([...known].filter((name) => !served.has(name)), [], "services that no group is made for");
});
