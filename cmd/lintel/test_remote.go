// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"lintel/specs"
)

// maxRemoteAnswer bounds an answer of the gateway under test, in bytes.
const maxRemoteAnswer = 64 << 20

// remote sends the requests of tests to a running gateway.
type remote struct {
	base    string
	client  *http.Client
	headers http.Header
}

func newRemote(c *testCommand) (*remote, error) {
	u, err := url.Parse(c.against)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, usageError("--against must be http://host:port or https://host:port; the base path is in the contract")
	}
	headers, err := givenHeaders(c.headers)
	if err != nil {
		return nil, err
	}
	// An answer is what is tested: redirects are not followed.
	keep := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &remote{base: u.Scheme + "://" + u.Host, headers: headers, client: &http.Client{Timeout: c.timeout, CheckRedirect: keep}}, nil
}

// givenHeaders reads the values of --header.
func givenHeaders(list []string) (http.Header, error) {
	out := http.Header{}
	for _, text := range list {
		lines := []string{text}
		if file, named := strings.CutPrefix(text, "@"); named {
			b, err := os.ReadFile(file)
			if err != nil {
				return nil, &exitError{code: exitLoad, err: fmt.Errorf("the file of headers cannot be read: %w", err)}
			}
			lines = strings.Split(strings.TrimSpace(string(b)), "\n")
		}
		for _, line := range lines {
			name, value, ok := strings.Cut(line, ":")
			if !ok || strings.TrimSpace(name) == "" {
				return nil, usageError("--header must be NAME: VALUE or @FILE")
			}
			out.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return out, nil
}

func (r *remote) run(ctx context.Context, op *operation, c *specs.TestCase) ([]string, error) {
	if c.Response == nil || c.Request == nil {
		return nil, errNotForRemote
	}
	a, err := r.ask(ctx, op, c)
	var unreachable *exitError
	switch {
	case errors.As(err, &unreachable):
		return nil, err
	case err != nil:
		return []string{err.Error()}, nil
	}
	return answerFailures(op.spec, c, a), nil
}

// ask sends the request of a test.
func (r *remote) ask(ctx context.Context, op *operation, c *specs.TestCase) (*httpAnswer, error) {
	req, err := caseRequest(ctx, r.base, op.spec, c)
	if err != nil {
		return nil, err
	}
	for name, values := range r.headers {
		req.Header[name] = values
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, &exitError{code: exitUnreachable, err: fmt.Errorf("the gateway did not answer: %w", err)}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRemoteAnswer))
	if err != nil {
		return nil, errors.New("the answer did not come whole")
	}
	return &httpAnswer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// errNotForRemote says that a test is about the host alone.
var errNotForRemote = errors.New("the test has no request or no response")
