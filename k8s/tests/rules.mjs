// What must hold of everything that is installed: each rule looks at the objects of one kustomization and returns what
// is wrong, one sentence each. rules.test.mjs holds every rendering against every rule, and breaks manifests to see
// each rule object. The restricted profile of Kubernetes is among them, so that it is known before a cluster refuses.
import { containers, nameOf, ofKind, podLabels, podOf, selects, serverOf, storeOf, workloads } from "./objects.mjs";

const isShared = (store) => /^redis/.test(store ?? "");
const at = ({ workload, container }) => `${nameOf(workload)}, container ${container.name}`;

// Complaints of a check made of each container.
const ofContainers = (check) => (objects) =>
  containers(objects).flatMap((found) => check(found.container, found).map((text) => `${at(found)}: ${text}`));
const ofWorkloads = (check) => (objects) =>
  workloads(objects).flatMap((workload) => check(workload, objects).map((text) => `${nameOf(workload)}: ${text}`));
const unless = (condition, text) => (condition ? [] : [text]);

function runsAsNobody(workload) {
  const { securityContext = {}, ...pod } = podOf(workload);
  return [
    ...unless(securityContext.runAsNonRoot === true, "runAsNonRoot is not true"),
    ...unless(securityContext.runAsUser >= 10_000, "runAsUser may be a user of the node"),
    ...unless(securityContext.seccompProfile?.type === "RuntimeDefault", "seccompProfile is not RuntimeDefault"),
    ...unless(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, "shares a namespace of the node"),
    ...unless(!(pod.volumes ?? []).some((volume) => volume.hostPath), "mounts a path of the node"),
  ];
}

function isConfined({ securityContext = {} }) {
  return [
    ...unless(securityContext.allowPrivilegeEscalation === false, "allowPrivilegeEscalation is not false"),
    ...unless(!securityContext.privileged, "is privileged"),
    ...unless(securityContext.capabilities?.drop?.includes("ALL"), "does not drop all capabilities"),
    ...unless(!securityContext.capabilities?.add?.length, "adds capabilities"),
    ...unless(securityContext.runAsUser !== 0 && securityContext.runAsNonRoot !== false, "may run as root"),
  ];
}

const isReadOnly = ({ securityContext = {} }) =>
  unless(securityContext.readOnlyRootFilesystem === true, "readOnlyRootFilesystem is not true");

function hasResources({ resources: { requests = {}, limits = {} } = {} }) {
  return [
    ...["cpu", "memory"].flatMap((what) => [
      ...unless(requests[what], `requests no ${what}`),
      ...unless(limits[what], `has no limit of ${what}`),
    ]),
    ...unless(requests.memory === limits.memory, "requests less memory than it may use, so a node may evict it"),
  ];
}

function hasProbes(container, { isInit }) {
  if (isInit) return [];
  return [
    ...["startupProbe", "readinessProbe", "livenessProbe"].flatMap((probe) => unless(container[probe], `has no ${probe}`)),
    // Health tells of the store too, and a restart does not mend that.
    ...unless(!container.livenessProbe?.grpc, "livenessProbe asks the health service"),
  ];
}

const usesTls = (container) => (container.args ?? []).some((argument) => argument.startsWith("--tls-certificate"));

// `zhuxiaod health` with a certificate, since the kubelet's gRPC probe speaks no TLS.
const asksByTls = ({ exec } = {}) =>
  exec?.command?.[1] === "health" && exec.command.some((argument) => argument.startsWith("--tls-certificate="));

function drains(workload) {
  const server = serverOf(workload);
  if (!server) return [];
  const pause = server.lifecycle?.preStop?.sleep?.seconds ?? 0;
  const drain = 11; // zhuxiaod's own deadline (rpc::ServerOptions::drain_deadline) and a second
  return [
    ...unless(pause >= 3, "preStop leaves the proxies no time to forget the address"),
    ...unless(podOf(workload).terminationGracePeriodSeconds >= pause + 2 * drain, "is killed before it has drained"),
    ...["startupProbe", "readinessProbe"].flatMap((probe) =>
      unless(usesTls(server) ? asksByTls(server[probe]) : server[probe]?.grpc, `${probe} does not ask the health service`),
    ),
  ];
}

