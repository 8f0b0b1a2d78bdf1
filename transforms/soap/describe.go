// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// Locations lists the documents that a WSDL or schema imports or includes, as it names them, but for those
// whose components are known here. It is for
// tools that bring documents into a workspace; err says why src cannot be read.
func Locations(file string, src []byte) ([]string, *specs.Finding) {
	root, fault := parseTree(file, src)
	if fault != nil {
		return nil, fault
	}
	var out []string
	for _, n := range allNodes(root) {
		location := ""
		switch {
		case n.space == nsXSD && n.local == "import" && slices.Contains(builtinSpaces(), n.get("namespace")):
			// what these declare is known here
		case n.space == nsXSD && (n.local == "import" || n.local == "include" || n.local == "redefine"):
			location = n.get("schemaLocation")
		case n.xname == (xname{nsWSDL, "import"}):
			location = n.get("location")
		}
		if location != "" {
			out = append(out, location)
		}
	}
	return out, nil
}

// DeclaredFault is a fault that a WSDL declares.
type DeclaredFault struct {
	// Name is its member of fault.detail in JSON.
	Name string
	// Path leads from the reply to a single value that is there in this fault only; nil if it has none.
	Path []string
}

// DeclaredFaults lists the declared faults of an operation.
func (f *Format) DeclaredFaults() []DeclaredFault {
	var out []DeclaredFault
	for _, t := range f.typ.Member(f.fault).Member("detail").Members {
		d := DeclaredFault{Name: t.Name}
		if leaf := leafOf(t, 0); leaf != nil {
			d.Path = append([]string{f.fault, "detail"}, leaf...)
		}
		out = append(out, d)
	}
	return out
}

// leafOf finds a single value, one that has to be there before others.
func leafOf(t *transforms.Type, depth int) []string {
	if t.Shape == transforms.ArrayShape || depth > 4 {
		return nil
	}
	if t.Shape != transforms.ObjectShape {
		return []string{t.Name}
	}
	for _, optional := range []bool{false, true} {
		for _, m := range t.Members {
			if m.Optional != optional || m.Nullable {
				continue
			}
			if leaf := leafOf(m, depth+1); leaf != nil {
				return append([]string{t.Name}, leaf...)
			}
		}
	}
	return nil
}

// JSONName is the name in JSON of an element or operation.
func JSONName(local string) string { return jsonName(local) }

// Envelope tells whether a member of a message stands around the body: header or fault.
func (f *Format) Envelope(t *transforms.Type) bool {
	return t.Name != "" && (t.Name == f.header || t.Name == f.fault)
}

// Words cuts a name into lower-case words: GetClaimByID is get, claim, by, id.
func Words(name string) []string {
	var out []string
	start := 0
	runes := []rune(name)
	flush := func(end int) {
		if w := strings.ToLower(strings.Trim(string(runes[start:end]), "_-. ")); w != "" {
			out = append(out, w)
		}
		start = end
	}
	upper := func(r rune) bool { return strings.ToLower(string(r)) != string(r) }
	for i := 1; i < len(runes); i++ {
		switch {
		case strings.ContainsRune("_-. ", runes[i]):
			flush(i)
		case upper(runes[i]) && (!upper(runes[i-1]) || i+1 < len(runes) && !upper(runes[i+1]) && !strings.ContainsRune("_-. 0123456789", runes[i+1])):
			flush(i)
		}
	}
	flush(len(runes))
	return out
}
