# The containers of whatever has a pod, whatever its kind: Deployment, CronJob, Argo's Rollout.
package lib.slipway

import rego.v1

pods contains pod if {
	walk(input, [_, pod])
	is_array(pod.containers)
}

containers contains [pod, container] if {
	some pod in pods
	some field in {"containers", "initContainers"}
	some container in pod[field]
}

told(container, fault) := result.new(
	sprintf("%s %s, container %s: %s", [input.kind, input.metadata.name, container.name, fault]),
	container,
)
