// SPDX-License-Identifier: Apache-2.0

package transforms

// Typed is a Format whose messages have different media types, such as those with attachments.
type Typed interface {
	// Attaches tells whether any message has another media type than that of Properties.
	Attaches() bool
	// MediaType is that of a message that the format wrote; empty for the one of Properties.
	MediaType(msg []byte) string
}

// TypedReader is a Reader of messages whose media type says how they are to be read.
type TypedReader interface {
	Reader
	// ReadTyped is Read for a message of a media type; an empty one says nothing.
	ReadTyped(mediaType string, msg []byte, slots *Slots, base int) error
}

// propertyMediaType is the property that carries the media type of a message.
const propertyMediaType = "contentType"

// mediaTypeOf is the source of the media type of a request: known when the request is written.
type mediaTypeOf struct {
	format Typed
	usual  string
}

// Value implements Source.
func (m mediaTypeOf) Value(r *Run) (Value, error) {
	text := m.format.MediaType(r.message)
	if text == "" {
		text = m.usual
	}
	return Value{Kind: String, Text: AppendQuoted(nil, text)}, nil
}

// read gives the reply to the reader of its variant, with its media type where that matters.
func (v *variant) read(m Message, slots *Slots) error {
	if typed, ok := v.reply.reader.(TypedReader); ok {
		mediaType, _ := m.Properties[propertyMediaType].(string)
		return typed.ReadTyped(mediaType, m.Body, slots, v.reply.base)
	}
	return v.reply.reader.Read(m.Body, slots, v.reply.base)
}
