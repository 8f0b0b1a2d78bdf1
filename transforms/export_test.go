// SPDX-License-Identifier: Apache-2.0

package transforms

import "github.com/expr-lang/expr/vm"

// RequestSource gives the source of a member of the request's mapping and, where that is an
// expression, its program: for benchmarks against the bare VM.
func RequestSource(t *Transform, member int) (Source, *vm.Program) {
	s := t.mapping.Members[member].Source
	if e, ok := s.(*expression); ok {
		return s, e.program
	}
	return s, nil
}

// Forget drops what expressions have written.
func (r *Run) Forget() { r.scratch = r.scratch[:0] }

// ParseShort is the quick way of ParseDecimal.
func ParseShort(text string) (Decimal, bool) { return parseShort(text) }

// ShortArithmetic and LongArithmetic are the two ways of an operator, CompareNumbers and CompareLong those of
// a comparison.
func ShortArithmetic(op string, a, b any) (Decimal, bool) { return shortArithmetic(op, a, b) }
func LongArithmetic(op string, a, b any) (Decimal, error) { return longArithmetic(op, a, b) }
func CompareNumbers(a, b any) (int, error)                { return cmpNumbers(a, b) }
func CompareLong(a, b Decimal) int                        { return a.d.Cmp(b.d) }
