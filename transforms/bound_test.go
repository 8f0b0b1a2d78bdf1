// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"reflect"
	"strings"
	"testing"

	"lintel/specs"
)

// TestLoopedArraysAreBounded: predicates cost as much as their arrays are long, and the VM cannot be stopped.
func TestLoopedArraysAreBounded(t *testing.T) {
	for _, tt := range []struct {
		loops, entries int
		ok             bool
	}{{0, 100_000, true}, {1, 20_000, true}, {1, 20_001, false}, {2, 500, true}, {2, 501, false}} {
		value := reflect.ValueOf(&struct{ V0 []int }{make([]int, tt.entries)}).Elem()
		e := &expression{loops: tt.loops, vars: []variable{{path: "body.list"}}}
		e.node = &specs.Node{}
		err := e.bounded(&exprEnv{fields: value})
		if (err == nil) != tt.ok {
			t.Errorf("%d loops over %d entries: %v", tt.loops, tt.entries, err)
		}
		if err != nil && !strings.Contains(err.Error(), "body.list has more than") {
			t.Errorf("error %v", err)
		}
	}
}
