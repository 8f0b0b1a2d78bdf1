// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// adminClient talks to the admin port of a running gateway.
type adminClient struct {
	p                *program
	admin, tokenFile string
}

// maxAdminAnswer bounds what is read from an admin port, in bytes.
const maxAdminAnswer = 16 << 20

// adminFlags adds the flags that say where the admin port is and what opens it.
func adminFlags(p *program, cmd *cobra.Command) *adminClient {
	c := &adminClient{p: p}
	cmd.Flags().StringVar(&c.admin, "admin", "", "admin port: host:port, URL or unix:PATH (default $LINTEL_ADMIN, else 127.0.0.1:9901)")
	cmd.Flags().StringVar(&c.tokenFile, "token-file", "", "file with the token of operations.adminToken (default $LINTEL_ADMIN_TOKEN_FILE)")
	return c
}

// problemAnswer is an answer of the admin port that is no success.
type problemAnswer struct {
	status int
	text   string
}

// Error gives what the admin port said.
func (p *problemAnswer) Error() string { return strings.TrimSpace(p.text) }

// do sends a request. Errors: *exitError with exitUnreachable if the port cannot be reached,
// *problemAnswer if it refuses.
func (c *adminClient) do(ctx context.Context, method, path, body string) ([]byte, error) {
	address := c.setting(c.admin, "LINTEL_ADMIN", "127.0.0.1:9901")
	client, base := clientFor(address)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("--admin %s is no address", address)
	}
	if err := c.authorize(req); err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, &exitError{code: exitUnreachable, err: fmt.Errorf("the admin port at %s cannot be reached: %w", address, rootCause(err))}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAdminAnswer))
	if err != nil {
		return nil, &exitError{code: exitUnreachable, err: fmt.Errorf("the admin port at %s broke off: %w", address, rootCause(err))}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return text, &problemAnswer{resp.StatusCode, string(text)}
	}
	return text, nil
}

// setting is a flag, else an environment variable, else a default.
func (c *adminClient) setting(flag, variable, otherwise string) string {
	if flag != "" {
		return flag
	}
	if v, ok := c.p.env(variable); ok && v != "" {
		return v
	}
	return otherwise
}

func (c *adminClient) authorize(req *http.Request) error {
	file := c.setting(c.tokenFile, "LINTEL_ADMIN_TOKEN_FILE", "")
	if file == "" {
		return nil
	}
	token, err := os.ReadFile(file)
	if err != nil {
		return &exitError{code: exitLoad, err: fmt.Errorf("the token cannot be read: %w", err)}
	}
	req.Header.Set("Authorization", "Bearer "+string(bytes.TrimSpace(token)))
	return nil
}

// clientFor makes a client for an address, and the URL that its paths begin with. It follows no
// redirect and uses no proxy: the token is for this port alone.
func clientFor(address string) (*http.Client, string) {
	const patient = time.Minute
	t := &http.Transport{}
	client := &http.Client{Transport: t, Timeout: patient, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		return client, "http://localhost"
	}
	if strings.Contains(address, "://") {
		return client, strings.TrimSuffix(address, "/")
	}
	return client, "http://" + address
}

// rootCause leaves out the URL that net/http puts around an error.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// show prints an answer: as it is with --output json, else by text.
func (c *adminClient) show(answer []byte, text func(w io.Writer) error) error {
	if c.p.output == "json" {
		_, err := c.p.stdout.Write(answer)
		return err
	}
	return text(c.p.stdout)
}

// get asks and decodes.
func (c *adminClient) get(ctx context.Context, method, path string, into any) ([]byte, error) {
	answer, err := c.do(ctx, method, path, "")
	if err != nil {
		return answer, refusedBy(err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, &exitError{code: exitUnreachable, err: errors.New("the answer is not one of an admin port of Lintel")}
	}
	return answer, nil
}

// refusedBy makes a refusal of the admin port the end of a command.
func refusedBy(err error) error {
	var p *problemAnswer
	if errors.As(err, &p) {
		return &exitError{code: exitFindings, err: fmt.Errorf("the admin port answers %d: %s", p.status, p.Error())}
	}
	return err
}
