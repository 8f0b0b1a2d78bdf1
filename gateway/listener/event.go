// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"lintel/adapters"
)

// ContentType is that of a CloudEvent in structured form.
const ContentType = "application/cloudevents+json"

// Event is a CloudEvent (CloudEvents 1.0.2).
type Event struct {
	// ID tells repeats: with Source it names one event. Type says what happened, Subject to what.
	ID, Source, Type, Subject string
	Time                      time.Time
	// Data is JSON.
	Data []byte
}

// JSON writes the event in structured form.
func (e Event) JSON() ([]byte, error) {
	head := struct {
		SpecVersion string `json:"specversion"`
		ID          string `json:"id"`
		Source      string `json:"source"`
		Type        string `json:"type"`
		Subject     string `json:"subject,omitempty"`
		Time        string `json:"time,omitempty"`
		ContentType string `json:"datacontenttype,omitempty"`
	}{"1.0", e.ID, e.Source, e.Type, e.Subject, "", ""}
	if !e.Time.IsZero() {
		head.Time = e.Time.UTC().Format(time.RFC3339Nano)
	}
	if e.Data != nil {
		head.ContentType = "application/json"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("}\n"))
	if e.Data != nil { // as it is: its numbers stay exact
		out = append(append(out, `,"data":`...), e.Data...)
	}
	return append(out, '}'), nil
}

// MessageID is the id by which repeats of a message are told: its own, or a digest of all that it says.
func MessageID(m *adapters.Received) string {
	if m.ID != "" {
		return m.ID
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d\n", m.Created.UnixNano())
	_, _ = h.Write(m.Message.Body)
	return "sha256-" + hex.EncodeToString(h.Sum(nil)[:16])
}