// Each workload is selected by one object of a kind, which selects nothing else.
function coveredBy(kind, selectorOf) {
  return (objects) => {
    const covers = ofKind(objects, kind);
    const found = workloads(objects).flatMap((workload) => {
      const by = covers.filter((cover) => selects(selectorOf(cover), podLabels(workload)));
      return unless(by.length === 1, `${nameOf(workload)}: is selected by ${by.length} of kind ${kind}, not by one`);
    });
    const astray = covers.flatMap((cover) => {
      const count = workloads(objects).filter((workload) => selects(selectorOf(cover), podLabels(workload))).length;
      return unless(count === 1, `${nameOf(cover)}: selects ${count} workloads, not one`);
    });
    return [...found, ...astray];
  };
}

const disrupted = coveredBy("PodDisruptionBudget", (budget) => budget.spec.selector);
const budgets = (objects) => [
  ...disrupted(objects),
  ...ofKind(objects, "PodDisruptionBudget").flatMap((budget) =>
    unless(budget.spec.maxUnavailable === 1, `${nameOf(budget)}: maxUnavailable is not 1`),
  ),
];

const selectedOnce = coveredBy("StatefulSet", (set) => set.spec.selector);
const served = coveredBy("Service", (service) => ({ matchLabels: service.spec.selector }));
function services(objects) {
  return [
    ...served(objects),
    ...selectedOnce(objects),
    ...ofKind(objects, "StatefulSet").flatMap((set) => {
      const service = ofKind(objects, "Service").find(({ metadata }) => metadata.name === set.spec.serviceName);
      if (!service) return [`${nameOf(set)}: serviceName names no Service`];
      const ports = podOf(set).containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
      return [
        ...unless(service.spec.clusterIP === "None", `${nameOf(service)}: is not headless`),
        ...unless(selects({ matchLabels: service.spec.selector }, podLabels(set)), `${nameOf(set)}: has another's Service`),
        ...service.spec.ports.flatMap(({ targetPort }) =>
          unless(ports.includes(targetPort), `${nameOf(service)}: no container has the port ${targetPort}`),
        ),
      ];
    }),
  ];
}

function spreads(workload) {
  const constraints = podOf(workload).topologySpreadConstraints ?? [];
  return [
    ...["kubernetes.io/hostname", "topology.kubernetes.io/zone"].flatMap((key) =>
      unless(constraints.some(({ topologyKey }) => topologyKey === key), `is not spread over ${key}`),
    ),
    ...unless(
      constraints.every(({ labelSelector }) => selects(labelSelector, podLabels(workload))),
      "is spread by labels its own pods do not have",
    ),
  ];
}

// The rules of ingress and egress of all policies that select a workload.
function openings(objects, workload) {
  const policies = ofKind(objects, "NetworkPolicy").filter(({ spec }) => selects(spec.podSelector, podLabels(workload)));
  const types = new Set(policies.flatMap(({ spec }) => spec.policyTypes ?? []));
  const rules = policies.flatMap(({ spec }) => [
    ...(spec.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports })),
    ...(spec.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports })),
  ]);
  return { types, rules };
}

function isFenced(workload, objects) {
  const { types, rules } = openings(objects, workload);
  const isWide = ({ namespaceSelector, podSelector, ipBlock }) =>
    ipBlock?.cidr?.endsWith("/0") || (namespaceSelector && !Object.keys(namespaceSelector).length && !podSelector);
  return [
    ...["Ingress", "Egress"].flatMap((type) => unless(types.has(type), `no network policy limits its ${type}`)),
    ...unless(rules.every(({ peers }) => peers?.length && !peers.some(isWide)), "a network policy opens it to everyone"),
    ...unless(rules.every(({ ports }) => ports?.length), "a network policy opens all ports"),
  ];
}

