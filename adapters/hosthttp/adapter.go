// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/adapters/stream"
)

// DefaultMaxReply is the largest reply in bytes unless Options say otherwise.
const DefaultMaxReply = 1 << 20

// Properties of messages. A header's property is PropertyHeader and its name; of replies in lower case.
const (
	// PropertyMethod of a request is its method; absent means Options.Method.
	PropertyMethod = "method"
	// PropertyPath of a request is appended to the URL of the host; it begins with / or ?.
	PropertyPath = "path"
	// PropertyContentType is the media type of the body.
	PropertyContentType = "contentType"
	// PropertySOAPAction of a request is the SOAP action, without quotes.
	PropertySOAPAction = "soapAction"
	// PropertyStatus of a reply is its status, an int64.
	PropertyStatus = "status"
	// PropertyHeader begins the name of any other header's property: header.X-Trace.
	PropertyHeader = "header."
)

// Options say how to reach a host.
type Options struct {
	// URL is http or https, without user, query or fragment: https://host:8443/claims.
	URL string
	// Method of requests that do not say theirs; empty means POST.
	Method string
	// Headers are sent with every request; a message's own replace those of the same name.
	Headers map[string]string
	// Messages are statuses besides 2xx whose replies are messages for the transform: "404" or "5xx".
	// SOAP envelopes always are.
	Messages []string
	// NotApplied are statuses with which the host vouches that it did nothing.
	NotApplied []string
	// Gzip asks for compressed replies. Those that come are read in any case.
	Gzip bool
	// MaxReply is the largest body of a reply in bytes, before and after decompression; 0 means
	// DefaultMaxReply.
	MaxReply int
	// Connect, Idle, MaxIdle and TLS are those of stream.Options. TLS needs an https URL and may be nil.
	Connect, Idle time.Duration
	MaxIdle       int
	TLS           *tls.Config
}

// Adapter carries messages over HTTP/1.1. It is safe for concurrent use.
type Adapter struct {
	*stream.Pool
	method, host, path string
	// headers are the static ones, as they are sent, by lower-case name.
	headers              []header
	messages, notApplied statuses
	maxReply             int
}

type header struct{ lower, line string }

var (
	_ adapters.Adapter    = (*Adapter)(nil)
	_ adapters.Prober     = (*Adapter)(nil)
	_ adapters.Distruster = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	u, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	a := &Adapter{method: o.Method, host: u.Host, path: u.EscapedPath(), maxReply: o.MaxReply}
	if a.method == "" {
		a.method = "POST"
	}
	if a.maxReply == 0 {
		a.maxReply = DefaultMaxReply
	}
	if !isToken(a.method) || o.MaxReply < 0 {
		return nil, errors.New("http options: the method must be a token, the limit not negative")
	}
	if err := a.static(o); err != nil {
		return nil, err
	}
	if a.messages, err = parseStatuses(o.Messages); err == nil {
		a.notApplied, err = parseStatuses(o.NotApplied)
	}
	if err != nil {
		return nil, err
	}
	so := stream.Options{Address: address(u), Connect: o.Connect, Idle: o.Idle, MaxIdle: o.MaxIdle}
	switch {
	case u.Scheme == "https" && o.TLS == nil:
		so.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	case u.Scheme == "https":
		so.TLS = o.TLS
	case o.TLS != nil:
		return nil, errors.New("http options: TLS needs an https URL")
	}
	a.Pool, err = stream.New(so, newSession, a.turn)
	if err != nil {
		return nil, fmt.Errorf("http %w", err)
	}
	return a, nil
}

func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil: // url.Error prints the URL, which may hold a password
		return nil, errors.New("http url: not a URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("http url: it must begin with http:// or https:// and name a host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("http url: user, query and fragment do not belong here")
	}
	return u, nil
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// static prepares the headers of every request.
func (a *Adapter) static(o Options) error {
	for name, value := range o.Headers {
		h, err := makeHeader(name, value)
		if err != nil {
			return fmt.Errorf("http headers: %w", err)
		}
		a.headers = append(a.headers, h)
	}
	if o.Gzip {
		a.headers = append(a.headers, header{"accept-encoding", "Accept-Encoding: gzip\r\n"})
	}
	sortHeaders(a.headers)
	return nil
}

// Exchange writes m as one request and reads its reply.
//
// The fate of a failure: not sent as long as no byte of the request left; in doubt once any has,
// since a host may begin its work before the body is whole; applied when a reply began and cannot be
// read. What a status means is told in verdict.go. A request of which the kernel took no byte is
// sent once more over a fresh connection; nothing else is ever sent again.
func (a *Adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	head, err := a.head(m, traceHeaders(ctx)...)
	if err != nil {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: err.Error()}
	}
	return a.Pool.Exchange(ctx, adapters.Message{Body: m.Body, Properties: map[string]any{headProperty: head}})
}

// headProperty carries the finished head of a request to its turn.
const headProperty = "\x00head"

// turn writes one request and reads its reply.
func (a *Adapter) turn(ctx context.Context, c *stream.Conn, m adapters.Message) stream.Outcome {
	s, _ := c.Session.(*session)
	head, _ := m.Properties[headProperty].([]byte)
	before := c.Written()
	if whole, err := send(c, head, m.Body); err != nil {
		if !whole && c.Written() == before {
			return stream.Outcome{
				Err:       stream.Fail(ctx, err, adapters.NotSent, "connection ended before the request"),
				Untouched: ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded),
			}
		}
		return stream.Outcome{Err: stream.Fail(ctx, err, adapters.InDoubt, "connection ended within the request")}
	}
	r, err := s.read(strings.HasPrefix(string(head[:min(len(head), 5)]), "HEAD "), a.maxReply)
	if err != nil {
		return stream.Outcome{Err: readFailure(ctx, s.began, err)}
	}
	reusable := r.keep && !s.Extra()
	if err := a.verdict(r); err != nil {
		return stream.Outcome{Err: err, Reusable: reusable}
	}
	return stream.Outcome{Reply: r.message(), Reusable: reusable}
}

// readFailure gives the fate of an exchange whose request left whole, as in package tcp.
func readFailure(ctx context.Context, began bool, err error) *adapters.Error {
	var bad *formError
	switch {
	case errors.As(err, &bad):
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: bad.what}
	case stream.Ended(ctx, err):
		return stream.Fail(ctx, err, adapters.InDoubt, "no whole reply")
	case began:
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "reply breaks off", Cause: err}
	}
	return stream.Fail(ctx, err, adapters.InDoubt, "connection ended before the reply")
}
