# METADATA
# title: Container without a limit of memory
# description: State `resources.limits.memory`.
# scope: package
# custom:
#   id: SLIPWAY-MEMORY
#   avd_id: SLIPWAY-MEMORY
#   severity: HIGH
#   input:
#     selector:
#       - type: kubernetes
package user.slipway.memory

import data.lib.slipway
import rego.v1

deny contains slipway.told(container, "no limit of memory") if {
	some [_, container] in slipway.containers
	object.get(container, ["resources", "limits", "memory"], null) == null
}
