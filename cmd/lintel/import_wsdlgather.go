// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"lintel/specs"
	"lintel/transforms/soap"
)

// gatherer brings a WSDL and all that it imports into one folder.
type gatherer struct {
	ctx   context.Context
	files fstest.MapFS
	// names are the files by where they came from.
	names   map[string]string
	catalog []string
	// known are the files of a catalog beside the WSDL, by URL.
	known map[string]string
	home  string
}

// maxDocument bounds a document that is fetched, in bytes; maxDocuments how many.
const (
	maxDocument  = 8 << 20
	maxDocuments = 200
)

// gather reads everything and returns the name of the WSDL.
func (g *gatherer) gather(source string) (string, error) {
	name, err := g.take(source, "wsdl/"+fileName(source, ".wsdl"))
	if err == nil && len(g.catalog) > 0 {
		slices.Sort(g.catalog)
		g.files["wsdl/catalog.xml"] = &fstest.MapFile{Data: []byte(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">` + "\n" +
			strings.Join(slices.Compact(g.catalog), "") + "</catalog>\n")}
	}
	return name, err
}

func isURL(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }

// fileName is the name of a file for a source.
func fileName(source, ext string) string {
	var base string
	if u, err := url.Parse(source); err == nil && isURL(source) {
		base = path.Base(u.Path)
		if u.RawQuery != "" && !strings.EqualFold(u.RawQuery, "wsdl") && !strings.EqualFold(u.RawQuery, "singleWsdl") {
			base += "-" + u.RawQuery
		}
	} else {
		base = filepath.Base(source)
	}
	base = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '-'
	}, base)
	if base == "" || base == "." || base == "-" {
		base = "service"
	}
	if e := path.Ext(base); e != ".wsdl" && e != ".xsd" {
		base += ext
	}
	return base
}

// take reads one document and those it names.
func (g *gatherer) take(source, name string) (string, error) {
	if known, ok := g.names[source]; ok {
		return known, nil
	}
	if len(g.files) >= maxDocuments {
		return "", fmt.Errorf("more than %d documents are imported", maxDocuments)
	}
	for i := 2; g.files[name] != nil; i++ {
		ext := path.Ext(name)
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
	src, err := g.fetch(source)
	if err != nil {
		return "", err
	}
	g.names[source], g.files[name] = name, &fstest.MapFile{Data: src}
	locations, fault := soap.Locations(name, src)
	if fault != nil {
		fault.Pos.File = source
		return "", specs.Findings{*fault}
	}
	for _, location := range locations {
		if err := g.follow(source, name, location); err != nil {
			return "", err
		}
	}
	return name, nil
}

// follow takes a document that another names. One with a plain relative name keeps it; others get a name
// of their own, and the catalog says which.
func (g *gatherer) follow(source, name, location string) error {
	target := location
	switch {
	case g.known[location] != "":
		target = filepath.Join(g.home, filepath.FromSlash(g.known[location]))
	case isURL(location):
	case isURL(source):
		base, err := url.Parse(source)
		if err != nil {
			return fmt.Errorf("%s: not a URL", source)
		}
		ref, err := base.Parse(location)
		if err != nil {
			return fmt.Errorf("%s names %q, which is no URL", source, location)
		}
		target = ref.String()
	default:
		target = filepath.Join(filepath.Dir(source), filepath.FromSlash(location))
	}
	want := path.Join(path.Dir(name), location)
	plain := !isURL(location) && !strings.ContainsAny(location, "?*:\\") && strings.HasPrefix(want, "wsdl/")
	if !plain {
		want = "wsdl/" + fileName(target, ".xsd")
	}
	got, err := g.take(target, want)
	if err != nil {
		return err
	}
	if got != path.Join(path.Dir(name), location) {
		g.catalog = append(g.catalog, fmt.Sprintf("  <uri name=%q uri=%q/>\n", strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(location), strings.TrimPrefix(got, "wsdl/")))
	}
	return nil
}

// fetch reads a file, or a document over HTTP.
func (g *gatherer) fetch(source string) ([]byte, error) {
	if !isURL(source) {
		info, err := os.Stat(source)
		if err == nil && info.Size() > maxDocument {
			return nil, fmt.Errorf("%s has more than %d bytes", source, maxDocument)
		}
		src, err := os.ReadFile(source) //nolint:gosec // the user names it
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", source, err)
		}
		return src, nil
	}
	ctx, cancel := context.WithTimeout(g.ctx, 30*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: not a URL", source)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be fetched: %w", source, err)
	}
	defer func() { _ = r.Body.Close() }()
	src, err := io.ReadAll(io.LimitReader(r.Body, maxDocument+1))
	if err != nil || r.StatusCode != http.StatusOK || len(src) > maxDocument {
		return nil, fmt.Errorf("%s cannot be fetched: status %d, %d bytes", source, r.StatusCode, len(src))
	}
	return src, nil
}
