// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"context"
	"errors"
	"fmt"

	"lintel/adapters"
)

// Ended is the error of what the end of its context ended: the caller went away, or time ran out, of which detail tells.
func Ended(ctx context.Context, fate adapters.Fate, detail string) *adapters.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &adapters.Error{Fate: fate, Kind: adapters.Canceled, Detail: "caller went away"}
	}
	return &adapters.Error{Fate: fate, Kind: adapters.Timeout, Detail: detail}
}

// Fail is the error of what failed: by the end of its context, if that has ended, else of the given kind.
func Fail(ctx context.Context, fate adapters.Fate, kind adapters.Kind, detail string, cause error) *adapters.Error {
	e := &adapters.Error{Fate: fate, Kind: kind, Detail: detail}
	if ctx.Err() != nil {
		e = Ended(ctx, fate, "time ran out")
	}
	e.Cause = cause
	return e
}

// Refused is the error of a message that cannot go this way as it is.
func Refused(format string, args ...any) *adapters.Error {
	return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: fmt.Sprintf(format, args...)}
}

// Closed is the error of everything after Close.
func Closed() *adapters.Error {
	return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the adapter is closed"}
}
