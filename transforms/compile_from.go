// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// sameNames compiles "from: =body": every field of the record that nothing else fills takes the
// member of the same JSON name, groups and tables included. What stays open on either side is told.
type sameNames struct {
	k    *compilation
	node *specs.Node
	// unfilled are fields without a member, unused members without a field; by path.
	unfilled, unused []string
}

func (k *compilation) compileFrom(n *specs.Node, m *Mapping, sc *scope) {
	rt, path := k.namedPath(n, sc, "from takes the name of an object, not a computed value")
	if rt == nil {
		return
	}
	if t := typeAt(rt, path); t.Shape != ObjectShape {
		k.findings.Add(codeFrom, n.Pos, fmt.Sprintf("from takes an object, and this is %s", t.Shape.one()), "name the object whose members fill the record")
		return
	}
	s := &sameNames{k: k, node: n}
	s.object(m, rt, path, sc, "")
	if len(s.unused) > 0 {
		k.findings.Warn(codeFrom, n.Pos, "the record has no field for "+strings.Join(s.unused, ", "),
			"fill a field with it under fields, give a field that JSON name in records.yaml, or take it out of the contract")
	}
	if len(s.unfilled) > 0 {
		k.findings = append(k.findings, specs.Finding{
			Severity: specs.Info, Code: codeFrom, Pos: n.Pos,
			Message: "nothing of that name fills " + strings.Join(s.unfilled, ", "), Hint: "fill them under fields if they should not stay empty",
		})
	}
}

// typeAt is the type of the value at a path.
func typeAt(rt *root, path []*Type) *Type {
	if len(path) > 0 {
		return path[len(path)-1]
	}
	return rt.typ
}

// object maps the members of one group.
func (s *sameNames) object(m *Mapping, rt *root, path []*Type, sc *scope, prefix string) {
	source := typeAt(rt, path)
	used := map[string]bool{}
	for _, t := range m.Type.Members {
		i := slices.IndexFunc(m.Members, func(x *Mapping) bool { return x.Type == t })
		from := source.Member(t.Name)
		switch {
		case i >= 0 && (t.Shape != ObjectShape || m.Members[i].Source != nil):
			used[t.Name] = true // filled by hand: what the member of that name is for is known to the author
			continue
		case from == nil && i < 0:
			s.unfilled = append(s.unfilled, prefix+t.HostName)
			continue
		case from == nil:
			continue
		}
		used[t.Name] = true
		if i < 0 {
			m.Members = append(m.Members, &Mapping{Type: t})
			i = len(m.Members) - 1
		}
		s.member(m.Members[i], rt, append(slices.Clip(path), from), sc, prefix)
	}
	for _, from := range source.Members {
		if !used[from.Name] {
			s.unused = append(s.unused, prefix+from.Name)
		}
	}
}

// member maps one field, group or table from the value at path.
func (s *sameNames) member(m *Mapping, rt *root, path []*Type, sc *scope, prefix string) {
	from := typeAt(rt, path)
	switch {
	case m.Type.Shape == ObjectShape && from.Shape == ObjectShape:
		s.object(m, rt, path, sc, prefix+m.Type.Name+".")
	case m.Type.Shape == ArrayShape && from.Shape == ArrayShape:
		s.table(m, rt, path, sc, prefix)
	default:
		ref := rt.want(path)
		s.k.checkMove(s.node, ref, m.Type)
		m.Source = ref
	}
}

// table loops over the array of the same name.
func (s *sameNames) table(m *Mapping, rt *root, path []*Type, sc *scope, prefix string) {
	if sc.loops >= MaxLoops {
		s.k.findings.Add(codeLoop, s.node.Pos, fmt.Sprintf("loops nest deeper than %d", MaxLoops), "")
		return
	}
	each, inner := s.k.openLoop("", rt, path, sc)
	each.To = &Mapping{Type: m.Type.Items}
	m.Each = each
	entry := &inner.roots[len(inner.roots)-1]
	s.member(each.To, entry, nil, inner, prefix+m.Type.Name+"[].")
}
