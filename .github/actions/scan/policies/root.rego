# METADATA
# title: Container may run as root
# description: Set `runAsNonRoot` to true or `runAsUser` to a number that is not 0, for the pod or the container.
# scope: package
# custom:
#   id: SLIPWAY-ROOT
#   avd_id: SLIPWAY-ROOT
#   severity: HIGH
#   input:
#     selector:
#       - type: kubernetes
package user.slipway.root

import data.lib.slipway
import rego.v1

# What the container says wins over what the pod says, each field by itself, as in Kubernetes.
effective(pod, container, field) := object.get(
	container, ["securityContext", field],
	object.get(pod, ["securityContext", field], null),
)

is_safe(pod, container) if {
	effective(pod, container, "runAsNonRoot") == true
	effective(pod, container, "runAsUser") != 0
}

is_safe(pod, container) if {
	effective(pod, container, "runAsUser") > 0
}

deny contains slipway.told(container, "may run as root") if {
	some [pod, container] in slipway.containers
	not is_safe(pod, container)
}
