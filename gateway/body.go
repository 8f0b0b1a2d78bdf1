// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"lintel/specs"
)

// bodyPlan says which bodies an operation takes.
type bodyPlan struct {
	// types are the media types of the contract, by their number there; accept lists those that are read.
	types    []mediaType
	accept   string
	taken    bool
	required bool
}

func compileBody(op *specs.Operation) (bodyPlan, error) {
	if op.Body == nil {
		return bodyPlan{}, nil
	}
	b := bodyPlan{taken: true, required: op.Body.Required}
	var names []string
	for _, m := range op.Body.Content {
		t, err := compileMediaType(m)
		if err != nil {
			return b, fmt.Errorf("body of %s: %w", m.Type, err)
		}
		b.types = append(b.types, t)
		if m.Received() {
			names = append(names, m.Base())
		}
	}
	b.accept = strings.Join(names, ", ")
	return b, nil
}

// accepts returns the number of the media type that a Content-Type is, counted from 1: one that is
// written out goes before a range. It is 0 for one that is not taken.
func (b *bodyPlan) accepts(contentType string) int {
	media := contentType
	if media != mediaJSON {
		var ok bool
		if media, ok = mediaOf(contentType); !ok {
			return 0
		}
	}
	found := 0
	for i := range b.types {
		m := &b.types[i]
		switch {
		case !m.Received():
		case m.base == media:
			return i + 1
		case m.Has(media) && (found == 0 || m.base != "*/*"):
			found = i + 1
		}
	}
	return found
}

// mediaType is that of the body that came, nil if there is none.
func (c *call) mediaType() *mediaType {
	if c.media == 0 {
		return nil
	}
	return &c.route.body.types[c.media-1]
}

// firstBodyBuffer is the least that is set aside for a body, in bytes.
const firstBodyBuffer = 1023

// errSlowBody and errCutBody are the ways in which reading a body fails.
var (
	errSlowBody = errors.New("request body did not come in time")
	errCutBody  = errors.New("request body ended early or is framed wrongly")
)

// readBody reads the body of the request into c.body. hasBody is false when there is none. A body
// that is cut off or framed wrongly is a fault and never used.
func (c *call) readBody() (hasBody bool, err error) {
	r, plan := c.r, &c.route.body
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return false, c.absentBody()
	}
	limit := c.g.options.BodyLimit
	if !plan.taken {
		limit = 0
	} else if r.ContentLength > limit {
		return false, &fault{kind: kindBodyTooLarge, closes: true}
	} else if r.ContentLength > 0 {
		if err := c.checkMedia(); err != nil {
			return false, err
		}
	}
	waiting := c.await()
	err = c.fillBody(limit)
	if here := waiting.done(); err == nil && !here {
		// Nobody is left to be answered.
		err = &fault{kind: kindBodyCut, closes: true, cause: errCutBody}
	}
	if err != nil {
		return false, err
	}
	if len(c.body) == 0 {
		return false, c.absentBody()
	}
	if err := c.checkMedia(); err != nil {
		return false, err
	}
	return true, c.bodyValue()
}

func (c *call) absentBody() error {
	if c.route.body.required {
		return &fault{kind: kindInvalidRequest, issues: []issue{{In: "body", Code: "required", Detail: "a body is required"}}}
	}
	return nil
}

func (c *call) checkMedia() error {
	types, encodings := c.r.Header["Content-Type"], c.r.Header["Content-Encoding"]
	c.media = 0
	if len(types) == 1 {
		c.media = c.route.body.accepts(types[0])
	}
	if c.media == 0 {
		return &fault{kind: kindMediaType, accept: c.route.body.accept}
	}
	if len(encodings) > 1 || len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return &fault{kind: kindMediaType, detail: "The body must not be compressed."}
	}
	return nil
}

// bodyDeadline sets when what is still unread of the body must have come; net/http reads on even
// after the answer, to keep the connection. The zero time means never.
func (c *call) bodyDeadline(t time.Time) {
	if d, ok := c.w.(interface{ SetReadDeadline(time.Time) error }); ok {
		_ = d.SetReadDeadline(t)
	}
}

// fillBody reads at most limit bytes into c.body.
func (c *call) fillBody(limit int64) error {
	// A length is only a promise: what is set aside for it is bounded until the bytes are there.
	if n := min(max(c.r.ContentLength, firstBodyBuffer), maxPooledBuffer-1); n >= int64(cap(c.body)) {
		c.body = make([]byte, 0, n+1)
	}
	for {
		if n := len(c.body); n == cap(c.body) {
			// Twice as much as is there: a length that was only promised costs nothing.
			c.body = append(make([]byte, 0, min(2*int64(n), limit+1)+1), c.body...)
		}
		room := c.body[len(c.body):min(int64(cap(c.body)), limit+1)]
		n, err := c.r.Body.Read(room)
		c.body = c.body[:len(c.body)+n]
		if int64(len(c.body)) > limit {
			if !c.route.body.taken {
				return &fault{
					kind: kindInvalidRequest, closes: true,
					issues: []issue{{In: "body", Code: "unexpected", Detail: "the operation takes no body"}},
				}
			}
			return &fault{kind: kindBodyTooLarge, closes: true}
		}
		switch {
		case err == io.EOF && c.r.ContentLength > 0 && int64(len(c.body)) != c.r.ContentLength:
			return &fault{kind: kindBodyCut, closes: true, cause: errCutBody}
		case err == io.EOF:
			c.bodyDeadline(time.Time{})
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return &fault{kind: kindBodySlow, closes: true, cause: errSlowBody}
		case err != nil:
			return &fault{kind: kindBodyCut, closes: true, cause: errCutBody}
		}
	}
}
