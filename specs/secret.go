// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
)

// Secret is a value that is never printed: every way of formatting, encoding or logging it gives a
// few fixed words. Only Reveal tells it.
type Secret struct {
	value string
	// Pos is where the reference to it stands.
	Pos Pos
}

// NewSecret makes a secret of a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// redacted is what is printed in place of a secret.
const redacted = "(secret)"

// Reveal returns the value, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == "" }

// Equal reports whether two secrets have the same value.
func (s Secret) Equal(other Secret) bool { return s.value == other.value }

// String gives fixed words.
func (s Secret) String() string { return redacted }

// GoString gives fixed words, for %#v.
func (s Secret) GoString() string { return redacted }

// Format gives fixed words for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives fixed words, for JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives fixed words.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

var (
	_ fmt.Formatter  = Secret{}
	_ fmt.GoStringer = Secret{}
	_ slog.LogValuer = Secret{}
)

// readableByAll reports whether everybody on the machine may read a file. Systems without such
// permissions never say so.
func readableByAll(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0
}

// secretFileHint says what to do about a file that everybody may read.
const secretFileHint = "take the right to read it from others: chmod o-r FILE; for a mounted secret of Kubernetes set defaultMode: 0440"
