# METADATA
# title: Container without a limit of CPU
# description: State `resources.limits.cpu`.
# scope: package
# custom:
#   id: SLIPWAY-CPU
#   avd_id: SLIPWAY-CPU
#   severity: HIGH
#   input:
#     selector:
#       - type: kubernetes
package user.slipway.cpu

import data.lib.slipway
import rego.v1

deny contains slipway.told(container, "no limit of CPU") if {
	some [_, container] in slipway.containers
	object.get(container, ["resources", "limits", "cpu"], null) == null
}
