// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"strconv"
	"time"
)

// Setting is one value of lintel.yaml that counts, with where it came from.
type Setting struct {
	// Path leads to the value, its steps joined by dots: backends.core.timeout.
	Path string
	// Value is empty if Hidden is set: it came from a reference and is never printed.
	Value  string
	Hidden bool
	// Origin is "default", a place such as lintel.yaml:7:14, or that place with the reference that
	// stands there: lintel.yaml:7:14 (env CORE_ADDRESS).
	Origin string
}

// settings lists what a lintel.yaml says and, behind it, the defaults of what it does not say. The
// document was bound before: its references are expanded.
func (l *loader) settings(root *Node) []Setting {
	var written []Setting
	walkSettings(root, "", &written)
	again := &loader{fsys: l.fsys, env: l.env, ws: l.ws}
	again.fs, again.defaults = &again.findings, &[]Setting{}
	again.config(&Config{}, root)
	return append(written, *again.defaults...)
}

func walkSettings(n *Node, path string, out *[]Setting) {
	switch n.Kind {
	case MapNode:
		for _, f := range n.Fields {
			walkSettings(f.Value, joinPath(path, f.Key.Text), out)
		}
	case ListNode:
		for i, item := range n.Items {
			walkSettings(item, joinPath(path, strconv.Itoa(i)), out)
		}
	default:
		s := Setting{Path: path, Value: n.Text, Origin: n.Pos.String()}
		if n.origin != "" {
			s.Origin += " (" + n.origin + ")"
		}
		if n.secret && !n.ownDefault {
			s.Value, s.Hidden = "", true
		}
		*out = append(*out, s)
	}
}

func joinPath(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

// absent makes the node of a key that is not there, for the binder to tell the key's default.
func (b *binder) absent(n *Node, key string) *Node {
	return &Node{Path: joinPath(n.Path, key), missing: true}
}

// isDefault reports that n is not there, and notes the default if it is one that says something.
func (b *binder) isDefault(n *Node, value string) bool {
	if !n.missing {
		return false
	}
	if b.defaults != nil && value != "" {
		*b.defaults = append(*b.defaults, Setting{Path: pointerPath(n.Path), Value: value, Origin: "default"})
	}
	return true
}

// pointerPath turns a JSON pointer, with what absent joined to it, into a path with dots.
func pointerPath(pointer string) string {
	out := []byte(pointer)
	for i, c := range out {
		if c == '/' {
			out[i] = '.'
		}
	}
	if len(out) > 0 && out[0] == '.' {
		out = out[1:]
	}
	return string(out)
}

func durationDefault(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return shortDuration(d)
}

// shortDuration writes a duration as people do: 1m instead of 1m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if n := len(s) - len(zero); n > 0 && s[n:] == zero {
			s = s[:n+1]
		}
	}
	return s
}

func sizeDefault(n int64) string {
	if n <= 0 {
		return ""
	}
	return formatSize(n)
}
