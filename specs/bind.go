// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// binder reads nodes into the types of a workspace and reports everything that does not fit. It is
// strict: a key that nobody knows is an error.
type binder struct {
	fs *Findings
	// trace, if set, is told every key that is known at a place: for tests of the reference.
	trace func(path string)
	// sketches, if set, collects what may stand at each node instead of reading it: see sketch.go.
	sketches map[*Node]*sketch
	// defaults, if set, collects the defaults of keys that are not there: see settings.go.
	defaults *[]Setting
}

// field is one key that a map may have.
type field struct {
	key      string
	required bool
	bind     func(key, value *Node)
}

func optional(key string, bind func(value *Node)) field {
	return field{key: key, bind: func(_, v *Node) { bind(v) }}
}

func required(key string, bind func(value *Node)) field {
	return field{key: key, required: true, bind: func(_, v *Node) { bind(v) }}
}

func (b *binder) add(code string, n *Node, message, hint string) {
	b.report(Error, code, n, message, hint)
}

func (b *binder) warn(code string, n *Node, message, hint string) {
	b.report(Warning, code, n, message, hint)
}

func (b *binder) report(sev Severity, code string, n *Node, message, hint string) {
	f := Finding{Severity: sev, Code: code, Message: message, Hint: hint}
	if n != nil {
		f.Pos, f.Path = n.Pos, n.Path
	}
	*b.fs = append(*b.fs, f)
}

// kindName is the word for what a node is.
func kindName(n *Node) string {
	switch {
	case n.Kind == MapNode:
		return "a map"
	case n.Kind == ListNode:
		return "a list"
	case n.Null:
		return "empty"
	default:
		return "a single value"
	}
}

// isMap reports whether n is a map, and says so if it is not.
func (b *binder) isMap(n *Node, what string) bool {
	return b.isMapWith(n, what)
}

// isMapWith is isMap for a map with free keys beside some of its own, all of them needed.
func (b *binder) isMapWith(n *Node, what string, own ...string) bool {
	if b.sketchMap(n, own) || n.Kind == MapNode {
		return true
	}
	if n.broken {
		return false
	}
	b.add(CodeWrongType, n, fmt.Sprintf("%s must be a map, but is %s", what, kindName(n)), "write key: value lines, indented below it")
	return false
}

func (b *binder) isList(n *Node, what string) bool {
	if b.sketchList(n) || n.Kind == ListNode {
		return true
	}
	b.add(CodeWrongType, n, fmt.Sprintf("%s must be a list, but is %s", what, kindName(n)), "write one line beginning with - for each item")
	return false
}

// object binds the fields of a map in the order they are known. It reports whether n is a map.
func (b *binder) object(n *Node, what string, known ...field) bool {
	if b.trace != nil {
		for _, f := range known {
			b.trace(n.Path + "/" + f.key)
		}
	}
	if b.sketchObject(n, known) {
		return true
	}
	if n.missing {
		for _, f := range known {
			f.bind(&Node{Text: f.key}, b.absent(n, f.key))
		}
		return true
	}
	if !b.isMap(n, what) {
		return false
	}
	words := make([]string, len(known))
	for i, f := range known {
		words[i] = f.key
	}
	for _, f := range n.Fields {
		if !slices.Contains(words, f.Key.Text) {
			b.add(CodeUnknownKey, f.Key, fmt.Sprintf("unknown key %q in %s", f.Key.Text, what), didYouMean(f.Key.Text, words))
		}
	}
	for _, f := range known {
		value := n.Get(f.key)
		switch {
		case value != nil:
			f.bind(n.Key(f.key), value)
		case b.defaults != nil:
			f.bind(&Node{Text: f.key}, b.absent(n, f.key))
		case f.required:
			b.add(CodeMissingKey, n, fmt.Sprintf("%s needs the key %q", what, f.key), fmt.Sprintf("add %s:", f.key))
		}
	}
	return true
}

// scalar reports whether n is a single value that is not empty, and says so if it is not.
func (b *binder) scalar(n *Node, what string) bool {
	if n.broken || b.sketchScalar(n, sketch{}) {
		return false
	}
	if n.Kind == ScalarNode && !n.Null {
		return true
	}
	b.add(CodeWrongType, n, fmt.Sprintf("%s must be a single value, but is %s", what, kindName(n)), "write the value behind the colon")
	return false
}

// show prints the text of a scalar for a message, unless it is secret.
func show(n *Node) string {
	if n.secret {
		return "(a value from a reference)"
	}
	text := n.Text
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return strconv.Quote(text)
}

func (n *Node) asText() Text { return Text{Value: n.Text, Pos: n.Pos, Secret: n.secret} }

