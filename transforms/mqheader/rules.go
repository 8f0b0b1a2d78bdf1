// SPDX-License-Identifier: Apache-2.0

package mqheader

import "lintel/specs"

// codeHeader is the code of findings about mqHeaders.
const codeHeader = "LNT4701"

// Rules lists every code that a finding of this package may have.
func Rules() []specs.Rule {
	return []specs.Rule{{
		Code: codeHeader, Title: "MQ header",
		Cause: "an entry of mqHeaders names no header, stands twice or at the wrong place, or a value does not fit its field.",
		Cure:  "Write mqcih, mqiih, mqrfh2 or mqdlh with fields as IBM names them; program or llzz come last.",
	}}
}
