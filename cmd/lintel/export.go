// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// exportCommand is the flags of lintel export.
type exportCommand struct {
	p      *program
	public bool
	out    string
	url    string
}

func newExport(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the contract or the requests of a workspace for other tools",
		Long: `Export writes what other tools take: openapi, the contract in one document; curl, commands that call every operation;
bruno and postman, collections of requests. The requests are those of tests/; an operation without
a test gets one that is made from the contract.
Exit code 0: fine; 2: wrong usage; 3: the workspace cannot be loaded, or a file cannot be written.`,
		Example: `  lintel export openapi --public --out api.yaml
  lintel export curl examples/bank
  lintel export bruno examples/bank --out bank-requests
  lintel export postman --url https://api.example.com --out bank.postman.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		exporter(p, "openapi", "The contract in one document, in YAML; in JSON with --output json or --out NAME.json",
			"  lintel export openapi --public --out api.yaml\n  lintel export openapi examples/bank --output json", (*exportCommand).openapi),
		exporter(p, "curl", "A curl command for every request",
			"  lintel export curl examples/bank\n  lintel export curl --url https://api.example.com", (*exportCommand).curl),
		exporter(p, "bruno", "A collection of requests for Bruno, as a folder",
			"  lintel export bruno examples/bank --out bank-requests", (*exportCommand).bruno),
		exporter(p, "postman", "A collection of requests for Postman (format v2.1)",
			"  lintel export postman examples/bank --out bank.postman.json", (*exportCommand).postman),
	)
	return cmd
}

func exporter(p *program, name, short, example string, run func(*exportCommand, *specs.Workspace) error) *cobra.Command {
	c := &exportCommand{p: p}
	cmd := &cobra.Command{
		Use:     name + " [DIR]",
		Short:   short,
		Example: example,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			u, err := url.Parse(c.url)
			if err != nil || u.Scheme == "" || u.Host == "" || u.RawQuery != "" {
				return usageError("--url must be scheme://host:port, not %q", c.url)
			}
			c.url = u.Scheme + "://" + u.Host
			ws, findings, err := p.load(dir)
			if err != nil {
				return err
			}
			if ws.Contract == nil || findings.HasErrors() {
				if err := printFindings(p.stderr, ws, findings); err != nil {
					return err
				}
				return &exitError{code: exitLoad, err: fmt.Errorf("the workspace %s has errors", dir)}
			}
			return run(c, ws)
		},
	}
	cmd.Flags().BoolVar(&c.public, "public", false, "only what callers may see: nothing that is x-internal, and no x- keys")
	cmd.Flags().StringVar(&c.out, "out", "", "`FILE` to write (a folder for bruno); standard output if not given")
	c.url = "http://127.0.0.1:8080"
	if name != "openapi" {
		cmd.Flags().StringVar(&c.url, "url", c.url, "`URL` of the gateway, without a path")
	}
	return cmd
}

// write writes a result to --out or standard output.
func (c *exportCommand) write(text []byte) error {
	if c.out == "" {
		_, err := c.p.stdout.Write(text)
		return err
	}
	if err := writeFile(c.out, text); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	_, err := fmt.Fprintf(c.p.stderr, "wrote %s\n", c.out)
	return err
}

func (c *exportCommand) openapi(ws *specs.Workspace) error {
	asJSON := c.p.output == "json" || strings.HasSuffix(c.out, ".json")
	if c.public {
		inJSON, inYAML, err := ws.Contract.Public(ws.FS)
		if err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		if asJSON {
			return c.write(append(bytes.TrimRight(inJSON, "\n"), '\n'))
		}
		return c.write(inYAML)
	}
	if !asJSON {
		return c.write(ws.Contract.Raw)
	}
	root, findings := specs.ParseYAML(ws.Contract.File, ws.Contract.Raw)
	if root == nil {
		return &exitError{code: exitLoad, err: findings}
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(root.JSON()), "", "  "); err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	b.WriteByte('\n')
	return c.write(b.Bytes())
}

func (c *exportCommand) curl(ws *specs.Workspace) error {
	list, err := c.requests(ws, c.url)
	if err != nil {
		return err
	}
	if c.p.output == "json" {
		type request struct {
			Operation string            `json:"operation"`
			Name      string            `json:"name"`
			Method    string            `json:"method"`
			URL       string            `json:"url"`
			Headers   map[string]string `json:"headers"`
			Body      string            `json:"body,omitempty"`
		}
		out := make([]request, len(list))
		for i, r := range list {
			headers := map[string]string{}
			for _, h := range r.headers {
				headers[h.name] = h.value(func(v string) string { return "$" + v })
			}
			out[i] = request{r.operation, r.name, r.method, r.url, headers, r.body}
		}
		return c.p.printJSON(map[string]any{"formatVersion": "1.0", "requests": out})
	}
	var b strings.Builder
	for i, r := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "# %s: %s\n%s\n", r.operation, r.name, r.curl())
	}
	return c.write([]byte(b.String()))
}

// curl is a command for a shell; secrets are variables of the environment.
func (r *exportedRequest) curl() string {
	parts := []string{"curl -sS -X " + r.method + " " + shellQuote(r.url)}
	for _, h := range r.headers {
		if h.secret == "" {
			parts = append(parts, "-H "+shellQuote(h.name+": "+h.text))
			continue
		}
		parts = append(parts, `-H "`+h.name+": "+h.value(func(v string) string { return "$" + v })+`"`)
	}
	if r.body != "" {
		parts = append(parts, "--data-binary "+shellQuote(r.body))
	}
	return strings.Join(parts, " \\\n  ")
}

// shellQuote makes one word of a text for a shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func (c *exportCommand) postman(ws *specs.Workspace) error {
	list, err := c.requests(ws, "{{baseUrl}}")
	if err != nil {
		return err
	}
	text, err := postmanCollection(ws.Contract.Title, c.url, list)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	return c.write(text)
}

func (c *exportCommand) bruno(ws *specs.Workspace) error {
	if c.out == "" {
		return usageError("a Bruno collection is a folder: name it with --out")
	}
	if entries, err := os.ReadDir(c.out); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(c.out, "bruno.json")); err != nil {
			return &exitError{code: exitLoad, err: fmt.Errorf("%s is not empty and no Bruno collection; nothing was written", c.out)}
		}
	}
	list, err := c.requests(ws, "{{baseUrl}}")
	if err != nil {
		return err
	}
	files, err := brunoCollection(ws.Contract.Title, c.url, list)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(c.out, filepath.FromSlash(f.name)), []byte(f.text)); err != nil {
			return &exitError{code: exitLoad, err: err}
		}
	}
	_, err = fmt.Fprintf(c.p.stderr, "wrote %s\n", c.out)
	return err
}
