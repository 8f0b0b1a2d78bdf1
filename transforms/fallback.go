// SPDX-License-Identifier: Apache-2.0

package transforms

import "errors"

// compileFallbacks compiles the fixed answers among the fallbacks. They see the request only.
func (k *compilation) compileFallbacks() {
	for _, f := range k.doc.Fallbacks {
		if f.Answer == nil {
			k.t.fallbacks = append(k.t.fallbacks, nil)
			continue
		}
		v := &variant{}
		k.lastOutcome(v, &outcome{name: "fallback"}, f.Answer, k.inputScope())
		k.t.fallbacks = append(k.t.fallbacks, v)
	}
}

// Fallback makes the fixed answer of a fallback, by its number. It must come after Request on the same
// run.
func (r *Run) Fallback(i int) (Output, error) {
	if i >= len(r.t.fallbacks) || r.t.fallbacks[i] == nil {
		return Output{}, errors.New("no such fallback")
	}
	return r.decide(r.t.fallbacks[i], Message{})
}
