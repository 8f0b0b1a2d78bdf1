// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"lintel/adapters"
)

// Application begins the names of properties that the applications agreed on.
const Application = "application."

// Names of the properties that hold a trace, as W3C Trace Context writes it.
const (
	traceParent = Application + "traceparent"
	traceState  = Application + "tracestate"
)

// Traced returns the message with the trace of its exchange. What a transform set stays.
func Traced(ctx context.Context, m adapters.Message) adapters.Message {
	t, ok := adapters.TraceFrom(ctx)
	if !ok || t.Parent == "" || m.Properties[traceParent] != nil {
		return m
	}
	properties := maps.Clone(m.Properties)
	if properties == nil {
		properties = map[string]any{}
	}
	properties[traceParent] = t.Parent
	if t.State != "" {
		properties[traceState] = t.State
	}
	return adapters.Message{Body: m.Body, Properties: properties}
}

// TraceOf is the trace that a message carries; without a parent if it carries none, or something else under that name.
func TraceOf(m adapters.Message) adapters.TraceContext {
	parent, _ := m.Properties[traceParent].(string)
	if len(parent) != parentLength || strings.Trim(parent, "0123456789abcdef-") != "" {
		return adapters.TraceContext{}
	}
	state, _ := m.Properties[traceState].(string)
	if len(state) > longestState || strings.ContainsFunc(state, func(r rune) bool { return r < ' ' || r > '~' }) {
		state = ""
	}
	return adapters.TraceContext{Parent: parent, State: state}
}

// Sizes of W3C Trace Context in bytes.
const (
	parentLength = 55
	longestState = 512
)

// Whole takes a whole number in a range from the value of a property.
func Whole(v any, low, high int64) (int64, bool) {
	n, ok := v.(int64)
	return n, ok && n >= low && n <= high
}

// Plain turns a value of a wire into one that properties have; false for null and for what has no such form. Numbers
// with a fraction become text, exact.
func Plain(v any) (any, bool) {
	switch v := v.(type) {
	case string, bool, []byte, int64:
		return v, true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		if v > 1<<63-1 {
			return strconv.FormatUint(v, 10), true
		}
		return int64(v), true
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return nil, false
}
