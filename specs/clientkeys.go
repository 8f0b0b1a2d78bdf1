// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// maxClientKeys bounds the keys of one file.
const maxClientKeys = 10_000

// ClientKey is one API key of one client, as it is kept: by its hash.
type ClientKey struct {
	Client string
	// Hash is the SHA-256 of the key. That is enough for keys of high entropy, which cannot be guessed.
	Hash [sha256.Size]byte
	// Expires is the first moment at which the key is not valid any more; zero means never.
	Expires time.Time
	Roles   []string
	Pos     Pos
}

// clientKeys reads a file of API keys: a map from clients to one key or a list of them.
func (l *loader) clientKeys(file Text) []*ClientKey {
	src, err := readFile(l.fsys, file.Value)
	if err != nil {
		return nil // reported where the file is named
	}
	root, found := ParseYAML(file.Value, src)
	l.findings = append(l.findings, found...)
	if root == nil {
		if len(found) == 0 {
			l.findings.Add(CodeKeys, Pos{File: file.Value, Line: 1, Column: 1}, "the file has no keys", "add CLIENT: {sha256: ...}; lintel key makes one")
		}
		return nil
	}
	if !l.isMap(root, "a file of keys") {
		return nil
	}
	var out []*ClientKey
	seen := map[[sha256.Size]byte]Pos{}
	for _, f := range root.Fields {
		if !validClient(f.Key.Text) {
			l.add(CodeKeys, f.Key, "the name of the client is not usable", "use up to 64 letters, digits, -, _ and .")
			continue
		}
		for _, n := range l.oneOrMany(f.Value) {
			k := l.clientKey(f.Key.Text, n)
			if k == nil {
				continue
			}
			if before, twice := seen[k.Hash]; twice {
				l.add(CodeKeys, n, "the same key stands twice", fmt.Sprintf("the first is in line %d; every client needs keys of its own", before.Line))
				continue
			}
			seen[k.Hash] = n.Pos
			out = append(out, k)
		}
	}
	if len(out) > maxClientKeys {
		l.add(CodeTooLarge, root, fmt.Sprintf("the file has more than %d keys", maxClientKeys), "use tokens for so many clients")
		return nil
	}
	return out
}

// clientKey reads one key. Nothing of what it says is repeated in a finding: it may be a secret.
func (l *loader) clientKey(client string, n *Node) *ClientKey {
	k := &ClientKey{Client: client, Pos: n.Pos}
	if n.Kind == ScalarNode {
		l.add(CodeKeys, n, fmt.Sprintf("the key of %q stands here itself", client), "write {sha256: ...} with its hash, and give the client a new key: this one was seen; lintel key makes one")
		return nil
	}
	good := false
	l.object(n, "a key",
		required("sha256", func(n *Node) {
			if !l.scalar(n, "sha256") {
				return
			}
			sum, err := hex.DecodeString(n.Text)
			if err != nil || len(sum) != sha256.Size {
				l.add(CodeKeys, n, "sha256 is not 64 hexadecimal digits", "write the SHA-256 of the key; lintel key makes both")
				return
			}
			if [sha256.Size]byte(sum) == sha256.Sum256(nil) {
				l.add(CodeKeys, n, "sha256 is that of an empty key", "give the client a key; lintel key makes one")
				return
			}
			k.Hash, good = [sha256.Size]byte(sum), true
		}),
		optional("expires", func(n *Node) {
			if !l.scalar(n, "expires") {
				return
			}
			t, ok := parseExpiry(n.Text)
			if !ok {
				good = false
				l.add(CodeKeys, n, "expires is neither a day nor a time", "write 2027-01-31, or 2027-01-31T12:00:00Z")
			}
			k.Expires = t
		}),
		optional("roles", func(n *Node) {
			if l.isList(n, "roles") {
				k.Roles = l.texts(n, "roles")
			}
		}),
	)
	if !good {
		return nil
	}
	return k
}

// parseExpiry reads a day, which begins at midnight UTC, or a time of RFC 3339.
func parseExpiry(s string) (time.Time, bool) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func validClient(s string) bool {
	return len(s) <= 64 && validToken(s) && !strings.ContainsAny(s, "!#$%&'*+^`|~")
}