// text binds a text that is not empty.
func (b *binder) text(to *Text, what string) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, to.Value) || b.sketchScalar(n, sketch{filled: true}) || !b.scalar(n, what) {
			return
		}
		if n.Text == "" {
			b.add(CodeOutOfRange, n, what+" must not be empty", "")
			return
		}
		*to = n.asText()
	}
}

func (b *binder) boolean(to *bool, what string) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, strconv.FormatBool(*to)) || b.sketchScalar(n, sketch{words: []string{"true", "false"}}) || !b.scalar(n, what) {
			return
		}
		switch n.Text {
		case "true", "false":
			*to = n.Text == "true"
		default:
			b.add(CodeFormat, n, fmt.Sprintf("%s must be true or false, not %s", what, show(n)), "write true or false")
		}
	}
}

// word binds one of a few words.
func (b *binder) word(what string, words []string, to func(n *Node)) func(*Node) {
	return func(n *Node) {
		if b.sketchScalar(n, sketch{words: words}) || !b.scalar(n, what) {
			return
		}
		if slices.Contains(words, n.Text) {
			to(n)
			return
		}
		hint := "write " + strings.Join(words, " or ")
		if s := suggest(n.Text, words); s != "" && !n.secret {
			hint = fmt.Sprintf("did you mean %q?", s)
		}
		b.add(CodeWord, n, fmt.Sprintf("%s must be %s, not %s", what, strings.Join(words, " or "), show(n)), hint)
	}
}

// choice binds one of a few words to a text that has its default already.
func (b *binder) choice(to *string, what string, words []string) func(*Node) {
	return func(n *Node) {
		if !b.isDefault(n, *to) {
			b.word(what, words, func(n *Node) { *to = n.Text })(n)
		}
	}
}

func (b *binder) integer(to *int, what string, low, high int) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, countDefault(*to)) || b.sketchScalar(n, sketch{whole: true, low: low, high: high}) || !b.scalar(n, what) {
			return
		}
		v, ok := parseInteger(n.Text)
		if !ok {
			b.add(CodeFormat, n, fmt.Sprintf("%s must be a whole number, not %s", what, show(n)), fmt.Sprintf("write a number from %d to %d", low, high))
			return
		}
		if v < int64(low) || v > int64(high) {
			b.add(CodeOutOfRange, n, fmt.Sprintf("%s must be from %d to %d", what, low, high), "")
			return
		}
		*to = int(v)
	}
}

func (b *binder) duration(to *time.Duration, what string, low, high time.Duration) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, durationDefault(*to)) || b.sketchScalar(n, sketch{pattern: durationPattern, about: fmt.Sprintf("a duration with a unit, such as 100ms, 2s or 1m30s, from %s to %s", low, high)}) || !b.scalar(n, what) {
			return
		}
		v, ok := parseDuration(n.Text)
		if !ok {
			b.add(CodeFormat, n, fmt.Sprintf("%s must be a duration, not %s", what, show(n)), "write a number with a unit: 100ms, 2s, 1m30s")
			return
		}
		if v < low || v > high {
			b.add(CodeOutOfRange, n, fmt.Sprintf("%s must be from %s to %s", what, low, high), "")
			return
		}
		*to = v
	}
}

func (b *binder) size(to *int64, what string, low, high int64) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, sizeDefault(*to)) || b.sketchScalar(n, sketch{pattern: sizePattern, about: fmt.Sprintf("a size with a unit, such as 64KiB or 1MiB, from %s to %s", formatSize(low), formatSize(high))}) || !b.scalar(n, what) {
			return
		}
		v, ok := parseSize(n.Text)
		if !ok {
			b.add(CodeFormat, n, fmt.Sprintf("%s must be a size, not %s", what, show(n)), "write a number with a unit: 512B, 64KiB, 1MiB")
			return
		}
		if v < low || v > high {
			b.add(CodeOutOfRange, n, fmt.Sprintf("%s must be from %s to %s", what, formatSize(low), formatSize(high)), "")
			return
		}
		*to = v
	}
}

func (b *binder) percent(to *int, what string) func(*Node) {
	return func(n *Node) {
		if b.isDefault(n, percentDefault(*to)) || b.sketchScalar(n, sketch{pattern: percentPattern, about: "a whole percentage from 1% to 100%"}) || !b.scalar(n, what) {
			return
		}
		v, ok := parsePercent(n.Text)
		if !ok {
			b.add(CodeFormat, n, fmt.Sprintf("%s must be a percentage, not %s", what, show(n)), "write a whole number with a percent sign: 50%")
			return
		}
		if v < 1 || v > 100 {
			b.add(CodeOutOfRange, n, what+" must be from 1% to 100%", "")
			return
		}
		*to = v
	}
}
