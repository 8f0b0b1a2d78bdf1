// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"errors"
	"testing"

	"lintel/adapters"
)

func mustEnd(t *testing.T, err error, kind adapters.Kind, fate adapters.Fate) {
	t.Helper()
	var e *adapters.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Fate != fate {
		t.Errorf("got %v, want %v (%v)", err, kind, fate)
	}
}
