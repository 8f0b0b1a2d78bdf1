// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"strings"
	"testing"

	"lintel/transforms"
)

// TestExamples runs the examples of every function: the reference shows nothing that is not true.
func TestExamples(t *testing.T) {
	c := &transforms.Compiler{Funcs: All(Sample())}
	for _, f := range All() {
		if f.Doc == "" || f.Signature == "" || f.Group == "" || len(f.Examples) == 0 {
			t.Errorf("%s: documentation is not complete", f.Name)
		}
		for _, ex := range f.Examples {
			got, err := c.Evaluate(ex.Expression)
			switch {
			case ex.Error != "":
				if err == nil || !strings.Contains(err.Error(), ex.Error) {
					t.Errorf("%s: %s: error %v, want one with %q", f.Name, ex.Expression, err, ex.Error)
				}
			case err != nil:
				t.Errorf("%s: %s: %v", f.Name, ex.Expression, err)
			case got != ex.Result:
				t.Errorf("%s: %s = %s, want %s", f.Name, ex.Expression, got, ex.Result)
			}
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if seen[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[f.Name] = true
	}
}
