// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// issue is one entry of the member "errors".
type issue struct {
	Parameter string // the name of the parameter, "" for the body
	In        string // path, query, header, cookie or body
	Pointer   string // into the body, or into a parameter that is an object or array
	Code      string
	Detail    string
}

// fault is an error that the gateway itself finds.
type fault struct {
	kind   kind
	detail string // instead of the kind's
	issues []issue
	cause  error // for the log
	// closes tells that the connection cannot be used any more.
	closes bool
	allow  string // the Allow header of a 405
	accept string // the Accept header of a 415
	// challenges are the WWW-Authenticate headers of a 401 or 403.
	challenges []string
	retryAfter time.Duration // 0 for that of the kind
}

// Error names the kind and the cause.
func (f *fault) Error() string {
	if f.cause != nil {
		return f.kind.info().name + ": " + f.cause.Error()
	}
	return f.kind.info().name
}

// panicked is a panic that was caught. Its value is not kept: it may hold payload.
type panicked struct{ stack []byte }

// Error says only that it was a panic.
func (p *panicked) Error() string { return "panic while serving a call" }

// stage says how far a call has come when an error meets it.
type stage uint8

const (
	stageRequest  stage = iota // nothing was sent
	stageExchange              // the message is with the adapter
	stageReply                 // a reply is in hand
)

// problem is one answer of application/problem+json.
type problem struct {
	kind       kind
	status     int
	detail     string
	outcome    string
	retry      string
	issues     []issue
	retryAfter time.Duration // 0 for none
	allow      string
	accept     string
	closes     bool
	challenges []string
	// operation is the path of the status of the operation, "" if it has none.
	operation string
	// declared is what an outcome of the transform says, nil for problems of the gateway.
	declared *transforms.Problem
}

func problemOf(k kind) problem {
	i := k.info()
	p := problem{kind: k, status: i.status, detail: i.detail, outcome: i.outcome, retry: i.retry}
	switch {
	case k.info().status == 503, k == kindKeyRunning:
		p.retryAfter = time.Second
	case k == kindKeyInDoubt:
		p.retryAfter = 5 * time.Second
	}
	return p
}

// problemFor turns any error on the way of a call into a problem. safe is whether the operation
// changes nothing.
func problemFor(err error, at stage, safe bool) problem {
	var own *fault
	var invalid *transforms.InvalidError
	var field *transforms.FieldError
	var exchange *adapters.Error
	var denied *transforms.DeniedError
	var expr *transforms.ExprError
	var foreign *transforms.ForeignError
	switch {
	case errors.As(err, &denied) && at == stageRequest:
		return problemOf(kindForbidden)
	case errors.As(err, &foreign):
		return lost(kindReplyForeign, safe)
	case errors.As(err, &expr) && at == stageRequest:
		return problemOf(kindUnmappable)
	case errors.As(err, &own):
		p := problemOf(own.kind)
		p.issues, p.allow, p.accept, p.closes, p.challenges = own.issues, own.allow, own.accept, own.closes, own.challenges
		if own.detail != "" {
			p.detail = own.detail
		}
		if own.retryAfter > 0 {
			p.retryAfter = own.retryAfter
		}
		return p
	case errors.As(err, &exchange):
		return exchangeProblem(exchange, safe)
	case errors.As(err, &invalid) && at == stageRequest:
		p := problemOf(kindInvalidRequest)
		if invalid.Syntax {
			p = problemOf(kindMalformedBody)
		}
		p.issues = inputIssues(invalid.Issues)
		return p
	case errors.As(err, &field) && at == stageRequest:
		p := problemOf(kindUnmappable)
		p.issues = inputIssues([]transforms.Issue{{Pointer: field.Pointer, Code: field.Code, Detail: field.Reason}})
		return p
	case (invalid != nil || field != nil) && at == stageReply:
		return settled(problemOf(kindReplyUnreadable), safe)
	case at == stageExchange:
		// Not an *adapters.Error: a panic, or an Exchanger that breaks its word. Nothing is known.
		return lost(kindInternal, safe)
	case at == stageReply:
		return appliedFault(safe)
	default:
		p := problemOf(kindInternal)
		p.outcome, p.retry = outcomeNotSent, retryChanged
		return p
	}
}

