// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"lintel/specs"
)

// ExprError says that an expression failed on the values of one exchange: a number that is
// absent, a division by zero. It never holds a value.
type ExprError struct {
	// Pos is the place of the expression in its transform.
	Pos    specs.Pos
	Reason string
}

// Error prints place and reason.
func (e *ExprError) Error() string { return fmt.Sprintf("%s: expression failed: %s", e.Pos, e.Reason) }

// Value implements Source: it runs the expression.
func (e *expression) Value(r *Run) (Value, error) {
	switch {
	case e.move != nil:
		return e.move.Value(r)
	case e.choice != nil:
		return e.choice.Value(r)
	}
	out, err := e.eval(r)
	if err != nil {
		return Value{}, err
	}
	return r.fromGo(out, e.node.Pos)
}

// Pointer implements Pointed: an expression stands where the first value stood that it reads.
func (e *expression) Pointer(r *Run) string {
	switch {
	case e.move != nil:
		return e.move.Pointer(r)
	case e.choice != nil:
		return pointerOf(e.choice, r)
	case len(e.vars) > 0:
		return e.vars[0].ref.Pointer(r)
	}
	return ""
}

// Holds implements Condition.
func (e *expression) Holds(r *Run) (bool, error) {
	if e.move != nil {
		v, err := r.JSON(e.move.raw(r))
		return v.Kind == Bool && v.Text[0] == 't', err
	}
	if e.choice != nil {
		v, err := e.choice.Value(r)
		return v.Kind == Bool && v.Text[0] == 't', err
	}
	out, err := e.eval(r)
	if err != nil {
		return false, err
	}
	b, ok := out.(bool)
	if !ok && out != nil {
		return false, &ExprError{Pos: e.node.Pos, Reason: "condition is neither true nor false"}
	}
	return b, nil
}

// exprEnv is one environment: the struct a program reads, kept from run to run.
type exprEnv struct {
	value any
	// fields are the addresses of its fields.
	fields []*any
	// entries are the counts of its arrays.
	entries [][maxLevels]int
}

func (e *expression) eval(r *Run) (any, error) {
	env := r.env(e)
	clear(env.entries)
	r.met = sizes{entries: env.entries}
	for i := range e.vars {
		if err := r.setVariable(env, i, &e.vars[i]); err != nil {
			var fe *FieldError
			if errors.As(err, &fe) {
				return nil, err
			}
			return nil, &ExprError{Pos: e.node.Pos, Reason: e.vars[i].path + ": " + err.Error()}
		}
	}
	if err := e.affordable(&r.met); err != nil {
		return nil, err
	}
	out, err := r.vm.Run(e.program, env.value)
	if err != nil {
		return nil, &ExprError{Pos: e.node.Pos, Reason: reason(err)}
	}
	return out, nil
}

// setVariable fills one field of an environment.
func (r *Run) setVariable(env *exprEnv, i int, x *variable) error {
	v := x.ref.Captured(r)
	if v == nil || v.Kind == Host {
		whole, err := x.ref.Value(r)
		if err != nil {
			return err
		}
		if whole, err = r.JSON(whole); err != nil {
			return err
		}
		v = &whole
	}
	to, err := r.goValue(*v, x, &env.entries[i])
	*env.fields[i] = to
	return err
}

// reason gives expr's message without its excerpt, and without Go's words for a nil operand, which
// may hold values.
func reason(err error) string {
	var fe *file.Error
	if errors.As(err, &fe) {
		for _, known := range []error{errAbsentNumber, errDivideByZero, errDecimalTooBig, errNotANumber, errMixed} {
			if errors.Is(fe.Prev, known) {
				return known.Error()
			}
		}
		var safe *FuncError
		if errors.As(fe.Prev, &safe) {
			return safe.Error()
		}
	}
	return "a value is absent or of another type than the operator takes"
}

// FuncError is a failure of a function whose text holds no value of the exchange.
type FuncError struct{ Reason string }

// Error gives the reason.
func (e *FuncError) Error() string { return e.Reason }

func (r *Run) env(e *expression) *exprEnv {
	if e.id < len(r.envs) && r.envs[e.id] != nil {
		return r.envs[e.id]
	}
	for len(r.envs) <= e.id {
		r.envs = append(r.envs, nil)
	}
	p := reflect.New(e.env)
	env := &exprEnv{value: p.Interface(), entries: make([][maxLevels]int, len(e.vars))}
	for i := range e.vars {
		field, _ := p.Elem().Field(i).Addr().Interface().(*any)
		env.fields = append(env.fields, field)
	}
	r.envs[e.id] = env
	if r.vm == nil {
		r.vm = &vm.VM{MemoryBudget: exprMemory}
	}
	return env
}

// fromGo turns the result of an expression into a value.
func (r *Run) fromGo(x any, pos specs.Pos) (Value, error) {
	start := len(r.scratch)
	switch x := x.(type) {
	case nil:
		return Value{}, nil
	case string: // the usual case
		r.scratch = AppendQuoted(r.scratch, x)
		return Value{Kind: String, Text: r.scratch[start:len(r.scratch):len(r.scratch)]}, nil
	}
	out, kind, err := appendGo(r.scratch, x)
	if err != nil {
		return Value{}, &ExprError{Pos: pos, Reason: err.Error()}
	}
	r.scratch = out
	return Value{Kind: kind, Text: out[start:len(out):len(out)]}, nil
}
