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

// clientEntries goes over a file that maps clients to one entry or a list of them.
func (l *loader) clientEntries(file Text, what string, entry func(client string, n *Node)) {
	src, err := readFile(l.fsys, file.Value)
	if err != nil {
		return // reported where the file is named
	}
	root, found := ParseYAML(file.Value, src)
	l.findings = append(l.findings, found...)
	if root == nil {
		if len(found) == 0 {
			l.findings.Add(CodeKeys, Pos{File: file.Value, Line: 1, Column: 1}, "the file has no "+what, "add CLIENT: {sha256: ...}")
		}
		return
	}
	if !l.isMap(root, "a file of "+what) {
		return
	}
	n := 0
	for _, f := range root.Fields {
		if !validClient(f.Key.Text) {
			l.add(CodeKeys, f.Key, "the name of the client is not usable", "use up to 64 letters, digits, -, _ and .")
			continue
		}
		for _, item := range l.oneOrMany(f.Value) {
			if n++; n > maxClientKeys {
				l.add(CodeTooLarge, root, fmt.Sprintf("the file has more than %d %s", maxClientKeys, what), "use tokens for so many clients")
				return
			}
			entry(f.Key.Text, item)
		}
	}
}

// clientKeys reads a file of API keys.
func (l *loader) clientKeys(file Text) []*ClientKey {
	var out []*ClientKey
	seen := map[[sha256.Size]byte]Pos{}
	l.clientEntries(file, "keys", func(client string, n *Node) {
		k := l.clientKey(client, n)
		if k == nil {
			return
		}
		if before, twice := seen[k.Hash]; twice {
			l.add(CodeKeys, n, "the same key stands twice", fmt.Sprintf("the first is in line %d; every client needs keys of its own", before.Line))
			return
		}
		seen[k.Hash] = n.Pos
		out = append(out, k)
	})
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
			if !l.expiry(&k.Expires, n) {
				good = false
			}
		}),
		optional("roles", func(n *Node) { l.roles(&k.Roles, n) }),
	)
	if !good {
		return nil
	}
	return k
}

func (l *loader) expiry(to *time.Time, n *Node) (ok bool) {
	if !l.scalar(n, "expires") {
		return true
	}
	if *to, ok = parseExpiry(n.Text); !ok {
		l.add(CodeKeys, n, "expires is neither a day nor a time", "write 2027-01-31, or 2027-01-31T12:00:00Z")
	}
	return ok
}

func (l *loader) roles(to *[]string, n *Node) {
	if l.isList(n, "roles") {
		*to = l.texts(n, "roles")
	}
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