// appliedFault is a fault of the gateway with a reply in hand.
func appliedFault(safe bool) problem {
	p := problemOf(kindInternal)
	p.outcome, p.retry = outcomeApplied, retryNever
	return settled(p, safe)
}

// settled adapts what is said about sending again to operations that change nothing.
func settled(p problem, safe bool) problem {
	if safe {
		p.retry = retrySafe
	}
	return p
}

// lost is the problem of an exchange that may have done its work: in doubt, unless the operation
// changes nothing; then it is the problem k.
func lost(k kind, safe bool) problem {
	if !safe {
		return problemOf(kindInDoubt)
	}
	p := problemOf(k)
	p.outcome, p.retry = outcomeUnknown, retrySafe
	return p
}

// exchangeProblem tells the fate of an exchange (docs/reference/problems.md).
func exchangeProblem(e *adapters.Error, safe bool) problem {
	var p problem
	switch e.Fate {
	case adapters.NotSent:
		p = problemOf(notSentKind(e.Kind))
		if p.status == 503 && e.RetryAfter > 0 {
			p.retryAfter = e.RetryAfter
		}
		if p.outcome == "" {
			p.outcome, p.retry = outcomeNotSent, retryLater
		}
		return p
	case adapters.NotApplied:
		return settled(problemOf(kindNotApplied), safe)
	case adapters.Applied:
		if e.Kind == adapters.Internal {
			return appliedFault(safe)
		}
		return settled(problemOf(kindReplyUnreadable), safe)
	default:
		return lost(inDoubtKind(e.Kind), safe)
	}
}

func notSentKind(k adapters.Kind) kind {
	switch k {
	case adapters.Open:
		return kindUnavailable
	case adapters.Withheld:
		return kindJournal
	case adapters.Busy, adapters.Timeout:
		return kindOverloaded
	case adapters.Short:
		return kindTooShort
	case adapters.Canceled:
		return kindCanceled
	case adapters.TooLarge:
		return kindTooLargeForHost
	case adapters.Internal:
		return kindInternal
	default:
		return kindUnreachable
	}
}

// inDoubtKind is for operations that change nothing.
func inDoubtKind(k adapters.Kind) kind {
	switch k {
	case adapters.Framing, adapters.TooLarge, adapters.Unreadable:
		return kindReplyUnreadable
	case adapters.Internal:
		return kindInternal
	default:
		return kindNoReply
	}
}

// inputIssues translates pointers into Input to what the caller sent: /query/limit is a parameter,
// /body/amount is /amount of the body.
func inputIssues(in []transforms.Issue) []issue {
	out := make([]issue, len(in))
	for i, is := range in {
		out[i] = issue{Code: is.Code, Detail: is.Detail, Pointer: is.Pointer, In: "body"}
		section, rest, _ := strings.Cut(strings.TrimPrefix(is.Pointer, "/"), "/")
		switch section {
		case "body":
			out[i].Pointer = strings.TrimPrefix(is.Pointer, "/body")
		case "identity": // the caller's own: what the host's record does not hold of it
			out[i].In, out[i].Pointer = section, "/"+rest
		case "path", "query", "header", "cookie":
			name, below, nested := strings.Cut(rest, "/")
			out[i].In, out[i].Pointer = section, ""
			out[i].Parameter = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
			if nested {
				out[i].Pointer = "/" + below
			}
		}
	}
	return out
}

// outcomeProblem is the problem that an outcome of the transform declares. What it says about the
// host is said only where it is proven: a refusal need not be.
func outcomeProblem(o *transforms.Output, safe bool) problem {
	p := problemOf(kindHostOutcome)
	p.status, p.declared = o.Status, o.Problem
	switch {
	case o.NotApplied:
		p.outcome = outcomeNotApplied
		if o.HostFailed {
			p.retry = retryLater
		}
	case o.HostFailed && !safe:
		p.outcome, p.retry = outcomeUnknown, retryNever
	}
	if p.status == 503 && p.retry != retryNever {
		p.retryAfter = time.Second
	}
	return p
}

// logText says an error for the log, never with payload.
func logText(err error) string {
	var invalid *transforms.InvalidError
	if errors.As(err, &invalid) && len(invalid.Issues) > maxInputIssues {
		return fmt.Sprintf("document breaks the contract in %d places", len(invalid.Issues))
	}
	return err.Error()
}
