// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// callSource is where lintel test --record takes calls from: the admin port of a lintel dev, or a recording.
type callSource struct {
	p         *program
	from, key string
	last      int
}

func (s *callSource) add(p *program, cmd *cobra.Command) {
	s.p = p
	cmd.Flags().StringVar(&s.from, "from", "", "with --record: the admin `PORT` of a running lintel dev, as http://host:port, or a file of lintel record")
	cmd.Flags().StringVar(&s.key, "key", "", "where the key of the recording is: file:PATH or env:NAME")
	cmd.Flags().IntVar(&s.last, "last", 20, "with --from: only the last `N` calls")
}

// check refuses what does not go together.
func (s *callSource) check(c *testCommand) error {
	switch {
	case s.from == "" && s.key != "":
		return usageError("--key is for --from FILE")
	case s.from == "":
		return nil
	case !c.records || c.against != "":
		return usageError("--from is for --record without --against")
	case s.last < 1 || s.last > 10_000:
		return usageError("--last must be from 1 to 10000, not %d", s.last)
	case s.running() && s.key != "":
		return usageError("--key is for a recording; a running lintel dev needs none")
	case !s.running() && s.key == "":
		return usageError("a recording needs --key file:PATH or env:NAME; a running lintel dev is named by the address of its line \"admin\", http://host:port")
	}
	return nil
}

// running tells a running gateway from a file.
func (s *callSource) running() bool {
	return strings.HasPrefix(s.from, "http://") || strings.HasPrefix(s.from, "unix:")
}

// calls are the last exchanges, the oldest first.
func (s *callSource) calls(ctx context.Context) ([]*taped, error) {
	if s.running() {
		return s.memory(ctx)
	}
	key, err := tapeKey(s.key, s.p.env)
	if err != nil {
		return nil, err
	}
	var out []*taped
	err = readTape(s.from, key, func(_ int, x *taped) error {
		if out = append(out, x); len(out) > s.last {
			out[0] = nil
			out = out[1:]
		}
		return nil
	})
	if errors.Is(err, errTapeOpen) {
		_, _ = fmt.Fprintf(s.p.stderr, "lintel: %v\n", err)
		err = nil
	}
	if err != nil {
		return nil, &exitError{code: exitLoad, err: err}
	}
	return out, nil
}

// memory are the calls that a running lintel dev has kept.
func (s *callSource) memory(ctx context.Context) ([]*taped, error) {
	client := &adminClient{p: s.p, admin: s.from}
	var answer callsAnswer
	_, err := client.get(ctx, http.MethodGet, "/calls", &answer)
	var e *exitError
	if errors.As(err, &e) && e.code == exitFindings {
		return nil, &exitError{code: exitLoad, err: fmt.Errorf("%s keeps no calls: name the address of the line \"admin\" of lintel dev", s.from)}
	}
	if err != nil {
		return nil, err
	}
	list := answer.Calls[max(len(answer.Calls)-s.last, 0):]
	out := make([]*taped, len(list))
	for i, text := range list {
		if err := json.Unmarshal(text, &out[i]); err != nil || out[i] == nil || out[i].Request == nil && out[i].Params == nil {
			return nil, &exitError{code: exitLoad, err: fmt.Errorf("the calls of %s cannot be read: it is another version of lintel", s.from)}
		}
	}
	return out, nil
}
