// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"

	"lintel/specs"
)

// kindOfChange says what a change in a transform does, by the key it is under.
func kindOfChange(path string, a, b *specs.Node) (e Effect, rule string) {
	steps := strings.Split(path, ".")
	last := steps[len(steps)-1]
	literal := func(n *specs.Node) bool { return n != nil && n.Kind == specs.ScalarNode && !n.IsExpression() }
	under := func(key string) bool { return slices.Contains(steps[:len(steps)-1], key) }
	switch {
	case under("request") && (under("fields") || under("properties") || under("mqHeaders") || under("body")):
		if literal(a) && literal(b) {
			return Host, "literal-changed"
		}
		if literal(a) && b == nil {
			return Host, "literal-removed"
		}
		return Review, "request-mapping"
	case last == "record" || last == "head" || last == "soap" || last == "json":
		return Review, "message-renamed" // what it is made of is compared as a layout
	case last == "backend":
		return Review, "backend-changed"
	case last == "idempotency":
		return idempotency(a, b), "idempotency"
	case last == "allow":
		if a == nil {
			return Callers, "allow-rule"
		}
		return Review, "allow-rule"
	case last == "public":
		return Review, "public"
	case under("outcomes") || under("reply") || under("answer") || last == "outcomes" || under("fallback"):
		return Review, "answer-mapping"
	default:
		return Review, "exchange"
	}
}

// idempotency breaks callers who send no key where one is required now. Required is the default.
func idempotency(a, b *specs.Node) Effect {
	required := func(n *specs.Node) bool { return n == nil || n.Text == "required" }
	return effectIf(required(b) && !required(a), Callers)
}
