// Looks into Kubernetes objects: who selects whom, which containers there are. Knows no rule.
export const workloadKinds = ["StatefulSet", "Deployment", "DaemonSet", "Job"];

export const ofKind = (objects, ...kinds) => objects.filter((object) => kinds.includes(object.kind));
export const workloads = (objects) => ofKind(objects, ...workloadKinds);
export const nameOf = (object) => `${object.kind} ${object.metadata?.name}`;
export const podOf = (workload) => workload.spec.template.spec;
export const podLabels = (workload) => workload.spec.template.metadata?.labels ?? {};

// Of every workload, [workload, container, whether it runs before the others].
export function containers(objects) {
  return workloads(objects).flatMap((workload) => [
    ...(podOf(workload).initContainers ?? []).map((container) => ({ workload, container, isInit: true })),
    ...podOf(workload).containers.map((container) => ({ workload, container, isInit: false })),
  ]);
}

// Whether a label selector matches labels; one that is missing matches nothing, an empty one everything.
export function selects(selector, labels) {
  if (selector == null) return false;
  const isIn = { In: true, NotIn: false, Exists: true, DoesNotExist: false };
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      const holds = operator.includes("xist") ? key in labels : values.includes(labels[key]);
      return holds === isIn[operator];
    })
  );
}

// The value of an environment variable that is written out, or undefined.
export const environment = (container, name) => container.env?.find((entry) => entry.name === name)?.value;

// The server's own container in a workload, or undefined.
export const serverOf = (workload) => podOf(workload).containers.find(({ name }) => name === "zhuxiaod");
export const storeOf = (workload) => environment(serverOf(workload) ?? {}, "ZHUXIAO_STORE");
