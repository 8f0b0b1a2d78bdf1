// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
)

// firstStep is how much memory an announced length may claim before that many bytes have come.
const firstStep = 32 << 10

// readBody reads the body of r by the rules of RFC 9112, section 6.3.
func (s *session) readBody(r *reply, minor int, head bool, limit int) error {
	coding, lengths := r.get("transfer-encoding"), r.get("content-length")
	r.keep = keepsAlive(r, minor)
	var err error
	switch {
	case head || r.status == 204 || r.status == 304:
		return nil
	case r.has("transfer-encoding"):
		if !strings.EqualFold(coding, "chunked") || minor == 0 {
			return malformed("reply has a transfer coding that is not known")
		}
		if r.has("content-length") { // RFC 9112, section 6.3, 3: may be an attempt at response splitting
			r.keep = false
		}
		r.body, err = s.readChunks(limit)
	case r.has("content-length"):
		n, ok := parseLength(lengths)
		if !ok {
			return malformed("reply has an impossible length")
		}
		if n > int64(limit) {
			return malformed("reply is larger than allowed")
		}
		r.body, err = s.readLength(int(n))
	default:
		r.keep = false
		r.body, err = readAll(s.in, limit)
	}
	if err != nil {
		return err
	}
	return r.decompress(limit)
}

// keepsAlive tells whether the host keeps the connection open.
func keepsAlive(r *reply, minor int) bool {
	var words []string
	for w := range strings.SplitSeq(strings.ToLower(r.get("connection")), ",") {
		words = append(words, strings.TrimSpace(w))
	}
	if slices.Contains(words, "close") {
		return false
	}
	return minor == 1 || slices.Contains(words, "keep-alive")
}

// parseLength reads Content-Length. Repeated equal values are one, as RFC 9110, section 8.6 allows.
func parseLength(text string) (int64, bool) {
	first, rest, many := strings.Cut(text, ",")
	first = strings.TrimSpace(first)
	for many {
		var next string
		if next, rest, many = strings.Cut(rest, ","); strings.TrimSpace(next) != first {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(first, 10, 62)
	return int64(n), err == nil //nolint:gosec // 62 bits fit
}

// readLength reads n bytes; memory grows with what has come.
func (s *session) readLength(n int) ([]byte, error) {
	body := make([]byte, min(n, firstStep))
	if _, err := io.ReadFull(s.in, body); err != nil {
		return nil, brokenOff(err)
	}
	if n == len(body) {
		return body, nil
	}
	whole := make([]byte, n)
	if _, err := io.ReadFull(s.in, whole[copy(whole, body):]); err != nil {
		return nil, brokenOff(err)
	}
	return whole, nil
}

// brokenOff makes the end of a stream within a body an error of its own.
func brokenOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readChunks reads a chunked body and what follows it. Trailers are bounded and ignored.
func (s *session) readChunks(limit int) ([]byte, error) {
	body, err := readAll(httputil.NewChunkedReader(s.in), limit)
	if err != nil {
		return nil, err
	}
	for left := maxHead; ; {
		line, err := s.readLine(&left)
		if err != nil {
			return nil, brokenOff(err)
		}
		if len(line) == 0 {
			return body, nil
		}
	}
}

// readAll reads to the end, at most limit bytes.
func readAll(src io.Reader, limit int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(src, int64(limit)+1))
	switch {
	case len(body) > limit:
		return nil, malformed("reply is larger than allowed")
	case err != nil:
		return nil, err
	}
	return body, nil
}

// decompress undoes the content coding.
func (r *reply) decompress(limit int) error {
	switch coding := strings.ToLower(r.get("content-encoding")); coding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
	default:
		return malformed("reply has a content coding that is not known")
	}
	z, err := gzip.NewReader(bytes.NewReader(r.body))
	if err != nil {
		return malformed("reply is not compressed as it says")
	}
	body, err := readAll(z, limit)
	var bad *formError
	switch {
	case errors.As(err, &bad):
		return bad
	case err != nil:
		return malformed("reply is not compressed as it says")
	}
	r.body = body
	r.headers = slices.DeleteFunc(r.headers, func(f field) bool { return f.name == "content-encoding" || f.name == "content-length" })
	return nil
}
