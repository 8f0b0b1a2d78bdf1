// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"testing"

	"lintel/adapters"
	"lintel/transforms"
)

// TestNewPing: a ping has no caller, an id of its own each time, and is judged by the outcome of its reply.
func TestNewPing(t *testing.T) {
	seen := map[string]bool{}
	fails := errors.New("no")
	var err error
	ping := NewPing(func() Runner {
		return fakeRunner{
			request: func(in transforms.Input) (transforms.Message, error) {
				if string(in.Params) != transforms.NoParams || in.Body != nil || in.Identity != nil || seen[in.ExchangeID] || in.Now.IsZero() {
					t.Errorf("%+v", in)
				}
				seen[in.ExchangeID] = true
				return transforms.Message{Body: []byte("PING")}, err
			},
			reply: func(m transforms.Message) (transforms.Output, error) { return replied(string(m.Body)) },
		}
	})
	for word, want := range map[string]adapters.Judgement{"ok": {}, "refused": {}, "abend": {HostFailed: true}, "unreadable": {Foreign: true}} {
		m, judge, err := ping()
		if err != nil || string(m.Body) != "PING" {
			t.Fatal(m, err)
		}
		if got := judge(adapters.Message{Body: []byte(word)}); got != want {
			t.Errorf("%s: %+v, want %+v", word, got, want)
		}
	}
	err = fails
	if _, _, got := ping(); !errors.Is(got, fails) {
		t.Errorf("got %v", got)
	}
}
