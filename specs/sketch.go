// SPDX-License-Identifier: Apache-2.0

package specs

// A sketch is what the binder would accept at a node. The JSON Schemas are made from sketches: the
// binder is run on an empty document, and instead of reading values each of its methods notes what
// it would take and goes on with made-up parts. So the schemas know every key that the binder knows,
// because they come from the same calls.

// sketch is what may stand at one node. Without any member set it is any value.
type sketch struct {
	kind sketchKind
	// keys of a map, with their values; rest is the value of every other key, if those are allowed.
	keys []sketchKey
	rest *Node
	// items of a list.
	items *Node
	// many tells that a list of the value may stand there too.
	many bool
	// either are several forms, of which one holds.
	either []*Node

	// For single values: whether the text must not be empty, the words it is one of, the bounds of a
	// whole number, or its pattern.
	filled    bool
	words     []string
	whole     bool
	low, high int
	pattern   string
	// about tells an editor's user what to write.
	about string
}

type sketchKind uint8

const (
	anySketch sketchKind = iota
	scalarSketch
	mapSketch
	listSketch
)

type sketchKey struct {
	name     string
	required bool
	value    *Node
}

// Patterns of what parseDuration, parseSize and parsePercent read.
const (
	durationPattern = `^(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*)$`
	sizePattern     = `^[0-9]{1,10} *(B|KiB|MiB|GiB|KB|kB|MB|GB)$`
	percentPattern  = `^[0-9]+ *%$`
)

// maxSketch bounds how deep a sketch goes, should a binder ever call itself.
const maxSketch = 5000

// sketch returns the sketch of a node, or nil when values are read.
func (b *binder) sketch(n *Node) *sketch {
	if b.sketches == nil {
		return nil
	}
	s := b.sketches[n]
	if s == nil {
		s = &sketch{}
		b.sketches[n] = s
	}
	return s
}

// part makes a part of a sketched document; nil when there are too many.
func (b *binder) part() *Node {
	n := &Node{}
	if len(b.sketches) < maxSketch {
		b.sketch(n)
	}
	return n
}

func (b *binder) sketchScalar(n *Node, as sketch) bool {
	s := b.sketch(n)
	if s == nil {
		return false
	}
	if s.kind == anySketch {
		many := s.many
		as.kind = scalarSketch
		*s = as
		s.many = many
	}
	return true
}

// sketchMap notes a map with free keys, and some of its own.
func (b *binder) sketchMap(n *Node, own []string) bool {
	s := b.sketch(n)
	if s == nil {
		return false
	}
	s.kind, s.rest = mapSketch, b.part()
	n.Fields = nil
	for _, name := range own {
		value := b.part()
		s.keys = append(s.keys, sketchKey{name: name, required: true, value: value})
		n.Fields = append(n.Fields, NodeField{Key: &Node{Text: name}, Value: value})
	}
	if len(b.sketches) < maxSketch {
		n.Fields = append(n.Fields, NodeField{Key: &Node{Text: "A"}, Value: s.rest})
	}
	return true
}

func (b *binder) sketchList(n *Node) bool {
	s := b.sketch(n)
	if s == nil {
		return false
	}
	s.kind, s.items = listSketch, b.part()
	if len(b.sketches) < maxSketch {
		n.Items = []*Node{s.items}
	}
	return true
}

// sketchObject notes a map with known keys.
func (b *binder) sketchObject(n *Node, known []field) bool {
	s := b.sketch(n)
	if s == nil {
		return false
	}
	s.kind = mapSketch
	for _, f := range known {
		value := b.part()
		s.keys = append(s.keys, sketchKey{name: f.key, required: f.required, value: value})
		if len(b.sketches) < maxSketch {
			f.bind(&Node{Text: f.key}, value)
		}
	}
	return true
}

// oneOrMany returns the entries of a list, or the value itself.
func (b *binder) oneOrMany(n *Node) []*Node {
	if s := b.sketch(n); s != nil {
		s.many = true
	} else if n.Kind == ListNode {
		return n.Items
	}
	return []*Node{n}
}

// choose binds a node in one of two ways.
func (b *binder) choose(n *Node, first bool, yes, no func(n *Node)) {
	if s := b.sketch(n); s != nil {
		s.either = []*Node{b.part(), b.part()}
		yes(s.either[0])
		no(s.either[1])
		return
	}
	if first {
		yes(n)
		return
	}
	no(n)
}
