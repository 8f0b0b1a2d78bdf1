// SPDX-License-Identifier: Apache-2.0

package adaptertest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters/adaptertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t *testing.T, h *adaptertest.Host) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", h.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestActs says what each act is on the wire: the bytes that come, and how the stream ends.
func TestActs(t *testing.T) {
	const frame = "\x00\x00\x00\x02hi"
	for _, tt := range []struct {
		step adaptertest.Step
		want string
		// end is how the stream ends after want; nil means that it stays open.
		end error
	}{
		{adaptertest.Step{}, frame, nil},
		{adaptertest.Step{Body: []byte("ho")}, "\x00\x00\x00\x02ho", nil},
		{adaptertest.Step{Do: adaptertest.Drip, Gap: time.Millisecond}, frame, nil},
		{adaptertest.Step{Do: adaptertest.Twice}, frame + frame, nil},
		{adaptertest.Step{Do: adaptertest.Chatter}, frame + "chatter", nil},
		{adaptertest.Step{Do: adaptertest.ReplyAndEnd}, frame, io.EOF},
		{adaptertest.Step{Do: adaptertest.Never}, "", nil},
		{adaptertest.Step{Do: adaptertest.CutBefore}, "", io.EOF},
		{adaptertest.Step{Do: adaptertest.ResetBefore}, "", syscall.ECONNRESET},
		{adaptertest.Step{Do: adaptertest.HalfClose}, "", io.EOF},
		{adaptertest.Step{Do: adaptertest.CutWithin, Bytes: 3}, frame[:3], io.EOF},
		{adaptertest.Step{Do: adaptertest.StallWithin, Bytes: 5}, frame[:5], nil},
		{adaptertest.Step{Do: adaptertest.BadLength, Length: 1<<32 - 1}, "\xff\xff\xff\xffhi", nil},
		{adaptertest.Step{Do: adaptertest.Endless, Length: 7}, "\x00\x00\x00\x07" + string(make([]byte, 100_000)), nil},
	} {
		t.Run(tt.step.Do.String(), func(t *testing.T) {
			h := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(int, []byte) adaptertest.Step { return tt.step }})
			c := dial(t, h)
			if _, err := io.WriteString(c, frame); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(tt.want))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != tt.want {
				t.Fatalf("got %q, %v, want %q", got, err, tt.want)
			}
			if tt.end != nil {
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, tt.end) {
					t.Errorf("stream ends with %v, want %v", err, tt.end)
				}
			}
			for h.Ledger().Total() == 0 { // an act without an answer tells nothing
				time.Sleep(time.Millisecond)
			}
			if h.Ledger().Times([]byte("hi")) != 1 || h.Ledger().Total() != 1 {
				t.Errorf("ledger %d", h.Ledger().Total())
			}
		})
	}
}

func TestDeafHostCountsNothing(t *testing.T) {
	h := adaptertest.StartHost(t, adaptertest.HostOptions{Deaf: func(n int) int { return 3 - 4*n }})
	for range 2 { // the first connection breaks after three bytes, the second works
		c := dial(t, h)
		_, _ = io.WriteString(c, "\x00\x00\x00\x01x")
		_, _ = bufio.NewReader(c).Peek(5)
	}
	if got := h.Ledger().Total(); got != 1 {
		t.Errorf("ledger %d", got)
	}
}

func TestFraming(t *testing.T) {
	for want, f := range map[string]adaptertest.Framing{
		"\x00\x00\x00\x02hi": {},
		"\x00\x02hi":         {Bytes: 2},
		"\x04\x00hi":         {Bytes: 2, Little: true, IncludesSelf: true},
		"\x00\x00\x00\x06hi": {IncludesSelf: true},
	} {
		if got := string(f.Wrap([]byte("hi"))); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
}
