// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// bufferedByServer is the size up to which net/http finds out the length of an answer by itself.
const bufferedByServer = 2048

// answer writes what the transform made of the reply.
func (c *call) answer() {
	o := &c.output
	h := c.w.Header()
	c.commonHeaders(h)
	if o.Invalid != nil && c.g.options.Responses != ResponsesOff {
		c.g.metrics.invalid(c.route)
		c.fault = o.Invalid
		if c.g.options.Responses == ResponsesEnforce {
			c.write(settled(problemOf(kindResponseInvalid), c.route.Safe))
			return
		}
	}
	if o.Status < 200 || o.Status > 599 {
		c.refuse(errors.New("the transform gave a status that is none"))
		return
	}
	if c.keyed.begun && o.Problem == nil && endOf(o) == journal.InDoubt {
		c.write(problemOf(kindInDoubt)) // whatever the body says: it is not known
		return
	}
	if o.NotApplied {
		c.fate = adapters.NotApplied.String()
	}
	form, body, err := c.answerBody(o)
	if err != nil {
		c.g.metrics.invalid(c.route)
		c.fault = err
		c.write(settled(problemOf(kindResponseInvalid), c.route.Safe))
		return
	}
	c.fallbackHeaders(h.Set)
	if c.partial != "" {
		h[headerPartial] = []string{c.partial}
	}
	if c.route.Caching != nil && c.fallback == "" && c.partial == "" && o.Status == http.StatusOK && o.Problem == nil {
		c.cacheHeaders(h)
	}
	for _, x := range o.Headers {
		h[http.CanonicalHeaderKey(x.Name)] = []string{x.Value}
	}
	if o.Problem != nil {
		c.write(outcomeProblem(o, c.route.Safe))
		return
	}
	if body != nil {
		c.keepAnswer()
		if c.has(h) {
			c.send(http.StatusNotModified, nil)
			return
		}
		c.contentType(h, form, body)
	}
	c.send(o.Status, body)
}

// answerBody is the body of an answer as it is sent, nil without one.
func (c *call) answerBody(o *transforms.Output) (*answerForm, []byte, error) {
	if o.Problem != nil || o.Body == nil || o.Status == http.StatusNoContent || o.Status == http.StatusNotModified {
		return nil, nil, nil
	}
	form := c.route.media.of(o.Status)
	body, err := c.represent(form, o.Body)
	return form, body, err
}

// Header values that all answers share. net/http only reads them.
//
//nolint:gochecknoglobals // constant tables: an array cannot be a constant
var (
	contentJSON    = [1]string{mediaJSON}
	contentProblem = [1]string{mediaProblem}
	noStore        = [1]string{"no-store"}
	noSniff        = [1]string{"nosniff"}
	noActive       = [1]string{noContent}
	closeToken     = [1]string{"close"}
)

func (c *call) commonHeaders(h http.Header) {
	h["Cache-Control"] = noStore[:]
	h["X-Content-Type-Options"] = noSniff[:]
	h["Content-Security-Policy"] = noActive[:]
	if c.g.hsts != nil && c.r.TLS != nil {
		h["Strict-Transport-Security"] = c.g.hsts
	}
	if c.table != nil && c.table.cors != nil {
		c.table.cors.head(h, c.r.Header)
	}
	c.rateHeaders(h)
	if c.route != nil {
		for i := range c.route.fixed {
			h[c.route.fixed[i].name] = c.route.fixed[i].values[:]
		}
	}
	// A chunked request could have carried a length as well, which net/http hides (RFC 9112, 6.1
	// demands to close after it), and a stop wants all connections closed.
	if c.g.draining.Load() || len(c.r.TransferEncoding) > 0 && c.r.ProtoMajor == 1 {
		h["Connection"] = closeToken[:]
	}
}

// send writes status and body with one Write. An exchange that is recorded is settled first.
func (c *call) send(status int, body []byte) {
	if c.keyed.begun && !c.settle(status, body) {
		return
	}
	c.done, c.status = true, status
	if least := c.g.compressor.least; least > 0 && len(body) >= least {
		body = c.compressed(body)
	}
	if c.g.options.ServerTiming && c.route != nil {
		if timing := c.serverTiming(); timing != "" {
			c.w.Header()["Server-Timing"] = []string{timing}
		}
	}
	if len(body) > bufferedByServer || c.r.Method == http.MethodHead && body != nil {
		c.w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.w.WriteHeader(status)
	if c.r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	var waiting *connState
	if len(body) > bufferedByServer {
		// It may not fit what the kernel takes at once.
		waiting = c.await()
		c.writeDeadline()
	}
	n, err := c.w.Write(body)
	waiting.done()
	c.written = n
	if err != nil && c.fault == nil {
		c.fault = errAnswerLost
	}
}

// writeDeadline sets when the caller must have taken the answer: long before the time of the longest
// call is up, which net/http waits for.
func (c *call) writeDeadline() {
	if d, ok := c.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(writeGrace))
	}
}

var errAnswerLost = errors.New("answer could not be written to the caller")

// allow answers an OPTIONS call.
func (c *call) allow() {
	h := c.w.Header()
	c.commonHeaders(h)
	h["Allow"] = []string{c.entry.allow}
	c.send(http.StatusNoContent, nil)
}

// refuse answers with the problem that an error is.
func (c *call) refuse(err error) {
	c.fault = err
	safe := c.route == nil || c.route.Safe
	h := c.w.Header()
	clear(h)
	c.commonHeaders(h)
	c.write(problemFor(err, c.stage, safe))
}

