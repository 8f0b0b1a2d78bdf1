// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"slices"

	"lintel/specs"
)

// Effect says whom a change breaks.
type Effect string

// The effects, the worst first.
const (
	// Callers: what a caller sends today may be refused or mean something else, or what it gets may be
	// something that it was not told about.
	Callers Effect = "callers"
	// Host: the bytes of a message are others, or stand in another place.
	Host Effect = "host"
	// Review: nothing that can be compared decides it: an expression, a timeout, the address of a host.
	Review Effect = "review"
	// Safe changes break nobody.
	Safe Effect = "safe"
)

// Breaking reports whether the effect breaks somebody.
func (e Effect) Breaking() bool { return e == Callers || e == Host }

// Part says what of a workspace has changed.
type Part string

// The parts of a workspace.
const (
	Contract  Part = "contract"
	Layout    Part = "layout"
	Transform Part = "transform"
	Policy    Part = "policy"
)

// Change is one difference.
type Change struct {
	Effect Effect `json:"effect"`
	Part   Part   `json:"part"`
	// Rule is the stable name of the kind of change, such as response-property-removed.
	Rule string `json:"rule"`
	// Operation is the operationId, or the operations with commas, or empty.
	Operation string `json:"operation,omitempty"`
	// Where says what of it: "request body /amount", "reply record ACCT-BAL", a setting.
	Where   string `json:"where,omitempty"`
	Message string `json:"message"`
	// Old and New are the places in the two versions; New is zero for what is gone, Old for what came.
	Old specs.Pos `json:"old,omitzero"`
	New specs.Pos `json:"new,omitzero"`
}

// Sort orders changes by effect, part, operation and place, and drops those that say the same twice.
func Sort(list []Change) []Change {
	rank := map[Effect]int{Callers: 0, Host: 1, Review: 2, Safe: 3}
	parts := map[Part]int{Contract: 0, Layout: 1, Transform: 2, Policy: 3}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank[a.Effect], rank[b.Effect]), cmp.Compare(parts[a.Part], parts[b.Part]),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Where, b.Where))
	})
	return slices.Compact(out)
}
