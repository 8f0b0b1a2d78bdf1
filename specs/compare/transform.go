// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"

	"lintel/specs"
)

// Transforms compares the transforms of one operation. A literal that goes to the host is part of what the
// host gets; of an expression nobody can say what it does but by running it.
func Transforms(operation string, from, to *specs.Transform) []Change {
	t := &documents{operation: operation}
	t.section("", from.Root, to.Root)
	return Sort(t.out)
}

type documents struct {
	operation string
	out       []Change
}

func (t *documents) add(e Effect, rule, where string, a, b *specs.Node, format string, args ...any) {
	t.out = append(t.out, Change{
		Effect: e, Part: Transform, Rule: rule, Operation: t.operation, Where: where, Message: fmt.Sprintf(format, args...), Old: place(a), New: place(b),
	})
}

func place(n *specs.Node) specs.Pos {
	if n == nil {
		return specs.Pos{}
	}
	return n.Pos
}

// section walks two documents at once, as far as they have the same form.
func (t *documents) section(path string, a, b *specs.Node) {
	switch {
	case a == nil && b == nil:
	case a != nil && b != nil && a.Kind == specs.MapNode && b.Kind == specs.MapNode:
		for _, f := range a.Fields {
			t.section(join(path, f.Key.Text), f.Value, b.Get(f.Key.Text))
		}
		for _, f := range b.Fields {
			if a.Get(f.Key.Text) == nil {
				t.section(join(path, f.Key.Text), nil, f.Value)
			}
		}
	case a != nil && b != nil && a.Kind == specs.ListNode && b.Kind == specs.ListNode && len(a.Items) == len(b.Items):
		for i := range a.Items {
			t.section(join(path, fmt.Sprint(i)), a.Items[i], b.Items[i])
		}
	case a != nil && b != nil && a.JSON() == b.JSON() && a.IsExpression() == b.IsExpression():
	default:
		t.value(path, a, b)
	}
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

func (t *documents) value(path string, a, b *specs.Node) {
	e, rule := kindOfChange(path, a, b)
	switch {
	case a == nil:
		t.add(e, rule, path, a, b, "is new: %s", short(b))
	case b == nil:
		t.add(e, rule, path, a, b, "is gone, was %s", short(a))
	default:
		t.add(e, rule, path, a, b, "was %s and is %s", short(a), short(b))
	}
}

// short is the text of a small value.
func short(n *specs.Node) string {
	const most = 60
	text := []rune(n.JSON())
	if n.Kind == specs.ScalarNode && n.IsExpression() {
		text = []rune(n.Text)
	}
	if len(text) > most {
		return string(text[:most]) + "..."
	}
	return string(text)
}
