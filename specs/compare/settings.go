// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"lintel/specs"
)

// Settings compares the values of lintel.yaml that count, defaults included.
func Settings(from, to *specs.Config) []Change {
	out := backends(from, to)
	was, is := settingsOf(from, to), settingsOf(to, from)
	for _, s := range was {
		now, ok := is[s.Path]
		if !ok {
			if s.Origin != "default" { // the other side has nothing that it would be the default of
				out = append(out, setting(s.Path, s, specs.Setting{}))
			}
			continue
		}
		if s.Value != now.Value || s.Hidden != now.Hidden || s.Hidden && reference(s.Origin) != reference(now.Origin) {
			out = append(out, setting(s.Path, s, now))
		}
	}
	for _, s := range is {
		if _, ok := was[s.Path]; !ok && s.Origin != "default" {
			out = append(out, setting(s.Path, specs.Setting{}, s))
		}
	}
	return Sort(out)
}

// settingsOf lists the settings by path, without those of backends that the other side does not have.
func settingsOf(c, other *specs.Config) map[string]specs.Setting {
	out := map[string]specs.Setting{}
	for _, s := range c.Settings {
		steps := strings.Split(s.Path, ".")
		if steps[0] == "backends" && len(steps) > 1 && other.Backend(steps[1]) == nil || steps[0] == "listeners" && len(steps) > 1 && other.Listener(steps[1]) == nil {
			continue
		}
		out[s.Path] = s
	}
	return out
}

// backends tells which backends and listeners came and went.
func backends(from, to *specs.Config) []Change {
	var out []Change
	for _, b := range from.Backends {
		if to.Backend(b.Name) == nil {
			out = append(out, Change{Effect: Review, Part: Policy, Rule: "backend-removed", Where: "backends." + b.Name, Message: "the backend is gone", Old: b.Pos})
		}
	}
	for _, b := range to.Backends {
		if from.Backend(b.Name) == nil {
			out = append(out, Change{Effect: Safe, Part: Policy, Rule: "backend-added", Where: "backends." + b.Name, Message: "the backend is new", New: b.Pos})
		}
	}
	return out
}

// reference is what stands in the file for a value that is not shown: "env CORE_ADDRESS".
func reference(origin string) string {
	_, ref, _ := strings.Cut(origin, "(")
	return strings.TrimSuffix(ref, ")")
}

func setting(path string, a, b specs.Setting) Change {
	e, rule := settingEffect(path, a, b)
	c := Change{Effect: e, Part: Policy, Rule: rule, Where: path, Old: origin(a), New: origin(b)}
	switch {
	case a.Path == "":
		c.Message = "is new: " + shown(b)
	case b.Path == "":
		c.Message = "is gone, was " + shown(a)
	default:
		c.Message = fmt.Sprintf("was %s and is %s", shown(a), shown(b))
	}
	return c
}

func shown(s specs.Setting) string {
	if s.Hidden {
		return "a hidden value (" + reference(s.Origin) + ")"
	}
	return s.Value
}

// origin is the place of a setting.
func origin(s specs.Setting) specs.Pos {
	m := regexp.MustCompile(`^(\S+):(\d+):(\d+)`).FindStringSubmatch(s.Origin)
	if m == nil {
		return specs.Pos{}
	}
	p := specs.Pos{File: m[1]}
	_, _ = fmt.Sscan(m[2], &p.Line)
	_, _ = fmt.Sscan(m[3], &p.Column)
	return p
}

// settingEffect says whom a changed setting breaks.
func settingEffect(path string, a, b specs.Setting) (e Effect, rule string) {
	steps := strings.Split(path, ".")
	switch steps[0] {
	case "backends":
		if len(steps) > 2 && hostSetting(steps[2:]) {
			return Host, "backend-wire"
		}
		return Review, "backend-policy"
	case "gateway":
		rest := strings.Join(steps[1:], ".")
		switch {
		case slices.Contains([]string{"bodyLimit", "limits.head", "limits.url", "limits.headers"}, rest):
			return effectIf(smaller(a.Value, b.Value), Callers), "gateway-limit"
		case rest == "tls.minimum", rest == "tls.require":
			return effectIf(b.Value == "1.3" || b.Value == "true", Callers), "gateway-tls"
		}
		return Review, "gateway-policy"
	case "security":
		return Review, "security-policy"
	case "lintel", "contract":
		return Safe, "file"
	default:
		return Review, "policy"
	}
}

// hostSetting reports whether a setting of a backend is part of what the host gets, or of how.
func hostSetting(steps []string) bool {
	words := []string{"frame", "codepage", "queue", "pattern", "body", "broker", "method", "headers", "capability", "ints", "transaction", "program"}
	return slices.ContainsFunc(steps, func(s string) bool { return slices.Contains(words, s) })
}

// smaller compares sizes, durations and numbers: 1MiB, 2s, 100. What is none of these is not smaller.
func smaller(a, b string) bool {
	x, y := magnitude(a), magnitude(b)
	return x != nil && y != nil && y.Cmp(x) < 0
}

func magnitude(s string) *big.Rat {
	if d, err := time.ParseDuration(s); err == nil {
		return new(big.Rat).SetInt64(int64(d))
	}
	m := regexp.MustCompile(`^(\d+)\s*([kKMG]?)(i?)B?$`).FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	n, ok := new(big.Rat).SetString(m[1])
	if !ok {
		return nil
	}
	unit := int64(1000)
	if m[3] == "i" || m[2] == "" {
		unit = 1024
	}
	for range strings.Index("kMG", strings.Replace(m[2], "K", "k", 1)) + 1 {
		if m[2] != "" {
			n.Mul(n, new(big.Rat).SetInt64(unit))
		}
	}
	return n
}
