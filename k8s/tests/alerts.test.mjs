// Runs the alerts' own tests with promtool, spoils every alert to see them fail, and holds the names in alerts and
// dashboard against what a running zhuxiaod exports.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { repository, scratch } from "./render.mjs";

const run = promisify(execFile);
const metrics = path.join(repository, "k8s/components/metrics");
const alerts = parse(await readFile(path.join(metrics, "alerts.yaml"), "utf8")).spec;
const dashboard = JSON.parse(await readFile(path.join(metrics, "dashboard.json"), "utf8"));
const tests = path.join(repository, "k8s/tests/alerts.promtest.yaml");

// Runs promtool over rules in a directory of their own. Returns what it says and whether it was content.
async function promtool(name, rules, ...command) {
  const directory = path.join(scratch, "alerts", name);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, "alerts.yaml"), stringify(rules));
  await copyFile(tests, path.join(directory, "tests.yaml"));
  try {
    const { stdout } = await run("promtool", command, { cwd: directory });
    return { isContent: true, said: stdout };
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    return { isContent: false, said: `${error.stdout}${error.stderr}` };
  }
}

// What Grafana puts for its own variables does not matter to the syntax.
const dashboardQueries = dashboard.panels.flatMap(({ targets }) =>
  targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m")),
);

test("alerts and dashboard are valid PromQL", async () => {
  const records = dashboardQueries.map((expr, i) => ({ record: `dashboard:query:${i}`, expr }));
  const rules = { groups: [...alerts.groups, { name: "dashboard", rules: records }] };
  const { isContent, said } = await promtool("check", rules, "check", "rules", "alerts.yaml");
  assert.ok(isContent, said);
  rules.groups[1].rules[0].expr += " /";
  assert.ok(!(await promtool("check-broken", rules, "check", "rules", "alerts.yaml")).isContent);
});

test("alerts fire when they should and only then", async () => {
  const { isContent, said } = await promtool("sound", alerts, "test", "rules", "tests.yaml");
  assert.ok(isContent, said);
});

// Each way to spoil an alert, of which its tests must see every one.
const spoilers = {
  "never fires": (rule) => (rule.expr = "vector(0) > 1"),
  "fires at once": (rule) => delete rule.for,
  "has another severity": (rule) => (rule.labels.severity = "none"),
  "says nothing": (rule) => (rule.annotations = {}),
};

test("the alerts' tests see every alert that", async (t) => {
  for (const [how, spoil] of Object.entries(spoilers)) {
    await t.test(how, async () => {
      const spoilt = structuredClone(alerts);
      const rules = spoilt.groups.flatMap(({ rules }) => rules).filter((rule) => rule.for || how !== "fires at once");
      rules.forEach(spoil);
      const { isContent, said } = await promtool(how.replaceAll(" ", "-"), spoilt, "test", "rules", "tests.yaml");
      assert.ok(!isContent, "the tests passed");
      const unseen = rules.map(({ alert }) => alert).filter((alert) => !said.includes(`alertname: ${alert},`));
      assert.deepEqual(unseen, [], said);
    });
  }
});

// The text of /metrics of a zhuxiaod that serves all from memory.
async function exported() {
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(path.join(scratch, "zhuxiaod-"));
  const ports = path.join(directory, "ports");
  const tokens = `--tokens=${path.join(directory, "tokens")}`;
  const zhuxiaod = process.env.ZHUXIAOD ?? path.join(repository, "build/bin/zhuxiaod");
  const server = spawn(zhuxiaod, ["--store=memory", tokens, "--port=0", `--port-file=${ports}`], { stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    for (let tries = 0; tries < 600 && server.exitCode === null; ++tries) {
      const written = await readFile(ports, "utf8").catch(() => "");
      if (written) return await (await fetch(`http://127.0.0.1:${written.trim().split(" ")[1]}/metrics`)).text();
      await pause(100);
    }
    throw new Error("zhuxiaod did not start");
  } finally {
    server.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true });
  }
}

// What others export: Prometheus of each scrape, the kubelet of volumes.
const foreign = ["up", "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"];

// The metrics a query asks for, each with the labels it matches by "=" and their values.
function selectorsOf(query) {
  return [...query.matchAll(/\b([a-z_]+)\{([^}]*)\}/g)].map(([, name, matchers]) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"/g)].map(([, label, how, value]) => ({ label, how, value })),
  }));
}

test("alerts and dashboard ask for what zhuxiaod exports", async () => {
  const text = await exported();
  const queries = [...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)), ...dashboardQueries];
  const asked = queries.flatMap(selectorsOf).filter(({ name }) => !foreign.includes(name));
  assert.ok(asked.length > 15, `only ${asked.length} selectors found`);
  for (const query of queries) {
    const names = query.replaceAll(/"[^"]*"/g, "").match(/\b(grpc_server|exposer|kubelet|kube|node|redis|zhuxiao)_\w+/g) ?? [];
    for (const name of names) assert.ok(selectorsOf(query).some((each) => each.name === name), `${name} asked for bare`);
  }
  for (const { name, labels } of asked) {
    const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
    assert.ok(lines.length > 0, `zhuxiaod exports no ${name}`);
    for (const { label, how, value } of labels) {
      if (label === "job" || label === "pod") continue; // Prometheus adds these
      assert.ok(lines[0].includes(`${label}="`), `${name} has no label ${label}`);
      // A code shows once it has happened, so only the names of methods can be held against a fresh server.
      if (how === "=" && label === "grpc_method") assert.ok(lines.some((line) => line.includes(`${label}="${value}"`)), value);
    }
  }
  const codes = await readFile(path.join(repository, "services/rpc/metrics.cc"), "utf8");
  for (const { labels } of asked) {
    const values = labels.filter(({ label }) => label === "grpc_code").flatMap(({ value }) => value.split("|"));
    for (const code of values) assert.ok(codes.includes(`"${code}"`), `no code is written ${code}`);
  }
});
