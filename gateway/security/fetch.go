// SPDX-License-Identifier: Apache-2.0

package security

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// fetchTimeout bounds one request to an issuer.
const fetchTimeout = 5 * time.Second

// fetcher loads the keys of one issuer.
type fetcher struct {
	client *http.Client
	issuer string
	// jwks is the URL of the keys; empty means that discovery tells it.
	jwks string
}

// newFetcher makes a client that goes where it is told and nowhere else: no proxy, no redirects,
// no cookies, no kept connections. roots may be nil for those of the system.
func newFetcher(issuer, jwks string, roots *x509.CertPool) *fetcher {
	return &fetcher{
		issuer: issuer, jwks: jwks,
		client: &http.Client{
			Timeout: fetchTimeout,
			Transport: &http.Transport{
				TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
				TLSHandshakeTimeout: fetchTimeout, ResponseHeaderTimeout: fetchTimeout,
				DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// load fetches the keys, by way of discovery where their URL is not configured. Discovery is asked
// every time: an issuer may move its keys.
func (f *fetcher) load(ctx context.Context) (*keySet, error) {
	from := f.jwks
	if from == "" {
		var err error
		if from, err = f.discover(ctx); err != nil {
			return nil, err
		}
	}
	doc, err := f.get(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return parseKeySet(doc)
}

// discover reads the metadata of the issuer (OpenID Connect Discovery 1.0, 4).
func (f *fetcher) discover(ctx context.Context) (string, error) {
	doc, err := f.get(ctx, strings.TrimSuffix(f.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	var meta struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(doc, &meta); err != nil {
		return "", errors.New("discovery: answer is not JSON of the right form")
	}
	if meta.Issuer != f.issuer {
		return "", errors.New("discovery: answer is that of another issuer")
	}
	u, err := url.Parse(meta.JWKS)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", errors.New("discovery: jwks_uri is no https URL")
	}
	return meta.JWKS, nil
}

// get fetches one document of at most maxKeySet bytes.
func (f *fetcher) get(ctx context.Context, from string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, errors.New("URL cannot be used")
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json")
	resp, err := f.client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the URL, which may come from a reference
		}
		return nil, fmt.Errorf("request failed: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	doc, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet+1))
	if err != nil {
		return nil, errors.New("answer was cut off")
	}
	if len(doc) > maxKeySet {
		return nil, errors.New("answer is too large")
	}
	return doc, nil
}
