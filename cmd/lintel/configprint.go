// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"lintel/specs"
)

func newConfig(p *program) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show the configuration of a workspace", Example: "  lintel config print examples/bank --origin"}
	var origin bool
	show := &cobra.Command{
		Use: "print [DIR]", Short: "Print every value of lintel.yaml that counts, defaults included",
		Long: `Print shows every value of lintel.yaml that counts, defaults included, one a line. With --origin
it adds where each came from. Values from the environment and from files are never printed.
With --admin it asks a running gateway instead of reading a folder.`,
		Example: "  lintel config print --origin examples/bank\n  lintel config print --origin --admin 127.0.0.1:9901",
		Args:    cobra.MaximumNArgs(1),
	}
	c := adminFlags(p, show)
	show.Flags().BoolVar(&origin, "origin", false, "show where each value came from")
	show.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := c.settings(cmd, args)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return writeJSON(p.stdout, report)
		}
		return report.print(p.stdout, origin)
	}
	cmd.AddCommand(show)
	return cmd
}

// configReport is the configuration as JSON, the same as GET /config of the admin port.
type configReport struct {
	FormatVersion string          `json:"formatVersion"`
	Digest        string          `json:"digest"`
	Settings      []settingReport `json:"settings"`
}

type settingReport struct {
	Path   string  `json:"path"`
	Value  *string `json:"value"`
	Origin string  `json:"origin"`
}

// settings asks the gateway that --admin names, or reads the folder.
func (c *adminClient) settings(cmd *cobra.Command, args []string) (*configReport, error) {
	report := &configReport{FormatVersion: "1.0", Settings: []settingReport{}}
	if cmd.Flags().Changed("admin") {
		if len(args) > 0 {
			return nil, fmt.Errorf("name a folder or --admin, not both")
		}
		_, err := c.get(cmd.Context(), "GET", "/config", report)
		return report, err
	}
	dir := "."
	if len(args) == 1 {
		dir = args[0]
	}
	ws, findings, err := c.p.load(dir)
	if err != nil {
		return nil, err
	}
	if ws == nil || ws.Config == nil || len(ws.Config.Settings) == 0 {
		if err := printFindings(c.p.stderr, ws, findings); err != nil {
			return nil, err
		}
		return nil, &exitError{code: exitLoad, err: fmt.Errorf("%s has no lintel.yaml that can be read", dir)}
	}
	report.Digest = digest(dir)
	for _, s := range ws.Config.Settings {
		report.Settings = append(report.Settings, reportOf(s))
	}
	return report, nil
}

func reportOf(s specs.Setting) settingReport {
	out := settingReport{Path: s.Path, Origin: s.Origin}
	if !s.Hidden {
		out.Value = &s.Value
	}
	return out
}

func (r *configReport) print(w io.Writer, origin bool) error {
	if _, err := fmt.Fprintf(w, "# digest %s\n", r.Digest); err != nil {
		return err
	}
	for _, s := range r.Settings {
		value := "(not shown)"
		if s.Value != nil {
			value = *s.Value
			if strings.ContainsFunc(value, unicode.IsControl) {
				value = strconv.Quote(value)
			}
		}
		line := s.Path + ": " + value
		if origin {
			line += "    # " + s.Origin
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