function scaling(objects) {
  const sets = workloads(objects);
  const scalers = ofKind(objects, "HorizontalPodAutoscaler");
  const targets = scalers.flatMap((scaler) => {
    const { kind, name } = scaler.spec.scaleTargetRef;
    const target = sets.find((set) => set.kind === kind && set.metadata.name === name);
    if (!target) return [`${nameOf(scaler)}: its target is not there`];
    return [
      ...unless(target.spec.replicas === undefined, `${nameOf(target)}: replicas would fight ${nameOf(scaler)}`),
      ...unless(isShared(storeOf(target)), `${nameOf(target)}: is scaled though its store is not shared`),
      ...unless(scaler.spec.minReplicas >= 2, `${nameOf(scaler)}: one replica is no reserve`),
    ];
  });
  const embedded = sets.filter((set) => serverOf(set) && !isShared(storeOf(set)));
  return [
    ...targets,
    ...embedded.flatMap((set) => unless(set.spec.replicas === 1, `${nameOf(set)}: one process a directory, so replicas is 1`)),
  ];
}

function stores(objects) {
  const servers = workloads(objects).filter(serverOf);
  const values = new Set(servers.map(storeOf));
  return [
    ...unless(servers.length > 0, "there is no zhuxiaod"),
    ...unless(values.size === 1, "the servers are not on one store"),
    ...servers.flatMap((set) => [
      ...unless(/^(rocksdb:\/|redis:\/\/|redis\+sentinel:\/\/)/.test(storeOf(set) ?? ""), `${nameOf(set)}: has no store`),
      ...unless(
        serverOf(set).env.filter(({ name }) => name === "ZHUXIAO_STORE").length === 1,
        `${nameOf(set)}: is told two stores`,
      ),
    ]),
    ...unless(
      !isShared([...values][0]) || workloads(objects).some(({ metadata }) => metadata.name === "redis"),
      "the store is on Redis, and there is none",
    ),
  ];
}

// What is acknowledged is on a volume that is not deleted along with what uses it.
function lasts(workload) {
  const isStore = workload.metadata.name === "redis" || /^rocksdb:/.test(storeOf(workload) ?? "");
  if (!isStore) return [];
  const policy = workload.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  const mounts = podOf(workload).containers[0].volumeMounts ?? [];
  return [
    ...unless(policy.whenDeleted === "Retain" && policy.whenScaled === "Retain", "its volumes are deleted with it"),
    ...unless(mounts.some(({ name }) => claims.includes(name)), "its data are on no volume of their own"),
  ];
}

function secrets(objects) {
  const found = containers(objects).flatMap((each) => {
    const { container, workload } = each;
    const volumes = (podOf(workload).volumes ?? []).filter(({ secret }) => secret);
    const mounts = (container.volumeMounts ?? []).filter(({ name }) => volumes.some((volume) => volume.name === name));
    return [
      ...unless(!(container.env ?? []).some(({ valueFrom }) => valueFrom?.secretKeyRef), "has a secret in its environment"),
      ...unless(!(container.envFrom ?? []).some(({ secretRef }) => secretRef), "has a secret in its environment"),
      ...unless(mounts.every(({ readOnly, subPath }) => readOnly && !subPath), "mounts a secret writable, or such that it never changes"),
      ...unless(volumes.every(({ secret }) => secret.defaultMode === 0o440), "lets everyone read its secrets"),
    ].map((text) => `${at(each)}: ${text}`);
  });
  return [...found, ...ofKind(objects, "Secret").map((secret) => `${nameOf(secret)}: secrets are not kept here`)];
}

const images = (version) =>
  ofContainers(({ image, imagePullPolicy }) => [
    ...unless(image?.endsWith(`:${version}`), `${image} is not of the version ${version}`),
    ...unless(imagePullPolicy === "IfNotPresent", "imagePullPolicy is not IfNotPresent"),
  ]);

