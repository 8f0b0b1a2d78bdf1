// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"errors"
	"time"

	"lintel/adapters"
)

// OutOfTime makes attempts that are to run out of time when the host has their request, each with more time than the one
// before, until one gets that far: on a machine with much to do a short time can be over before anything was sent, and a
// message can expire before the host looks for it. It returns how the attempt ended.
func OutOfTime(l *Ledger, request []byte, attempt func(limit time.Duration) error) error {
	for limit := 50 * time.Millisecond; ; limit *= 4 {
		err := attempt(limit)
		var e *adapters.Error
		sent := !errors.As(err, &e) || e.Fate != adapters.NotSent
		if sent && l.saw(request) || limit > 20*time.Second {
			return err
		}
	}
}

// saw waits until this very request was seen. It counts looks, not time, which goes on while a machine stands still.
func (l *Ledger) saw(request []byte) bool {
	for range 500 {
		if l.Times(request) > 0 {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
