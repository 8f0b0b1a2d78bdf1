// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxReferenced is the largest file a ${file:...} reference may name, in bytes.
const maxReferenced = 64 << 10

// references replaces ${env:NAME}, ${env:NAME:-default} and ${file:PATH} in the scalars of a tree.
type references struct {
	b    *binder
	env  func(string) (string, bool)
	fsys fs.FS
}

// expand works on n and everything below it. Nodes that held a reference are marked as secret.
func (r *references) expand(n *Node) {
	if n == nil {
		return
	}
	for _, f := range n.Fields {
		r.expand(f.Value)
	}
	for _, i := range n.Items {
		r.expand(i)
	}
	if n.Kind == ScalarNode && strings.Contains(n.Text, "${") {
		r.scalar(n)
	}
}

func (r *references) scalar(n *Node) {
	var out strings.Builder
	rest, offset := n.Text, 0
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			break
		}
		if i > 0 && rest[i-1] == '$' { // $${ is a plain ${
			out.WriteString(rest[:i-1] + "${")
			rest, offset = rest[i+2:], offset+i+2
			continue
		}
		out.WriteString(rest[:i])
		end := strings.IndexByte(rest[i:], '}')
		if end < 0 {
			r.fault(n, offset+i, CodeReference, "the reference ${ is not closed", "end it with }, or write $${ for a plain ${")
			n.secret = true
			return
		}
		n.ownDefault = !n.secret // until a value from elsewhere is found
		n.secret = true
		out.WriteString(r.value(n, offset+i, rest[i+2:i+end]))
		rest, offset = rest[i+end+1:], offset+i+end+1
	}
	out.WriteString(rest)
	n.Text, n.Null, n.lines = out.String(), false, nil
}

func (r *references) fault(n *Node, offset int, code, message, hint string) {
	n.broken = true
	at := *n
	at.Pos = n.At(offset)
	r.b.add(code, &at, message, hint)
}

// value finds what one reference stands for. What cannot be found is a finding and an empty text.
func (r *references) value(n *Node, offset int, ref string) string {
	kind, arg, _ := strings.Cut(ref, ":")
	switch kind {
	case "env":
		name, def, hasDefault := strings.Cut(arg, ":-")
		if !validName(name) {
			r.fault(n, offset, CodeReference, "a reference to the environment needs a name of letters, digits and _", "write ${env:NAME} or ${env:NAME:-default}")
			return ""
		}
		v, ok := "", false
		if r.env != nil {
			v, ok = r.env(name)
		}
		if ok && (v != "" || !hasDefault) {
			n.from("env " + name)
			return v
		}
		n.origin = joinOrigin(n.origin, "default of env "+name)
		if !hasDefault {
			r.fault(n, offset, CodeEnv, fmt.Sprintf("the environment variable %s is not set", name),
				fmt.Sprintf("set %s, or give a default: ${env:%s:-value}", name, name))
		}
		return def
	case "file":
		n.from("file " + arg)
		text, why := r.file(arg)
		if why == openToAll {
			r.fault(n, offset, CodeSecretFile, "the file of the reference cannot be used: "+why, secretFileHint)
			return ""
		}
		if why != "" {
			r.fault(n, offset, CodeFileReference, fmt.Sprintf("the file of the reference cannot be used: %s", why),
				"name a file below the workspace, or an absolute path")
		}
		return text
	default:
		r.fault(n, offset, CodeReference, "a reference begins with env: or file:", "write ${env:NAME}, ${env:NAME:-default} or ${file:PATH}; $${ is a plain ${")
		return ""
	}
}

// refused says why a file that is there cannot be referred to. A secret that everybody may read is none.
func (r *references) refused(info fs.FileInfo, err error) (why string) {
	switch {
	case err != nil:
		return "" // opening it says more
	case !info.Mode().IsRegular():
		return "it is not a regular file"
	case readableByAll(info):
		return openToAll
	}
	return ""
}

// openToAll is the reason of CodeSecretFile.
const openToAll = "it can be read by everybody on this machine"

// file reads a referenced file; why says what is wrong with it, without any of its content.
func (r *references) file(name string) (text, why string) {
	var f fs.File
	var err error
	switch {
	case name == "":
		return "", "it has no name"
	case filepath.IsAbs(name):
		// Named by the operator on purpose, for example /run/secrets; a pipe or device would block.
		if why := r.refused(os.Stat(name)); why != "" {
			return "", why
		}
		f, err = os.Open(name)
	default:
		clean, ok := localPath(name)
		if !ok {
			return "", "it leaves the workspace"
		}
		if why := r.refused(fs.Stat(r.fsys, clean)); why != "" {
			return "", why
		}
		f, err = r.fsys.Open(clean)
	}
	if err != nil {
		return "", reason(err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxReferenced+1))
	_ = f.Close() // it was only read
	switch {
	case err != nil:
		return "", reason(err)
	case len(data) > maxReferenced:
		return "", fmt.Sprintf("it has more than %d bytes", maxReferenced)
	}
	text = strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(text, "\r"), ""
}

// validName reports whether s can name an environment variable.
func validName(s string) bool {
	for i, c := range s {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// from notes that a part of a scalar came from elsewhere.
func (n *Node) from(origin string) {
	n.origin, n.ownDefault = joinOrigin(n.origin, origin), false
}

func joinOrigin(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}
