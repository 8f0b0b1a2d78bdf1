// SPDX-License-Identifier: Apache-2.0

package transforms

import "lintel/specs"

// Nothing opens the message that is none: the reply to a datagram. Expressions can name nothing in it.
type Nothing struct{}

// Open implements Opener.
func (Nothing) Open(*specs.Node, *specs.Backend, bool) (*MessageType, specs.Findings) {
	return &MessageType{Type: &Type{Shape: ObjectShape}, Format: nothing{}}, nil
}

type nothing struct{}

// Reader implements Format.
func (nothing) Reader(*Capture) (Reader, specs.Findings) { return nothing{}, nil }

// Writer implements Format.
func (nothing) Writer(*Mapping) (Writer, specs.Findings) { return nothing{}, nil }

// Read implements Reader.
func (nothing) Read([]byte, *Slots, int) error { return nil }

// Write implements Writer.
func (nothing) Write(dst []byte, _ *Run) ([]byte, error) { return dst, nil }

// DecodeJSON implements Codec.
func (nothing) DecodeJSON(dst, _ []byte) ([]byte, error) { return append(dst, "{}"...), nil }

// EncodeJSON implements Codec.
func (nothing) EncodeJSON(dst, _ []byte) ([]byte, error) { return dst, nil }
