// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// readBudget finds out how long the call may take: what the caller says it waits, if that is less than
// the gateway's own limit.
func (c *call) readBudget() error {
	c.budget = c.g.options.Timeout
	name := c.g.options.BudgetHeader
	if name == "" {
		return nil
	}
	values := c.r.Header[http.CanonicalHeaderKey(name)]
	if len(values) == 0 {
		return nil
	}
	budget, ok := parseBudget(values[0])
	if !ok || len(values) > 1 {
		return &fault{kind: kindInvalidRequest, issues: []issue{{
			In: "header", Parameter: name, Code: "format", Detail: "must be one number of milliseconds, or a number with the unit ms or s",
		}}}
	}
	c.budget = min(c.budget, budget)
	return nil
}

// maxBudget is where longer budgets are cut; no call may take so long.
const maxBudget = 24 * time.Hour

// parseBudget reads 1500, 1500ms and 2s: whole numbers only, so that nothing has to be rounded.
func parseBudget(s string) (time.Duration, bool) {
	unit := time.Millisecond
	if rest, ok := strings.CutSuffix(s, "ms"); ok {
		s = rest
	} else if rest, ok := strings.CutSuffix(s, "s"); ok {
		s, unit = rest, time.Second
	}
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, false
	}
	return min(time.Duration(n)*unit, maxBudget), true
}

// client names the caller for the queue of a backend: the identity, else where the call comes from.
func (c *call) client() string {
	if c.caller != "" {
		return c.caller
	}
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}