// write writes a problem. The common headers are set already.
func (c *call) write(p problem) {
	c.problem = p.kind.info().name
	c.keyed.tell(c, &p)
	h := c.w.Header()
	h["Content-Type"] = contentProblem[:]
	if p.retryAfter > 0 {
		h["Retry-After"] = []string{strconv.FormatInt(int64(max(1, (p.retryAfter+time.Second-1)/time.Second)), 10)}
	}
	if p.allow != "" {
		h["Allow"] = []string{p.allow}
	}
	if p.accept != "" {
		h["Accept"] = []string{p.accept}
	}
	if len(p.challenges) > 0 {
		h["Www-Authenticate"] = p.challenges
	}
	if p.closes {
		h["Connection"] = closeToken[:]
		c.bodyDeadline(time.Now())
	}
	c.out = c.appendProblem(c.out[:0], p)
	c.send(p.status, c.out)
}

// problemBase is what problem types are relative to; the admin port serves their pages.
const problemBase = "/problems/"

// appendProblem writes the document of RFC 9457.
func (c *call) appendProblem(b []byte, p problem) []byte {
	info := p.kind.info()
	typ, title, detail, code := problemBase+info.name, info.title, p.detail, info.name
	if d := p.declared; d != nil {
		typ, title, code = first3(d.Type, typ), first3(d.Title, http.StatusText(p.status), title), first3(d.Code, code)
		detail = d.Detail
	}
	b = append(b, '{')
	b = appendText(b, "type", typ)
	b = appendText(b, "title", title)
	b = append(b, `"status":`...)
	b = append(strconv.AppendInt(b, int64(p.status), 10), ',')
	b = appendText(b, "detail", detail)
	b = appendText(b, "instance", "urn:uuid:"+c.exchange)
	b = appendText(b, "code", code)
	if c.route != nil {
		b = appendText(b, "operationId", c.route.Operation.ID)
	}
	b = appendText(b, "traceId", c.trace)
	b = appendText(b, "outcome", p.outcome)
	b = appendText(b, "retry", p.retry)
	b = appendText(b, "operation", p.operation)
	if p.declared != nil {
		for _, m := range p.declared.Members {
			if !slices.Contains(reservedMembers(), m.Name) {
				b = appendKey(b, m.Name)
				b = append(append(b, m.JSON...), ',')
			}
		}
	}
	if len(p.issues) > 0 {
		b = appendIssues(b, p.issues)
	}
	return append(trimComma(b), '}')
}

// reservedMembers are written by the gateway and cannot be members of an outcome.
func reservedMembers() []string {
	return []string{"type", "title", "status", "detail", "instance", "code", "operationId", "traceId", "outcome", "retry", "operation", "errors"}
}

func first3(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// maxIssues is how many entries "errors" has at most.
const maxIssues = 50

func appendIssues(b []byte, issues []issue) []byte {
	b = append(b, `"errors":[`...)
	for _, is := range issues[:min(len(issues), maxIssues)] {
		b = append(b, '{')
		if is.In == "body" {
			b = appendKey(b, "pointer")
			b = append(appendQuoted(b, is.Pointer), ',')
		} else {
			b = appendText(b, "parameter", is.Parameter)
			b = appendText(b, "in", is.In)
			b = appendText(b, "pointer", is.Pointer)
		}
		b = appendText(b, "code", is.Code)
		b = appendText(b, "detail", is.Detail)
		b = append(trimComma(b), '}', ',')
	}
	return append(trimComma(b), ']', ',')
}

// appendText writes a member with a text, unless that is empty, and a comma.
func appendText(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = appendKey(b, name)
	return append(appendQuoted(b, text), ',')
}

func appendKey(b []byte, name string) []byte { return append(appendQuoted(b, name), ':') }

func appendQuoted(b []byte, text string) []byte {
	if isPlain(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	// The only error is about bytes that are not UTF-8, which are replaced.
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// isPlain reports whether a text is the same in JSON, between quotes.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		if b := text[i]; b < 0x20 || b >= 0x7f || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// fateOf gives the words for log and metrics.
func fateOf(err error) (fate, kind string) {
	var e *adapters.Error
	if !errors.As(err, &e) {
		return adapters.InDoubt.String(), adapters.Internal.String()
	}
	return e.Fate.String(), e.Kind.String()
}

// observe writes the log line and counts. It is called once, at the end.
func (c *call) observe() {
	elapsed := c.g.options.Now().Sub(c.start)
	if c.keyed.late != nil { // the call that answers its caller is the one to be counted
		c.g.metrics.exchanged(c)
		if c.fault != nil {
			c.logFault(c.r.Context(), c.g.options.Log)
		}
		return
	}
	c.g.metrics.observe(c, elapsed)
	c.endTrace(c.start.Add(elapsed))
	ctx, log := c.r.Context(), c.g.options.Log
	if c.fault != nil {
		c.logFault(ctx, log)
	}
	if log.Enabled(ctx, slog.LevelInfo) && c.logged() {
		c.logCall(ctx, elapsed)
	}
}

// logged reports whether the call gets its line: what went wrong always does.
func (c *call) logged() bool {
	sample := c.g.options.LogSample
	return sample <= 0 || sample >= 100 || c.status >= 400 || rand.IntN(100) < sample
}
