// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Times of the log are those that floating point would write.
func TestMillis(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(-1e9, 1e13).Draw(t, "ns"))
		want := strconv.FormatFloat(milliseconds(d), 'f', -1, 64)
		if got := string(appendMillis(nil, d)); got != want {
			t.Errorf("%d ns: %s, want %s", d, got, want)
		}
	})
}
