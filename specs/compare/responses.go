// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"

	"lintel/specs"
)

func (c *contracts) answers(old, now *specs.Operation) {
	for _, a := range old.Responses {
		where := "response " + a.Status
		b := declared(now, a.Status)
		if b == nil {
			if b = now.Response(a.Status); b != nil { // 4XX or default cover it now
				c.response(where, a, b)
				continue
			}
			if success(old, a.Status) {
				c.add(Callers, "response-status-removed", where, a.Pos, now.Pos, "the status is gone")
				continue
			}
			c.add(Safe, "response-status-removed", where, a.Pos, now.Pos, "the status is gone: callers wait for it in vain, which breaks nothing")
			continue
		}
		c.response(where, a, b)
	}
	for _, b := range now.Responses {
		if declared(old, b.Status) != nil {
			continue
		}
		where := "response " + b.Status
		if before := old.Response(b.Status); before != nil { // it was covered by 4XX or default
			c.add(Safe, "response-status-added", where, before.Pos, b.Pos, "the status has an entry of its own now; it was covered by %s", before.Status)
			c.response(where, before, b)
			continue
		}
		if success(now, b.Status) {
			c.add(Callers, "response-status-added", where, old.Pos, b.Pos, "the status is new: callers know nothing of this kind of success")
			continue
		}
		c.add(Safe, "response-status-added", where, old.Pos, b.Pos, "the status is new")
	}
}

// success reports whether a status is one that callers go on with: not an error. default is, where nothing
// else says what a success is.
func success(o *specs.Operation, status string) bool {
	if status != "default" {
		return status < "400"
	}
	return !slices.ContainsFunc(o.Responses, func(r *specs.Response) bool { return r.Status < "400" })
}

// declared is the response with exactly that status, or nil.
func declared(o *specs.Operation, status string) *specs.Response {
	for _, r := range o.Responses {
		if r.Status == status {
			return r
		}
	}
	return nil
}

func (c *contracts) response(where string, a, b *specs.Response) {
	c.content(c.responses, "response-body", where, a.Content, b.Content, a.Pos, b.Pos)
	find := func(list []*specs.Parameter, name string) *specs.Parameter {
		for _, h := range list {
			if strings.EqualFold(h.Name, name) {
				return h
			}
		}
		return nil
	}
	for _, h := range a.Headers {
		at := where + " header " + h.Name
		n := find(b.Headers, h.Name)
		if n == nil {
			c.add(Callers, "response-header-removed", at, h.Pos, b.Pos, "the header is gone")
			continue
		}
		switch {
		case h.Required && !n.Required:
			c.add(Callers, "response-header-optional", at, h.Pos, n.Pos, "the header may be missing now")
		case n.Required && !h.Required:
			c.add(Safe, "response-header-required", at, h.Pos, n.Pos, "the header is always there now")
		}
		c.schema(c.responses, "response-header", at, h.Schema, n.Schema, h.Pos, n.Pos)
	}
	for _, n := range b.Headers {
		if find(a.Headers, n.Name) == nil {
			c.add(Safe, "response-header-added", where+" header "+n.Name, a.Pos, n.Pos, "the header is new")
		}
	}
}
