// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"strings"

	"lintel/specs"
)

// contracts compares two contracts, one operation after the other.
type contracts struct {
	from, to *specs.Contract
	out      []Change
	// op is the operation at hand, by its name in the new contract if it has one there.
	op string
	// requests and responses keep what was learned about pairs of schemas.
	requests, responses *schemas
}

// Contracts says what changed for callers. Operations are the same where method and path are; the
// names of path parameters do not matter.
func Contracts(from, to *specs.Contract) []Change {
	c := &contracts{from: from, to: to, requests: newSchemas(true), responses: newSchemas(false)}
	for _, old := range from.Operations {
		c.operation(old, sameRoute(to, old))
	}
	for _, now := range to.Operations {
		if sameRoute(from, now) == nil {
			c.op = now.ID
			c.add(Safe, "operation-added", "", specs.Pos{}, now.Pos, "%s %s is new", now.Method, now.Path)
		}
	}
	return Sort(c.out)
}

// Same returns the operation of a contract that has the route of o, or nil.
func Same(in *specs.Contract, o *specs.Operation) *specs.Operation { return sameRoute(in, o) }

func sameRoute(in *specs.Contract, o *specs.Operation) *specs.Operation {
	for _, other := range in.Operations {
		if other.Method == o.Method && route(other.Path) == route(o.Path) {
			return other
		}
	}
	return nil
}

// route is a path without the names of its parameters, which callers do not send.
func route(path string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("{}")
		_, path, _ = strings.Cut(rest, "}")
	}
}

func (c *contracts) add(e Effect, rule, where string, old, now specs.Pos, format string, args ...any) {
	c.out = append(c.out, Change{
		Effect: e, Part: Contract, Rule: rule, Operation: c.op, Where: where,
		Message: fmt.Sprintf(format, args...), Old: old, New: now,
	})
}

func (c *contracts) operation(old, now *specs.Operation) {
	if now == nil {
		c.op = old.ID
		if moved := c.to.Operation(old.ID); moved != nil {
			c.add(Callers, "operation-moved", "", old.Pos, moved.Pos, "%s %s is now %s %s", old.Method, old.Path, moved.Method, moved.Path)
			return
		}
		c.add(Callers, "operation-removed", "", old.Pos, specs.Pos{}, "%s %s is gone", old.Method, old.Path)
		return
	}
	c.op = now.ID
	if old.ID != now.ID {
		c.add(Safe, "operation-renamed", "", old.Pos, now.Pos, "operationId was %s and is %s: generated clients get another name", old.ID, now.ID)
	}
	switch {
	case now.Deprecated && !old.Deprecated:
		c.add(Safe, "operation-deprecated", "", old.Pos, now.Pos, "the operation is deprecated now")
	case old.Deprecated && !now.Deprecated:
		c.add(Safe, "operation-revived", "", old.Pos, now.Pos, "the operation is not deprecated any more")
	}
	if !old.Sunset.Equal(now.Sunset) {
		c.add(Review, "operation-sunset", "", old.Pos, now.Pos, "the time at which the operation ends has changed")
	}
	c.parameters(old, now)
	c.body(old, now)
	c.answers(old, now)
	c.security(old, now)
}
