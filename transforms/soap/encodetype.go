// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strconv"
	"strings"
)

// variant is the type that $type names, or the declared one, and writes xsi:type where it has to stand.
func (e *encoder) variant(t *ctype, json []byte) (*ctype, error) {
	if len(t.derived) == 0 && !t.abstract {
		e.typeAttr(t)
		return t, nil
	}
	for name, value := range members(json) {
		if string(name) != `"`+typeMember+`"` {
			continue
		}
		for _, v := range t.variants() {
			if string(value) == `"`+v.local+`"` {
				e.str(` xsi:type="`)
				e.typeName(v)
				e.str(`"`)
				return v, nil
			}
		}
		return nil, below(misfit("enum", "no type of that name can stand here"), typeMember)
	}
	if t.abstract {
		return nil, below(misfit("missing", "the type is abstract: one of those derived from it must be named"), typeMember)
	}
	e.typeAttr(t)
	return t, nil
}

// typeAttr says the type of an element of an encoded message.
func (e *encoder) typeAttr(t *ctype) {
	if !e.encoded || t.encoded || t.xname == (xname{}) && t.simple == nil {
		return
	}
	e.str(` xsi:type="`)
	e.typeName(t)
	e.str(`"`)
}

func (e *encoder) typeName(t *ctype) {
	if t.space == nsXSD || t.space == "" || t.simple != nil && len(t.attrs) == 0 && t.space == nsEncoding11 {
		local := t.local
		if t.simple != nil {
			local = strings.TrimPrefix(t.simple.name, "xs:")
		}
		e.str("xsd:" + local)
		return
	}
	for i, prefix := range e.prefixes {
		if e.spaces[i] == t.space && prefix != "" {
			e.str(prefix + t.local)
			return
		}
	}
}

// arrayType says the type and the number of the items of an encoded array.
func (e *encoder) arrayType(t *ctype, vals [][]byte) {
	n := 0
	for range items(vals[0]) {
		n++
	}
	e.str(` xsi:type="` + e.prefixes[nsNumberEncoding] + `Array" ` + e.prefixes[nsNumberEncoding] + `arrayType="`)
	e.typeName(t.elems[0].elem.typ)
	e.str("[" + strconv.Itoa(n) + `]"`)
}
