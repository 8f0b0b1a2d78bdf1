// SPDX-License-Identifier: Apache-2.0

package copybook

import "strings"

// equalName compares data-names as COBOL does: without regard to case.
func equalName(a, b string) bool { return strings.EqualFold(a, b) }
