// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"lintel/specs"
)

// bodyPlan says which bodies an operation takes.
type bodyPlan struct {
	// ranges are the media types or ranges of JSON bodies in lower case; none when it takes no body.
	ranges   []string
	taken    bool
	required bool
}

func compileBody(op *specs.Operation) bodyPlan {
	if op.Body == nil {
		return bodyPlan{}
	}
	b := bodyPlan{taken: true, required: op.Body.Required}
	for _, m := range op.Body.Content {
		b.ranges = append(b.ranges, strings.ToLower(strings.TrimSpace(strings.SplitN(m.Type, ";", 2)[0])))
	}
	return b
}

// accepts reports whether a Content-Type is JSON in UTF-8 and of a media type that the contract names.
func (b *bodyPlan) accepts(contentType string) bool {
	media := contentType
	if media != "application/json" {
		var params map[string]string
		var err error
		if media, params, err = mime.ParseMediaType(contentType); err != nil {
			return false
		}
		if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
			return false
		}
		if media != "application/json" && !strings.HasSuffix(media, "+json") {
			return false
		}
	}
	for _, r := range b.ranges {
		if r == media || r == "*/*" || r == "application/*" && strings.HasPrefix(media, "application/") {
			return true
		}
	}
	return false
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
	return true, c.checkMedia()
}

func (c *call) absentBody() error {
	if c.route.body.required {
		return &fault{kind: kindInvalidRequest, issues: []issue{{In: "body", Code: "required", Detail: "a body is required"}}}
	}
	return nil
}

func (c *call) checkMedia() error {
	types, encodings := c.r.Header["Content-Type"], c.r.Header["Content-Encoding"]
	if len(types) != 1 || !c.route.body.accepts(types[0]) {
		return &fault{kind: kindMediaType, accept: strings.Join(c.route.body.ranges, ", ")}
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
