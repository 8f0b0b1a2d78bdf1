// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"lintel/specs"
)

// expirySoon is how long before a certificate expires it is reported, time to get a new one; of one that lives less than
// three times as long, the last third of its life.
const expirySoon = 30 * 24 * time.Hour

// validity is until when the certificates of one key of a backend are valid.
type validity struct {
	// use is what they are for, at where they are named.
	use string
	at  specs.Pos
	// until is the last time at which one of them is, life how long that one is valid in all.
	until time.Time
	life  time.Duration
}

// validities are those of a backend's certificates: what it shows to its host, and by which it knows it. Files that
// cannot be read are left out: that is reported as what it is.
func validities(fsys fs.FS, b *specs.Backend) []validity {
	var out []validity
	add := func(use string, leaf bool, files ...specs.Text) {
		v := validity{use: use, at: files[0].Pos}
		for _, file := range files {
			list, err := certificateFile(fsys, file)
			if err != nil {
				return
			}
			if leaf {
				list = list[:1] // those behind it are of who issued it
			}
			for _, c := range list {
				if c.NotAfter.After(v.until) {
					v.until, v.life = c.NotAfter, c.NotAfter.Sub(c.NotBefore)
				}
			}
		}
		out = append(out, v)
	}
	if t := tlsOf(b); t != nil && t.Certificate.Value != "" {
		add("tls", true, t.Certificate)
	}
	if s := securityOf(b); s != nil {
		if s.Sign != nil {
			add("sign", true, s.Sign.Certificate)
		}
		if s.Encrypt != nil {
			add("encrypt", true, s.Encrypt.Certificate)
		}
		if len(s.Reply.Signers) > 0 {
			add("signers", false, s.Reply.Signers...)
		}
	}
	return out
}

// left says how long a certificate is valid. What is over is told without the time of today: findings stay the same.
func (v *validity) left(now time.Time) string {
	day := v.until.Format(time.DateOnly)
	if now.After(v.until) {
		return "expired on " + day
	}
	return fmt.Sprintf("expires on %s, %d days left", day, int(v.until.Sub(now).Hours())/24)
}

// checkValidity reports certificates that are not valid much longer. They are no errors: what is served without
// them is served on.
func checkValidity(ws *specs.Workspace, b *specs.Backend, now time.Time) specs.Findings {
	var findings specs.Findings
	for _, v := range validities(ws.FS, b) {
		if now.Add(min(expirySoon, v.life/3)).After(v.until) {
			findings.Warn(codeExpiry, v.at, fmt.Sprintf("the certificate of %s of backend %q %s", v.use, b.Name, v.left(now)), expiryHint(v.use))
		}
	}
	return findings
}

func expiryHint(use string) string {
	switch use {
	case "encrypt", "signers":
		return "ask the host's team for its new certificate; both can stand in the file of signers"
	}
	return "get a new certificate, give it to the host's team, and reload"
}

// certificates is the step of doctor that tells how long those of a backend are valid.
func (h *examined) certificates(ws *specs.Workspace, b *specs.Backend) (ok bool) {
	list := validities(ws.FS, b)
	if len(list) == 0 {
		return true
	}
	now := time.Now()
	words, ok := make([]string, len(list)), true
	for i := range list {
		words[i] = list[i].use + " " + list[i].left(now)
		ok = ok && now.Before(list[i].until)
	}
	h.told("certificates", nil)
	last := &h.Steps[len(h.Steps)-1]
	last.OK, last.Detail = ok, strings.Join(words, "; ")
	if !ok {
		last.Hint = hintFor("certificates")
	}
	return ok
}