function hasNoShell(container) {
  const commands = [
    container.command,
    container.args,
    ...["startupProbe", "readinessProbe", "livenessProbe"].map((probe) => container[probe]?.exec?.command),
    container.lifecycle?.preStop?.exec?.command,
  ];
  const shells = /^(.*\/)?(ba|da|a)?sh$|busybox/;
  return unless(!commands.some((command) => command?.some((word) => shells.test(word))), "needs a shell, which no image has");
}

function accounts(workload, objects) {
  const account = podOf(workload).serviceAccountName;
  const isThere = ofKind(objects, "ServiceAccount").some(
    ({ metadata, automountServiceAccountToken }) => metadata.name === account && automountServiceAccountToken === false,
  );
  return [
    ...unless(podOf(workload).automountServiceAccountToken === false, "gets a token of Kubernetes"),
    ...unless(isThere, "has no service account of its own that gets no token"),
    ...unless(podOf(workload).enableServiceLinks === false, "gets the addresses of all services in its environment"),
  ];
}

// Volumes and configurations that are mounted are there.
function mounts(workload, objects) {
  const pod = podOf(workload);
  const volumes = [...(pod.volumes ?? []), ...(workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)];
  const wanted = [...(pod.initContainers ?? []), ...pod.containers].flatMap(({ volumeMounts = [] }) => volumeMounts);
  const maps = ofKind(objects, "ConfigMap").map(({ metadata }) => metadata.name);
  return [
    ...wanted.flatMap(({ name }) => unless(volumes.filter((volume) => volume.name === name).length === 1, `no one volume ${name}`)),
    ...(pod.volumes ?? []).flatMap(({ configMap }) => unless(!configMap || maps.includes(configMap.name), `no ConfigMap ${configMap?.name}`)),
  ];
}

const clusterWide = ["Namespace"];
const namespaced = (objects) => [
  ...objects.flatMap((object) => [
    ...unless(clusterWide.includes(object.kind) || object.metadata.namespace === "zhuxiao", `${nameOf(object)}: in no namespace`),
    ...unless(object.metadata.labels?.["app.kubernetes.io/part-of"] === "zhuxiao", `${nameOf(object)}: is not labelled part-of`),
  ]),
  ...unless(
    ofKind(objects, "Namespace").some(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] === "restricted"),
    "the namespace does not enforce the restricted profile",
  ),
];

// The rules. `options`: what zhuxiaod understands; `version`: of the product. `fences` is asked where the component
// network-policies is in; Redis is fenced by its own component always.
export function makeRules({ options, version }) {
  const optionsAreKnown = ofWorkloads((workload) =>
    (serverOf(workload)?.args ?? [])
      .map((argument) => argument.split("=")[0])
      .flatMap((option) => unless(options.has(option), `zhuxiaod knows no option ${option}`)),
  );
  return {
    "runs as nobody": ofWorkloads(runsAsNobody),
    "is confined": ofContainers(isConfined),
    "has a read-only root": ofContainers(isReadOnly),
    "has resources": ofContainers(hasResources),
    "is probed": ofContainers(hasProbes),
    drains: ofWorkloads(drains),
    "has a disruption budget": budgets,
    "has a headless service": services,
    "is spread": ofWorkloads(spreads),
    "scales only what is shared": scaling,
    "has one store": stores,
    "keeps its volumes": ofWorkloads(lasts),
    "has secrets as files": secrets,
    "has fixed images": images(version),
    "needs no shell": ofContainers(hasNoShell),
    "has no account": ofWorkloads(accounts),
    "mounts what is there": ofWorkloads(mounts),
    "is in its namespace": namespaced,
    "uses known options": optionsAreKnown,
    "is fenced": ofWorkloads(isFenced),
  };
}

// What is wrong with objects, as "rule: sentence". `hasFences`: the component network-policies is in.
export function complaints(rules, objects, hasFences = true) {
  return Object.entries(rules).flatMap(([rule, check]) => {
    const isRedisOnly = rule === "is fenced" && !hasFences;
    return check(objects)
      .filter((text) => !isRedisOnly || text.startsWith("StatefulSet redis"))
      .map((text) => `${rule}: ${text}`);
  });
}
