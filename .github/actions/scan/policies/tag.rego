# METADATA
# title: Image that may change under its name
# description: Name a version or a digest; `latest`, written or left out, is another image tomorrow.
# scope: package
# custom:
#   id: SLIPWAY-TAG
#   avd_id: SLIPWAY-TAG
#   severity: HIGH
#   input:
#     selector:
#       - type: kubernetes
package user.slipway.tag

import data.lib.slipway
import rego.v1

# `registry:5000/shop` has no tag: a tag holds no slash.
tag(image) := regex.find_n(`:[^/:]+$`, split(image, "@")[0], 1)[0]

moves(image) if tag(image) == ":latest"

moves(image) if {
	not tag(image)
	not contains(image, "@")
}

deny contains slipway.told(container, sprintf("image %s", [container.image])) if {
	some [_, container] in slipway.containers
	moves(container.image)
}
