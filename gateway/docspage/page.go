// SPDX-License-Identifier: Apache-2.0

package docspage

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"strings"

	"github.com/swaggest/swgui/v5/static"

	"lintel/gateway"
)

// policy allows the files of the page and calls to the API; styles stand in elements, as the library writes them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.}}</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
<noscript>This page needs JavaScript. The contract itself is at <a href="../openapi.json">openapi.json</a>.</noscript>
<div id="docs"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`

// start shows the contract that is served beside the page. Nothing is asked of anybody else, and
// credentials are forgotten with the page.
const start = `"use strict";
window.ui = SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`

// Documents are the page at /docs/ and its files.
func Documents(title string) ([]gateway.Document, error) {
	var html bytes.Buffer
	if err := template.Must(template.New("page").Parse(page)).Execute(&html, title); err != nil {
		return nil, fmt.Errorf("docs page: %w", err)
	}
	out := []gateway.Document{
		{Path: "/docs", Redirect: "docs/"},
		{Path: "/docs/", Type: "text/html; charset=utf-8", Body: html.Bytes(), Policy: policy},
		{Path: "/docs/start.js", Type: "text/javascript; charset=utf-8", Body: []byte(start)},
	}
	for _, f := range []struct{ name, typ string }{
		{"swagger-ui.css.gz", "text/css; charset=utf-8"},
		{"swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
		{"favicon-32x32.png", "image/png"},
	} {
		data, err := fs.ReadFile(static.FS, f.name)
		if err != nil {
			return nil, fmt.Errorf("docs page: %w", err)
		}
		d := gateway.Document{Type: f.typ, Body: data}
		name, packed := strings.CutSuffix(f.name, ".gz")
		if packed {
			d.Body, d.GzipBody = nil, data
		}
		d.Path = "/docs/" + name
		out = append(out, d)
	}
	return out, nil
}
