// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strings"
	"testing"
)

// TestSpans: the table of XML Schema part 2, section 3.2.6.2, and what else has to be ordered.
func TestSpans(t *testing.T) {
	for relation := range strings.SplitSeq(`P1Y > P364D, P1Y ? P365D, P1Y ? P366D, P1Y < P367D, P1M > P27D, P1M ? P28D, P1M ? P29D, P1M ? P30D, P1M ? P31D,
P1M < P32D, P5M > P149D, P5M ? P150D, P5M ? P151D, P5M ? P152D, P5M ? P153D, P5M < P154D, P12M = P1Y,
P1D = PT24H, PT1H = PT60M, PT1M = PT60S, PT1.50S = PT1.5S, PT0S = P0Y, PT1.5S < PT1.51S, -PT1.5S > -PT1.51S,
-PT1.5S < -PT1S, -PT1.5S > -PT2S, -PT0.5S < PT0.5S, -P1M < -P27D, -P1M ? -P30D, -P1Y < P0D,
P1Y2M3DT4H5M6.7S < P1Y2M3DT4H5M6.71S, P300000Y > P299999Y, P0M = -P0M`, ",") {
		w := strings.Fields(relation)
		left, rel, right := w[0], w[1], w[2]
		a, okA := spanOf(left)
		b, okB := spanOf(right)
		order, known := a.compare(b)
		got := "?"
		if known {
			got = []string{"<", "=", ">"}[order+1]
		}
		if !okA || !okB || got != rel {
			t.Errorf("%s %s %s, want %s", left, got, right, rel)
		}
		if back, known := b.compare(a); known != (got != "?") || known && back != -order {
			t.Errorf("%s and %s: %d one way, %d the other", left, right, order, back)
		}
	}
	for _, far := range []string{"P99999999999Y", "PT99999999999999999999S", "P999999999999999D"} {
		if s, ok := spanOf(far); ok {
			t.Errorf("%s is %+v", far, s)
		}
	}
}

// TestSpanBounds: bounds hold whatever month a duration begins in.
func TestSpanBounds(t *testing.T) {
	s := builtin("duration")
	s.min, s.max, s.maxOpen = "P1M", "P1Y", true
	for text, good := range map[string]bool{"P1M": true, "P30D": false, "P32D": true, "P27D": false, "P364D": true, "P365D": false, "P1Y": false, "P11M": true, "-P2M": false, "P99999999999Y": false} {
		if code, reason := s.facets(text, len(text)); (code == "") != good {
			t.Errorf("%s: %s %s", text, code, reason)
		}
	}
}
