// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"

	"lintel/specs"
)

// Evaluate runs one expression that names nothing from outside, for the examples of functions and
// for tools. It returns the result as JSON text.
func (c *Compiler) Evaluate(source string) (string, error) {
	k := &exprCompiler{funcs: map[string]Func{}}
	for _, f := range c.Funcs {
		k.funcs[f.Name] = f
	}
	node := &specs.Node{Text: "=" + source}
	e := k.compile(node, &scope{})
	if e == nil {
		return "", k.findings
	}
	v, err := e.Value(&Run{})
	if err != nil {
		return "", err
	}
	if v.Kind == Absent {
		return "null", nil
	}
	if v.Text == nil {
		return "", errors.New("expression has no value")
	}
	return string(v.Text), nil
}
