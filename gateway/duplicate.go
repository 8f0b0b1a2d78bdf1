// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// A queue keeps the reply of a recorded exchange until the journal has it. A process that dies in between, or a lost
// connection, makes the queue deliver it again: to nobody who waits, since its exchange is over. The journal therefore
// keeps a sum of such a reply beside the answer that was made of it.

// sumSize is the size of the sum of a reply, in bytes.
const sumSize = 16

// applicationProperty begins the names of properties that the applications agreed on. Others are of the wire, and some of
// them change when a message is delivered once more.
const applicationProperty = "application."

// sumReply sums up a reply, so that it is known again.
func sumReply(m adapters.Message) []byte {
	var names []string
	for name := range m.Properties {
		if strings.HasPrefix(name, applicationProperty) {
			names = append(names, name)
		}
	}
	if names == nil {
		sum := sha256.Sum256(m.Body)
		return sum[:sumSize]
	}
	slices.Sort(names)
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d ", len(m.Body))
	_, _ = h.Write(m.Body)
	for _, name := range names {
		_, _ = fmt.Fprintf(h, "%q %T %q", name, m.Properties[name], fmt.Sprint(m.Properties[name]))
	}
	return h.Sum(nil)[:sumSize]
}

// recordedBefore reports whether the journal has this end of an exchange already.
func (g *Gateway) recordedBefore(e *journal.Entry, end adapters.LateEnd) bool {
	stored, err := g.options.Journal.ReplyOf(e)
	if err != nil {
		return false
	}
	switch {
	case end.Expired:
		return e.State == journal.NotApplied || e.State == journal.Released
	case e.State.Open(): // one that could not be read
		return len(stored) > 0 && stored[0] == storedUnreadV1 && bytes.Equal(stored[1:], end.Reply.Body)
	}
	if sum := sumIn(e, stored); sum != nil {
		return bytes.Equal(sum, sumReply(end.Reply))
	}
	// Of what another means has found, or a version before this one recorded, there is nothing to compare with. That the
	// host answered does not speak against what was done, nor against what was taken back since.
	return e.State == journal.Complete || e.Proof == proofReversed || e.Proof == proofUndone || e.Proof == proofStepUndone
}

// sumIn is the sum of the reply in what the journal keeps of an exchange or a step; nil if it keeps none.
func sumIn(e *journal.Entry, stored []byte) []byte {
	if e.Parent.IsZero() {
		if a, err := decodeAnswer(stored); err == nil {
			return a.sum
		}
		return nil
	}
	var s storedStep
	if json.Unmarshal(stored, &s) != nil {
		return nil
	}
	return s.Sum
}
