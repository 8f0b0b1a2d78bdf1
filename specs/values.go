// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"strconv"
	"strings"
	"time"
)

// parseInteger reads decimal digits with an optional minus sign. Leading zeros are refused: it is
// not plain whether 010 means ten or eight.
func parseInteger(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil
}

// parseDuration reads a duration as 2s, 100ms or 1m30s: a number always has a unit.
func parseDuration(s string) (time.Duration, bool) {
	if s == "" || s == "0" || s[0] == '+' || s[0] == '-' {
		return 0, s == "0"
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// parseSize reads a size in bytes: a whole number with B, KiB, MiB, GiB or KB, MB, GB.
func parseSize(s string) (int64, bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits > 10 {
		return 0, false
	}
	n, ok := parseInteger(s[:digits])
	if !ok {
		return 0, false
	}
	switch strings.TrimLeft(s[digits:], " ") {
	case "B":
		return n, true
	case "KiB":
		return n << 10, true
	case "MiB":
		return n << 20, true
	case "GiB":
		return n << 30, n < 1<<30
	case "KB", "kB":
		return n * 1000, true
	case "MB":
		return n * 1000_000, true
	case "GB":
		return n * 1000_000_000, n < 1e9
	default:
		return 0, false
	}
}

// formatSize prints a size with the largest unit that divides it.
func formatSize(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// parsePercent reads a whole percentage: 50%.
func parsePercent(s string) (int, bool) {
	digits, ok := strings.CutSuffix(s, "%")
	if !ok {
		return 0, false
	}
	n, ok := parseInteger(strings.TrimRight(digits, " "))
	if n > 1000 || n < -1000 {
		return 1001, ok
	}
	return int(n), ok
}

func percentDefault(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n) + "%"
}

// countDefault is empty for 0, which means that the default depends on something else.
func countDefault(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
