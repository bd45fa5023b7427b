// Starts real Redis servers the way the manifests do, and again after they rewrote their configuration as Sentinel makes
// them, and asks what is in force: a setting that is overridden or refused shows here before it loses an order.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { ofKind, podOf } from "./objects.mjs";
import { readEverything, scratch } from "./render.mjs";

const run = promisify(execFile);
const everything = await readEverything();
const secret = {
  "redis.conf": "masterauth password",
  "sentinel.conf": "sentinel auth-pass zhuxiao password",
  "users.acl": "user default on >password ~* &* +@all\nuser probe on nopass resetkeys resetchannels -@all +ping",
};

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// The volumes of the pod NAME of a rendering, laid out below a new directory, with what its init containers copy. Paths
// in the files become those below it.
async function layOut(objects, name) {
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(path.join(scratch, "redis-"));
  const at = (text) => text.replaceAll(/(?<![\w.])\/(data|etc\/redis|run\/secrets\/redis)(?=\/|\s|$)/gm, `${directory}/$1`);
  const pod = podOf(ofKind(objects, "StatefulSet").find(({ metadata }) => metadata.name === "redis"));
  const { configMap } = pod.volumes.find((volume) => volume.name === "config");
  const { data } = ofKind(objects, "ConfigMap").find(({ metadata }) => metadata.name === configMap.name);
  for (const [folder, files] of Object.entries({ data: {}, "etc/redis": data, "run/secrets/redis": secret })) {
    await mkdir(path.join(directory, folder), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(directory, folder, file), at(text));
  }
  const inPod = (word) => at(word.replaceAll("$(POD_NAME)", name));
  for (const { command } of pod.initContainers ?? []) await run(command[0], command.slice(1).map(inPod));
  const argumentsOf = (container) => pod.containers.find((each) => each.name === container).args.map(inPod);
  const probeOf = (container) => pod.containers.find((each) => each.name === container).readinessProbe.exec.command;
  return { directory, argumentsOf, probeOf };
}

// Runs a server until `use` is done with it; `use` gets a function that runs redis-cli.
async function serving(args, port, use) {
  const server = spawn("redis-server", [...args, "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  server.stdout.on("data", (text) => (said += text));
  const ended = once(server, "exit");
  const ask = async (...words) => (await run("redis-cli", ["-e", "-p", String(port), ...words])).stdout.trim();
  try {
    for (let tries = 0; ; ++tries) {
      if (server.exitCode !== null || tries === 300) throw new Error(`redis-server did not start:\n${said}`);
      const answer = await ask("ping").catch((error) => error.stderr);
      if (/PONG|NOAUTH/.test(answer)) break;
      await pause(100);
    }
    await use(ask);
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

const asAdmin = ["--no-auth-warning", "-a", "password"];
const wanted = {
  appendonly: "yes",
  appendfsync: "always",
  "no-appendfsync-on-rewrite": "no",
  "aof-load-truncated": "no",
  "maxmemory-policy": "noeviction",
  maxmemory: String(1536 << 20),
  save: "",
  masterauth: "password",
};

async function checkServer(ask, probe, least) {
  for (const [name, value] of Object.entries({ ...wanted, "min-replicas-to-write": least })) {
    assert.equal((await ask(...asAdmin, "config", "get", name)).split("\n")[1] ?? "", value, name);
  }
  assert.equal(await ask(...probe.slice(probe.indexOf("-e") + 1)), "PONG");
  const asProbe = ["--no-auth-warning", "--user", "probe", "--pass", "any"];
  await assert.rejects(ask(...asProbe, "get", "x"), /NOPERM/);
  await assert.rejects(ask("get", "x"), /NOAUTH/);
}

test("redis-single starts with what it must have", async () => {
  const { objects } = everything.find(({ name }) => name === "redis-single");
  const pod = await layOut(objects, "redis-0");
  await serving(pod.argumentsOf("redis"), await freePort(), (ask) => checkServer(ask, pod.probeOf("redis"), "0"));
  await rm(pod.directory, { recursive: true });
});

test("redis-quorum keeps it after its configuration was rewritten", async () => {
  const { objects } = everything.find(({ name }) => name === "province");
  const pod = await layOut(objects, "redis-0");
  const port = await freePort();
  await serving(pod.argumentsOf("redis"), port, async (ask) => {
    await checkServer(ask, pod.probeOf("redis"), "1");
    await ask(...asAdmin, "config", "set", "appendfsync", "no");
    await ask(...asAdmin, "config", "rewrite");
  });
  await serving(pod.argumentsOf("redis"), port, (ask) => checkServer(ask, pod.probeOf("redis"), "1"));
  await rm(pod.directory, { recursive: true });
});

test("the other servers of redis-quorum follow the first, by name", async () => {
  const { objects } = everything.find(({ name }) => name === "province");
  for (const name of ["redis-1", "redis-2"]) {
    const pod = await layOut(objects, name);
    await serving(pod.argumentsOf("redis"), await freePort(), async (ask) => {
      assert.match(await ask(...asAdmin, "info", "replication"), /role:slave\r?\nmaster_host:redis-0\.redis\r?\nmaster_port:6379/);
      assert.equal((await ask(...asAdmin, "config", "get", "replica-announce-ip")).split("\n")[1], `${name}.redis`);
    });
    await rm(pod.directory, { recursive: true });
  }
});

test("sentinel watches, with the password, and remembers", async () => {
  const { objects } = everything.find(({ name }) => name === "province");
  const pod = await layOut(objects, "redis-0");
  const port = await freePort();
  // Sentinel resolves the name of the primary when it starts; here there is no such name.
  await run("sed", ["-i", "s/redis-0[.]redis/localhost/", path.join(pod.directory, "data/sentinel.conf")]);
  const args = pod.argumentsOf("sentinel");
  for (const start of ["first", "second"]) {
    await serving(args, port, async (ask) => {
      const state = await ask("sentinel", "master", "zhuxiao");
      assert.match(state, /\nlocalhost\nport\n6379\n/, start);
      assert.match(state, /quorum\n2\n/, start);
      assert.equal(await ask(...pod.probeOf("sentinel").slice(4)), "PONG");
    });
  }
  await rm(pod.directory, { recursive: true });
});
