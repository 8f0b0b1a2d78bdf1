// SPDX-License-Identifier: Apache-2.0

package transforms

// VariantOutcomes are the outcomes of one record that a reply may be.
type VariantOutcomes struct {
	// Variant and Outcomes are as Output has them; the outcomes are in the order they are tried.
	Variant  string
	Outcomes []string
}

// Outcomes lists what replies can lead to.
func (t *Transform) Outcomes() []VariantOutcomes {
	out := make([]VariantOutcomes, len(t.variants))
	for i, v := range t.variants {
		out[i].Variant = v.ref
		for _, o := range v.outcomes {
			out[i].Outcomes = append(out[i].Outcomes, o.name)
		}
	}
	return out
}

// Filled lists the fields of the request message that the transform fills, as JSON pointers with "*"
// for the entries of arrays. A field that is filled as a whole, with what is below it, is listed alone.
func (t *Transform) Filled() []string {
	var out []string
	var visit func(m *Mapping, path string)
	visit = func(m *Mapping, path string) {
		switch {
		case m.Each != nil:
			visit(m.Each.To, path+"/*")
		case m.Source != nil:
			out = append(out, path)
		}
		for _, sub := range m.Members {
			visit(sub, path+"/"+sub.Type.Name)
		}
	}
	if t.mapping != nil {
		visit(t.mapping, "")
	}
	return out
}
