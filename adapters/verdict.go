// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// judgeError says what a failed exchange tells about the host. hurried is true when the caller's own
// deadline, well below the backend's, had passed by then: running out of such a time says nothing
// about the host, and callers in a hurry must not be able to open a breaker.
func judgeError(e *Error, hurried bool) verdict {
	switch e.Kind {
	case Canceled, Busy, Open, Config, Withheld, Short:
		return excluded
	case Unreadable:
		return succeeded
	case TooLarge:
		if e.Fate == NotSent {
			return excluded
		}
		return failed
	case Timeout, Unreachable:
		if hurried {
			return excluded
		}
		return failed
	case Internal:
		if e.Fate == InDoubt {
			return failed
		}
		return excluded
	}
	return failed
}

// asError turns whatever an adapter returned into an *Error of this backend. The adapter's own
// value is copied, since it may be shared.
func asError(backend string, err error) *Error {
	var e *Error
	if errors.As(err, &e) && e != nil {
		c := *e
		c.Backend = backend
		return &c
	}
	kind := Internal
	switch {
	case errors.Is(err, context.Canceled):
		kind = Canceled
	case errors.Is(err, context.DeadlineExceeded):
		kind = Timeout
	}
	return &Error{Fate: InDoubt, Kind: kind, Backend: backend, Cause: err}
}

// PanicError is the Cause of an *Error after a panic in an adapter or a Judge. It does not print the
// value, which may hold bytes of a message, unless it is the runtime's own.
type PanicError struct {
	text  string
	stack []byte
}

func newPanicError(v any) *PanicError {
	p := &PanicError{text: fmt.Sprintf("panic: %T", v), stack: debug.Stack()}
	var r runtime.Error
	if err, ok := v.(error); ok && errors.As(err, &r) {
		p.text = "panic: " + r.Error()
	}
	return p
}

// Error says what sort of value was thrown.
func (p *PanicError) Error() string { return p.text }

// Stack is the stack of the panic, for the log.
func (p *PanicError) Stack() []byte { return p.stack }
